/**
 * One entry of the type tree, `:n.type.NAME`: `{?code, ?schema, ?lang, good, bad}`. Without code and schema it checks nothing.
 *
 * Source: `spec/client-protocol.md` 6.1.
 *
 * @module
 */

import { encode } from "../../../wire/msgpack/encoder.ts";
import type { Value } from "../../../wire/value.ts";
import { fieldsOf } from "../record.ts";
import type { Program } from "../sandbox/program.ts";
import { type Runner, StoredProgram } from "../stored_program.ts";

/** What a type's record says. */
export class TypeNode {
  /** What it checks; undefined: nothing. */
  readonly program: StoredProgram | undefined;
  readonly #fault: string | undefined;

  /**
   * @param name Its path below `:n.type`, printed
   * @param record Its value, encoded
   */
  constructor(runner: Runner, readonly name: string, readonly record: Uint8Array, value: Value) {
    const program = programOf(name, value);
    if (typeof program === "string") this.#fault = program;
    else if (program !== undefined) this.program = new StoredProgram(runner, program);
  }

  /** Why it is inactive; undefined: it is not, as far as is known. */
  get reason(): string | undefined {
    return this.#fault ?? this.program?.reason;
  }
}

/** What is to run for a record; undefined: nothing; a text: what is wrong with it. */
export function programOf(name: string, value: Value): Program | string | undefined {
  const fields = fieldsOf(value);
  if (fields === undefined) return "A type must be a mapping";
  const code = fields.get("code") ?? undefined;
  const schema = fields.get("schema") ?? undefined;
  const lang = fields.get("lang") ?? "python";
  if (code !== undefined && typeof code !== "string") return "'code' must be a text";
  if (lang !== "python" && lang !== "js") return "'lang' must be 'python' or 'js'";
  if (code === undefined && schema === undefined) return undefined;
  const encoded = schema === undefined ? undefined : encode(schema);
  return { lang, code, schema: encoded, purpose: "check", name: `type ${name}` };
}
