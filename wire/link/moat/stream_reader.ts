/**
 * MoaT-micro's two ways to find messages in a stream without frames, and the text between them.
 *
 * | mode | message | text |
 * | --- | --- | --- |
 * | P | a lead-in byte, then one msgpack object | every byte outside a message that is not the lead-in |
 * | R | one msgpack object | an object that is an integer: one character |
 *
 * Neither has a length or a checksum: they are for lines that lose nothing. What is no msgpack costs one byte and counts.
 *
 * Source: `spec/wire.md` 3.
 *
 * @module
 */

import { ProtocolError } from "../../errors.ts";
import { decode } from "../../msgpack/decoder.ts";
import { skip } from "../../msgpack/skip.ts";
import type { Value } from "../../value.ts";

/** Where the parts of the stream go. */
export interface StreamSink {
  /** A message. */
  message(value: Value): void;
  /** Bytes of text. */
  console(bytes: Uint8Array): void;
}

/** The most bytes of one message: MoaT-micro's satellites are small. */
const messageBytesMax = 64 * 1024;

/** Takes a stream in mode P or R apart. */
export class MoatStreamReader {
  /** Bytes that were neither a message nor text. */
  badBytes = 0;
  readonly #sink: StreamSink;
  readonly #leadIn: number | undefined;
  #held: Uint8Array = new Uint8Array(0);

  /** @param leadIn The byte in front of each message (mode P, `0x85`); undefined: mode R */
  constructor(sink: StreamSink, leadIn: number | undefined) {
    this.#sink = sink;
    this.#leadIn = leadIn;
  }

  /** Takes bytes. */
  push(bytes: Uint8Array): void {
    const all = new Uint8Array(this.#held.length + bytes.length);
    all.set(this.#held);
    all.set(bytes, this.#held.length);
    const end = this.#leadIn === undefined ? this.#scanBare(all) : this.#scanLed(all, this.#leadIn);
    this.#held = all.slice(end);
  }

  /** Mode P. Returns where the message that is not complete yet begins. */
  #scanLed(all: Uint8Array, leadIn: number): number {
    for (let at = 0; at < all.length;) {
      const start = all.indexOf(leadIn, at);
      if (start !== at) this.#text(all.subarray(at, start < 0 ? all.length : start));
      if (start < 0) return all.length;
      const end = this.#end(all, start + 1);
      if (end < 0) return start;
      if (end === start + 1) this.#bad(1);
      else this.#message(all, start + 1, end);
      at = end;
    }
    return all.length;
  }

  /** Mode R. */
  #scanBare(all: Uint8Array): number {
    for (let at = 0; at < all.length;) {
      const end = this.#end(all, at);
      if (end < 0) return at;
      if (end === at) {
        this.#bad(1);
        at++;
        continue;
      }
      if (all[at] < 0x80) this.#text(all.subarray(at, end));
      else this.#message(all, at, end);
      at = end;
    }
    return all.length;
  }

  /** Behind the object that begins at `start`; −1: it is not complete; `start`: it is none. */
  #end(all: Uint8Array, start: number): number {
    if (start >= all.length) return -1;
    try {
      const end = skip(all, start, all.length);
      if (end < 0 && all.length - start > messageBytesMax) return start;
      return end;
    } catch (error) {
      if (error instanceof ProtocolError) return start;
      throw error;
    }
  }

  #message(all: Uint8Array, start: number, end: number): void {
    const value = decode(all, start, end);
    if (typeof value === "object" && value !== null) this.#sink.message(value);
    else this.#bad(end - start);
  }

  #text(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#sink.console(bytes);
  }

  #bad(count: number): void {
    this.badBytes += count;
  }
}
