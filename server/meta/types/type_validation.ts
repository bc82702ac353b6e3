/**
 * What a client may store as a type: it has to compile, and to tell its examples apart; all of them have to pass the types
 * above it. Everything is tried in the order of the table.
 *
 * | wrong | `error` |
 * | --- | --- |
 * | at the top, which has no value | `ValueError("This node can't have data.")` |
 * | the code does not compile | `SyntaxError('invalid syntax', …)` |
 * | less than two good examples, no bad one | `RuntimeError('Must have check-good values')`, `…check-bad…` |
 * | `good` or `bad` is missing | `AttributeError('good')` |
 * | an example fails a type above | that type's own error |
 * | a good example fails, or the schema is none | `ValueError("failed on good value 1000: ValueError('too much')")` |
 * | a bad example does not fail | `ValueError('did not fail on 50')` |
 *
 * Source: `spec/client-protocol.md` 6.1.
 *
 * @module
 */

import { decode } from "../../../wire/msgpack/decoder.ts";
import { encode } from "../../../wire/msgpack/encoder.ts";
import { type ElementKey, elementOf } from "../../../wire/path/keys.ts";
import { Path } from "../../../wire/path/path.ts";
import { Refusal } from "../../../wire/refusal.ts";
import { quote, repr } from "../../../wire/repr.ts";
import type { Value } from "../../../wire/value.ts";
import { type Fields, fieldsOf } from "../record.ts";
import { SandboxError } from "../sandbox/sandbox_error.ts";
import { isRejection, pythonError, refusalOf } from "../stored_error.ts";
import { StoredProgram } from "../stored_program.ts";
import type { TypeChecks } from "./type_checks.ts";
import { programOf, type TypeNode } from "./type_node.ts";

/** Refuses a type that makes no sense. @throws {RequestError} If it does not */
export async function validateType(
  types: TypeChecks,
  record: Uint8Array,
  keys: readonly ElementKey[],
): Promise<undefined> {
  if (keys.length === 2) throw pythonError("value", "ValueError", "This node can't have data.");
  const path = Path.of(...keys.slice(2).map(elementOf));
  const value = decode(record);
  const program = programOf(String(path), value);
  if (program === undefined) return;
  if (typeof program === "string") throw pythonError("type", "ValueError", program);
  const trial = new Trial(types, String(path), new StoredProgram(types.runner, program), types.above(path));
  try {
    await trial.run(fieldsOf(value)!);
  } finally {
    trial.program.release();
  }
}

/** Tries a type on its examples. */
class Trial {
  constructor(
    readonly types: TypeChecks,
    readonly name: string,
    readonly program: StoredProgram,
    readonly above: readonly TypeNode[],
  ) {}

  async run(fields: Fields): Promise<void> {
    const brokenSchema = await this.#compile();
    const good = examples(fields, "good", 2);
    const bad = examples(fields, "bad", 1);
    for (const value of good) {
      await this.#passAbove(value);
      const reason = brokenSchema ?? await this.#failure(value);
      if (reason !== undefined) {
        throw pythonError("type", "ValueError", `failed on good value ${repr(value)}: ${reason}`);
      }
    }
    for (const value of bad) {
      await this.#passAbove(value);
      if (await this.#failure(value) === undefined) {
        throw pythonError("type", "ValueError", `did not fail on ${repr(value)}`);
      }
    }
  }

  /** Compiles it; a schema that is none is an error of the first example, as in the original. */
  async #compile(): Promise<string | undefined> {
    try {
      await this.program.compile();
    } catch (error) {
      if (!(error instanceof SandboxError)) throw error;
      if (error.kind !== "syntax") throw refusalOf(error, "type", `The type ${this.name}`);
      if (error.exception !== "SyntaxError" && this.program.program.schema !== undefined) return error.text;
      throw new Refusal("type", error.text, error.text, { cause: error });
    }
  }

  #passAbove(value: Value): Promise<void> {
    return this.types.checkAll(this.above, undefined, encode(value));
  }

  /** Why it fails a value; undefined: it does not. The original does not tell, and leaves the author guessing. */
  async #failure(value: Value): Promise<string | undefined> {
    try {
      await this.program.check(encode(value));
      return undefined;
    } catch (error) {
      if (error instanceof SandboxError && isRejection(error)) return error.text;
      throw refusalOf(error, "type", `On the example ${repr(value)} the type ${this.name}`);
    }
  }
}

function examples(fields: Fields, name: "good" | "bad", min: number): readonly Value[] {
  const values = fields.get(name);
  if (values === undefined) {
    throw new Refusal("type", `The field '${name}' is missing`, `AttributeError(${quote(name)})`);
  }
  if (!Array.isArray(values) || values.length < min) {
    throw pythonError("type", "RuntimeError", `Must have check-${name} values`);
  }
  return values;
}
