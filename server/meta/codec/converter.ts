/**
 * Converts the values at the paths that one pattern of a group fits.
 *
 * If its codec is inactive nothing can be written through it, because nobody knows what would have to be stored.
 *
 * Source: `spec/client-protocol.md` 6.4.
 *
 * @module
 */

import type { Path } from "../../../wire/path/path.ts";
import { SandboxError } from "../sandbox/sandbox_error.ts";
import { pythonError, refusalOf } from "../stored_error.ts";
import { contextOf, pathOf, type Target } from "../target.ts";
import type { CodecNode, Direction } from "./codec_node.ts";

/** Where a converter finds its codec. */
interface CodecSource {
  codec(path: Path): CodecNode | undefined;
}

/** Converts values. */
export class Converter {
  readonly #codecs: CodecSource;

  /**
   * @param pattern Its path below `:n.conv`, printed: the group, then the pattern
   * @param record Its value, encoded
   * @param codec The codec's path; undefined if the record names none
   */
  constructor(
    codecs: CodecSource,
    readonly pattern: string,
    readonly record: Uint8Array,
    readonly codec: Path | undefined,
  ) {
    this.#codecs = codecs;
  }

  /** Why it converts nothing; undefined: it does, as far as is known. */
  get fault(): string | undefined {
    if (this.codec === undefined) return "it names no codec";
    const node = this.#codecs.codec(this.codec);
    return node === undefined ? `there is no codec ${this.codec}` : node.fault;
  }

  /** Whether what it stores depends on what is there. */
  get wantsEntry(): boolean {
    return this.codec !== undefined && (this.#codecs.codec(this.codec)?.decode?.wantsEntry ?? false);
  }

  /** What is to be stored for a client's value. @throws {RequestError} If it cannot be converted */
  decode(value: Uint8Array, target: Target): Promise<Uint8Array> {
    return this.#convert("decode", value, target);
  }

  /** What a client is to see of a stored value. @throws {RequestError} If it cannot be converted */
  encode(value: Uint8Array, target: Target): Promise<Uint8Array> {
    return this.#convert("encode", value, target);
  }

  #convert(direction: Direction, value: Uint8Array, target: Target): Promise<Uint8Array> {
    const node = this.codec && this.#codecs.codec(this.codec);
    if (node === undefined || node.fault !== undefined) return Promise.reject(this.#inactive(target));
    const program = node[direction];
    if (program === undefined) return Promise.resolve(value);
    const context = contextOf(program, target, () => ({ data: node.record, conv: this.record }));
    return program.convert(value, context).catch((error) => {
      program.failed(error);
      // In the original code need not care for None.
      if (value.length === 1 && value[0] === 0xc0 && error instanceof SandboxError && error.exception === "TypeError") {
        return value;
      }
      throw refusalOf(error, "value", `Cannot ${direction} ${pathOf(target)}: its codec ${node.name}`);
    });
  }

  #inactive(target: Target): Error {
    const text = `Cannot convert ${pathOf(target)}: its converter ${this.pattern} is inactive: ${this.fault}`;
    return pythonError("value", "RuntimeError", text);
  }
}
