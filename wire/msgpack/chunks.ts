/**
 * Bytes from a socket, in pieces of any size, to whole messages.
 *
 * @module
 */

import { ProtocolError } from "../errors.ts";
import { messageBytesMax } from "../limits.ts";
import { Walker } from "./walker.ts";

/** What a read is offered at least. */
const readBytes = 64 * 1024;

/**
 * Finds the messages in a stream of bytes.
 *
 * @example
 * ```ts
 * import { decode, MessageReader } from "@moat/kv/wire";
 *
 * const reader = new MessageReader();
 * reader.push(Uint8Array.of(0x92, 1, 2, 0x93));
 * while (reader.next()) console.log(decode(reader.bytes, reader.start, reader.end)); // [1, 2]
 * reader.pendingBytes; // 1
 * ```
 */
export class MessageReader {
  /** The buffer in which the current message is. It is valid until the next `writable()` or `push()`. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the current message begins. */
  start = 0;
  /** Where the current message ends. */
  end = 0;
  readonly #max: number;
  readonly #walker = new Walker();
  /** Behind the last byte received. */
  #filled = 0;

  /** @param max The longest message that is accepted, in bytes */
  constructor(max: number = messageBytesMax) {
    this.#max = max;
    this.#walker.begin(0);
  }

  /** Bytes received behind the current message. */
  get pendingBytes(): number {
    return this.#filled - this.end;
  }

  /** Room for at least `minBytes`, to read into. Then call {@linkcode MessageReader.advance}. */
  writable(minBytes: number = readBytes): Uint8Array {
    if (this.end > 0) this.#discard();
    if (this.bytes.length - this.#filled < minBytes) this.#grow(minBytes);
    return this.bytes.subarray(this.#filled);
  }

  /** Tells that `n` bytes were read into the last {@linkcode MessageReader.writable}. */
  advance(n: number): void {
    this.#filled += n;
  }

  /** Takes a copy of `chunk`. */
  push(chunk: Uint8Array): void {
    this.writable(chunk.length).set(chunk);
    this.#filled += chunk.length;
  }

  /**
   * Goes to the next message. False if it is not complete yet.
   * @throws {ProtocolError} If it is malformed, or too long; the offset counts from the start of the message
   */
  next(): boolean {
    const walker = this.#walker;
    const start = this.end;
    if (this.#filled < walker.atLeast || !walker.walk(this.bytes, this.#filled, start)) return this.#wait();
    this.start = start;
    this.end = walker.at;
    this.#checkLength(this.end);
    walker.begin(this.end);
    return true;
  }

  #wait(): false {
    this.#checkLength(this.#walker.atLeast);
    return false;
  }

  #checkLength(end: number): void {
    if (end - this.end > this.#max && end - this.start > this.#max) {
      throw new ProtocolError(`A message is longer than ${this.#max} bytes`, this.#max);
    }
  }

  /** Moves what is pending to the front. */
  #discard(): void {
    this.bytes.copyWithin(0, this.end, this.#filled);
    this.#walker.move(-this.end);
    this.#filled -= this.end;
    this.start = this.end = 0;
  }

  #grow(minBytes: number): void {
    const bytes = new Uint8Array(Math.max(this.#filled + minBytes, Math.min(2 * this.bytes.length, this.#max)));
    bytes.set(this.bytes.subarray(0, this.#filled));
    this.bytes = bytes;
  }
}
