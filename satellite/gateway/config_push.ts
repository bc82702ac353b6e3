/**
 * Brings a configuration onto a satellite: `sat.NAME._cfg` is what is wanted, `sat.NAME._cfg._now` what the satellite has.
 *
 * @module
 */

import { codes, encodeMessage } from "../../wire/link/messages.ts";
import { sameBytes } from "../../wire/link/signature.ts";
import { encode } from "../../wire/msgpack/encoder.ts";
import type { Value } from "../../wire/value.ts";
import { sumOf } from "./manifest.ts";

/** Bytes of a part: with its message and signature it fits a frame. */
const partBytes = 80;

/** The most bytes of a configuration: a board has to hold it. */
const configBytesMax = 4096;

/** The configuration of one satellite. */
export class ConfigPush {
  readonly #tell: (now: Value) => void;
  #bytes: Uint8Array | undefined;
  #hash: Uint8Array | undefined;
  /** The hash that the satellite has answered. */
  #answered: Uint8Array | undefined;
  #part = 0;
  #isDue = false;

  constructor(tell: (now: Value) => void) {
    this.#tell = tell;
  }

  /** Something else is wanted; undefined: whatever it has is fine. */
  changed(value: Value | undefined): void {
    this.#bytes = value === undefined ? undefined : encode(value);
    this.#isDue = false;
    if (this.#bytes === undefined) return;
    this.#hash = sumOf(this.#bytes);
    if (this.#bytes.length > configBytesMax) return this.#say(false, `it has more than ${configBytesMax} bytes`);
    this.#begin();
  }

  /** A session begins: it is said again unless the satellite has it. */
  reset(): void {
    if (this.#bytes !== undefined && this.#bytes.length <= configBytesMax && !this.#isAnswered) this.#begin();
  }

  /** The next part. */
  next(bytesMax: number): Uint8Array | undefined {
    if (!this.#isDue || this.#bytes === undefined) return undefined;
    const start = this.#part * partBytes;
    const data = start < this.#bytes.length ? this.#bytes.subarray(start, start + partBytes) : null;
    const message = encodeMessage(codes.config, [this.#hash!, this.#part, data], 3);
    if (message.length > bytesMax) return undefined;
    this.#part++;
    if (data === null) this.#isDue = false;
    return message;
  }

  /** The satellite's answer. */
  answer([hash, isTaken, text]: readonly Value[]): void {
    if (!(hash instanceof Uint8Array) || this.#hash === undefined || !sameBytes(hash, this.#hash)) return;
    this.#answered = hash;
    this.#isDue = false;
    this.#say(isTaken === true, typeof text === "string" ? text : undefined);
  }

  get #isAnswered(): boolean {
    return this.#answered !== undefined && this.#hash !== undefined && sameBytes(this.#answered, this.#hash);
  }

  #begin(): void {
    this.#part = 0;
    this.#isDue = true;
    this.#answered = undefined;
  }

  #say(isTaken: boolean, error?: string): void {
    this.#tell({ hash: this.#hash ?? null, ok: isTaken, ...(error === undefined ? {} : { err: error }) });
  }
}
