/**
 * One entry of the codec tree, `:n.codec.NAME`: `{?encode, ?decode, ?lang, in, out}`. `decode` makes what is stored of what a
 * client sends, `encode` the other way round; without one of them values pass unchanged in that direction.
 *
 * Source: `spec/client-protocol.md` 6.3.
 *
 * @module
 */

import type { Value } from "../../../wire/value.ts";
import { fieldsOf } from "../record.ts";
import type { Program } from "../sandbox/program.ts";
import { type Runner, StoredProgram } from "../stored_program.ts";

/** The two directions. */
export type Direction = "decode" | "encode";

/** What a codec's record says. */
export class CodecNode {
  readonly decode: StoredProgram | undefined;
  readonly encode: StoredProgram | undefined;
  readonly #fault: string | undefined;

  /**
   * @param name Its path below `:n.codec`, printed
   * @param record Its value, encoded
   */
  constructor(runner: Runner, readonly name: string, readonly record: Uint8Array, value: Value) {
    const decode = directionOf(name, value, "decode");
    const encode = directionOf(name, value, "encode");
    if (typeof decode === "string") this.#fault = decode;
    else if (typeof encode === "string") this.#fault = encode;
    else {
      this.decode = decode && new StoredProgram(runner, decode);
      this.encode = encode && new StoredProgram(runner, encode);
    }
  }

  /** Why it is inactive; undefined: it is not, as far as is known. */
  get reason(): string | undefined {
    return this.#fault ?? this.decode?.reason ?? this.encode?.reason;
  }

  /** Nobody uses it any more. */
  release(): void {
    this.decode?.release();
    this.encode?.release();
  }

  /** Why it is inactive whatever the direction. */
  get fault(): string | undefined {
    return this.#fault;
  }
}

/** What is to run for one direction; undefined: nothing; a text: what is wrong with the record. */
export function directionOf(name: string, value: Value, direction: Direction): Program | string | undefined {
  const fields = fieldsOf(value);
  if (fields === undefined) return "A codec must be a mapping";
  const code = fields.get(direction) ?? undefined;
  const lang = fields.get("lang") ?? "python";
  if (lang !== "python" && lang !== "js") return "'lang' must be 'python' or 'js'";
  if (code === undefined) return undefined;
  if (typeof code !== "string") return `'${direction}' must be a text`;
  return { lang, code, schema: undefined, purpose: "convert", name: `${direction}r of codec ${name}` };
}
