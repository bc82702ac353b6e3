/**
 * Bytes from a socket, in pieces of any size, to whole messages.
 *
 * @module
 */

import { ProtocolError } from "../errors.ts";
import { messageBytesMax } from "../limits.ts";
import { Walker } from "./walker.ts";

/** Room offered for one read: little at first, doubled whenever a read fills it. */
const readBytesMin = 4 * 1024;
const readBytesMax = 64 * 1024;

/** A buffer that grew beyond this is given back when it is empty. */
const keptBytesMax = 1024 * 1024;

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
  #readBytes = readBytesMin;

  /**
   * A reader that has got nothing yet.
   * @param max The longest message that is accepted, in bytes
   */
  constructor(max: number = messageBytesMax) {
    this.#max = max;
    this.#walker.begin(0);
  }

  /** Bytes received behind the current message. */
  get pendingBytes(): number {
    return this.#filled - this.end;
  }

  /** Room to read into, at least `minBytes`. Then call {@linkcode MessageReader.advance}. */
  writable(minBytes: number = this.#readBytes): Uint8Array {
    if (this.end > 0) this.#discard();
    if (this.bytes.length - this.#filled < minBytes) this.#grow(this.#filled + minBytes);
    return this.bytes.subarray(this.#filled);
  }

  /** Tells that `n` bytes were read into what {@linkcode MessageReader.writable} returned. */
  advance(n: number): void {
    this.#filled += n;
    if (this.#filled === this.bytes.length) this.#readBytes = Math.min(2 * this.#readBytes, readBytesMax);
  }

  /** Takes a copy of `chunk`. */
  push(chunk: Uint8Array): void {
    this.writable(chunk.length).set(chunk);
    this.#filled += chunk.length;
  }

  /**
   * Goes to the next message. False if it is not complete yet.
   * @throws {ProtocolError} If it is malformed or too long; the offset counts from the start of the message
   */
  next(): boolean {
    const walker = this.#walker;
    const start = this.end;
    const isWhole = this.#filled >= walker.atLeast && walker.walk(this.bytes, this.#filled, start);
    const end = isWhole ? walker.at : walker.atLeast;
    if (end - start > this.#max) throw new ProtocolError(`A message is longer than ${this.#max} bytes`, this.#max);
    if (!isWhole) return false;
    this.start = start;
    this.end = end;
    walker.begin(end);
    return true;
  }

  /**
   * Where the bytes received end, if the next message may be looked for by other means, from {@linkcode MessageReader.end}
   * on; then {@linkcode MessageReader.accept} goes to it. −1 while a message is partly here: only `next()` goes on.
   */
  get openEnd(): number {
    const { at, atLeast } = this.#walker;
    return at === this.end && atLeast === this.end + 1 ? this.#filled : -1;
  }

  /** Goes to the next message, which was found to be well-formed and to end at `end`. */
  accept(end: number): void {
    this.start = this.end;
    this.end = end;
    this.#walker.begin(end);
  }

  /** Moves what is pending to the front. */
  #discard(): void {
    if (this.#filled > this.end) this.bytes.copyWithin(0, this.end, this.#filled);
    else if (this.bytes.length > keptBytesMax) this.bytes = new Uint8Array(0);
    this.#walker.move(-this.end);
    this.#filled -= this.end;
    this.start = this.end = 0;
  }

  #grow(needed: number): void {
    const bytes = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
    bytes.set(this.bytes.subarray(0, this.#filled));
    this.bytes = bytes;
  }
}
