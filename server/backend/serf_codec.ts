/**
 * The messages of a Serf agent's RPC. Its msgpack is that of 2012: texts and bytes are one type, "raw", which today's
 * texts were made of; so what it sends need not be UTF-8, and it does not know today's types for short texts and bytes.
 *
 * | to the agent | `{Seq, Command}`, then the command's parameters if it has any |
 * | from it | `{Seq, Error}`, then an event if a stream has that number |
 *
 * @module
 */

/** What the agent sends. Texts are bytes. */
export type SerfValue = null | boolean | number | Uint8Array | readonly SerfValue[] | ReadonlyMap<string, SerfValue>;

/** What is sent to it. */
export type SerfParameter = number | boolean | string | Uint8Array;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Encodes a map of parameters. */
export function encodeSerf(fields: { readonly [key: string]: SerfParameter }): Uint8Array {
  const out: number[] = [0x80 | Object.keys(fields).length];
  for (const [key, value] of Object.entries(fields)) {
    raw(out, encoder.encode(key));
    if (typeof value === "boolean") out.push(value ? 0xc3 : 0xc2);
    else if (typeof value === "number") {
      out.push(0xce, value >>> 24, value >>> 16 & 255, value >>> 8 & 255, value & 255);
    } else raw(out, typeof value === "string" ? encoder.encode(value) : value);
  }
  return Uint8Array.from(out);
}

function raw(out: number[], bytes: Uint8Array): void {
  const { length } = bytes;
  if (length < 32) out.push(0xa0 | length);
  else if (length < 65536) out.push(0xda, length >>> 8, length & 255);
  else out.push(0xdb, length >>> 24, length >>> 16 & 255, length >>> 8 & 255, length & 255);
  for (const byte of bytes) out.push(byte);
}

/** The text of a raw. */
export function textOf(value: SerfValue | undefined): string {
  return value instanceof Uint8Array ? decoder.decode(value) : "";
}

/** Depth of the agent's messages, and how much of one there may be. */
const depthMax = 10;
const bytesMax = 1024 * 1024;

class Incomplete extends Error {}

/** Makes values of bytes as they come. */
export class SerfReader {
  #bytes: Uint8Array = new Uint8Array();
  #at = 0;

  /** Adds what came. */
  push(chunk: Uint8Array): void {
    const rest = this.#bytes.subarray(this.#at);
    const bytes = new Uint8Array(rest.length + chunk.length);
    bytes.set(rest);
    bytes.set(chunk, rest.length);
    this.#bytes = bytes;
    this.#at = 0;
  }

  /** The next value; undefined if it is not complete. @throws {RangeError} If it is none */
  next(): SerfValue | undefined {
    const start = this.#at;
    if (start === this.#bytes.length) return undefined;
    try {
      return this.#value(0);
    } catch (error) {
      if (!(error instanceof Incomplete)) throw error;
      this.#at = start;
      if (this.#bytes.length - start > bytesMax) throw new RangeError("The Serf agent sends a message without an end");
      return undefined;
    }
  }

  #take(count: number): Uint8Array {
    if (count > this.#bytes.length - this.#at) throw new Incomplete();
    return this.#bytes.subarray(this.#at, this.#at += count);
  }

  #uint(size: number): number {
    return this.#take(size).reduce((sum, byte) => sum * 256 + byte, 0);
  }

  #value(depth: number): SerfValue {
    if (depth > depthMax) throw new RangeError("The Serf agent sends what is nested too deeply");
    const head = this.#uint(1);
    if (head < 0x80) return head;
    if (head >= 0xe0) return head - 256;
    if (head < 0x90) return this.#map(head & 15, depth);
    if (head < 0xa0) return this.#array(head & 15, depth);
    if (head < 0xc0) return this.#take(head & 31).slice();
    switch (head) {
      case 0xc0:
        return null;
      case 0xc2:
      case 0xc3:
        return head === 0xc3;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#take(this.#uint(1 << head - 0xc4)).slice();
      case 0xcc:
      case 0xcd:
      case 0xce:
      case 0xcf:
        return this.#uint(1 << head - 0xcc);
      case 0xd0:
      case 0xd1:
      case 0xd2:
      case 0xd3:
        return this.#negative(1 << head - 0xd0);
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#take(this.#uint(1 << head - 0xd9)).slice();
      case 0xdc:
      case 0xdd:
        return this.#array(this.#uint(2 << head - 0xdc), depth);
      case 0xde:
      case 0xdf:
        return this.#map(this.#uint(2 << head - 0xde), depth);
    }
    throw new RangeError(`The Serf agent sends ${head.toString(16)}, which is unknown`);
  }

  #negative(size: number): number {
    const unsigned = this.#uint(size);
    return unsigned >= 2 ** (8 * size - 1) ? unsigned - 2 ** (8 * size) : unsigned;
  }

  #array(count: number, depth: number): SerfValue[] {
    const values: SerfValue[] = [];
    while (values.length < count) values.push(this.#value(depth + 1));
    return values;
  }

  #map(count: number, depth: number): ReadonlyMap<string, SerfValue> {
    const map = new Map<string, SerfValue>();
    for (let i = 0; i < count; i++) {
      const key = textOf(this.#value(depth + 1));
      map.set(key, this.#value(depth + 1));
    }
    return map;
  }
}
