/**
 * Bytes to values.
 *
 * @module
 */

import { ProtocolError } from "../errors.ts";
import { depthMax } from "../limits.ts";
import { internText } from "../path/interned_text.ts";
import { numberElement, Path, type PathElement } from "../path/path.ts";
import { Ext, Float, type Value } from "../value.ts";
import { readBignum } from "./bignum.ts";
import { extBignum, extMarkedPath, extPath, extTimestamp } from "./ext.ts";
import { readFloat } from "./float.ts";
import { headBytes, isArrayHead, isMapHead, isTextHead, readUnsigned } from "./head.ts";
import { readInteger } from "./integer.ts";
import { isRecordKey, KeyIndex } from "./map_keys.ts";
import { rememberExt } from "./nested_path.ts";
import { readText } from "./text.ts";
import { readTimestamp } from "./timestamp.ts";

/**
 * The one value between `start` and `end`.
 *
 * @example
 * ```ts
 * import { decode } from "@moat/kv/wire";
 *
 * decode(Uint8Array.of(0x92, 1, 2)); // [1, 2]
 * ```
 * @throws {ProtocolError} If it is malformed or truncated, or something follows; the offset counts from the start of `bytes`
 */
export function decode(bytes: Uint8Array, start: number = 0, end: number = bytes.length): Value {
  const decoder = new Decoder(bytes, start, end);
  const value = decoder.value();
  if (decoder.offset < end) throw new ProtocolError("Something follows the value", decoder.offset);
  return value;
}

/** Reads one value after the other. */
export class Decoder {
  /** Where the next value begins. */
  offset: number;
  readonly #bytes: Uint8Array;
  #end: number;

  /**
   * A decoder of these bytes, which are not copied.
   * @param bytes The buffer
   * @param start Where the first value begins
   * @param end Where the last one ends
   */
  constructor(bytes: Uint8Array, start: number = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.offset = start;
    this.#end = end;
  }

  /** Whether nothing is left. */
  get done(): boolean {
    return this.offset >= this.#end;
  }

  /**
   * Reads the next value.
   * @throws {ProtocolError} If it is malformed or truncated
   */
  value(): Value {
    return this.#value(depthMax);
  }

  #value(depth: number): Value {
    const first = this.#byte();
    if (first < 0x80) return first;
    if (first >= 0xe0) return first - 256;
    if (first >= 0xa0 && first < 0xc0) return this.#text(first & 31);
    if (first < 0x90) return this.#map(first & 15, depth);
    if (first < 0xa0) return this.#array(first & 15, depth);
    return this.#long(first, depth);
  }

  #long(first: number, depth: number): Value {
    switch (first) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#binary(this.#count(1 << (first - 0xc4)));
      case 0xca:
      case 0xcb:
        return this.#float(first === 0xca ? 4 : 8);
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#count(1 << (first - 0xd9)));
      case 0xdc:
      case 0xdd:
        return this.#array(this.#count(2 << (first - 0xdc)), depth);
      case 0xde:
      case 0xdf:
        return this.#map(this.#count(2 << (first - 0xde)), depth);
    }
    if (first >= 0xcc && first <= 0xd3) return this.#integer(first);
    return this.#ext(first, depth);
  }

  #integer(first: number): number | bigint {
    const at = this.#take(headBytes(first) - 1);
    return readInteger(this.#bytes, at, first);
  }

  #float(size: number): number | Float {
    const x = readFloat(this.#bytes, this.#take(size), size);
    return Number.isInteger(x) ? new Float(x) : x;
  }

  #text(length: number): string {
    const start = this.#take(length);
    return readText(this.#bytes, start, start + length);
  }

  #binary(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#copy(start);
  }

  /** What is between `start` and the offset, copied (a Buffer's own `slice` does not copy). */
  #copy(start: number): Uint8Array {
    return new Uint8Array(this.#bytes.subarray(start, this.offset));
  }

  #array(length: number, depth: number): Value[] {
    this.#check(length, depth);
    const values: Value[] = newArray(length);
    for (let i = 0; i < length; i++) values[i] = this.#value(depth - 1);
    return values;
  }

  #map(length: number, depth: number): Value {
    this.#check(2 * length, depth);
    const record: { [key: string]: Value } = {};
    for (let i = 0; i < length; i++) {
      const key = this.#key(depth - 1);
      if (typeof key !== "string" || !isRecordKey(key)) return this.#bigMap(record, key, length - i, depth);
      record[key] = this.#value(depth - 1);
    }
    return record;
  }

  /** Goes on with a map that no object can hold: `key` was read, `left` pairs with it are left. */
  #bigMap(record: { [key: string]: Value }, key: Value, left: number, depth: number): Map<Value, Value> {
    const map = new Map<Value, Value>(Object.entries(record));
    const index = new KeyIndex();
    for (;;) {
      map.set(index.sameAs(key), this.#value(depth - 1));
      if (--left === 0) return map;
      key = this.#key(depth - 1);
    }
  }

  #key(depth: number): Value {
    const first = this.#peek();
    if (first >= 0xa0 && first < 0xc0) return this.#shortText(first);
    if (isMapHead(first)) throw new ProtocolError("The key of a map cannot hold a map", this.offset);
    return isArrayHead(first) ? this.#arrayKey(depth) : this.#value(depth);
  }

  #arrayKey(depth: number): Value[] {
    const length = this.#arrayLength(depth);
    const values: Value[] = [];
    for (let i = 0; i < length; i++) values.push(this.#key(depth - 1));
    return values;
  }

  #arrayLength(depth: number): number {
    const first = this.#byte();
    const length = first < 0xa0 ? first & 15 : this.#count(2 << (first - 0xdc));
    this.#check(length, depth);
    return length;
  }

  /** A text of which there are few, but which come often. */
  #shortText(first: number): string {
    this.offset++;
    const start = this.#take(first & 31);
    return internText(this.#bytes, start, this.offset);
  }

  #ext(first: number, depth: number): Value {
    const start = this.offset - 1;
    if (first === 0xc1) throw new ProtocolError("The byte c1 is not msgpack", start);
    const length = first >= 0xd4 ? 1 << (first - 0xd4) : this.#count(1 << (first - 0xc7));
    const code = this.#byte() << 24 >> 24;
    const at = this.#take(length);
    switch (code) {
      case extPath:
      case extMarkedPath:
        return this.#path(at, code === extMarkedPath, depth);
      case extBignum:
        return readBignum(this.#bytes, at, this.offset);
      case extTimestamp:
        return readTimestamp(this.#bytes, at, this.offset);
    }
    return new Ext(code, this.#copy(at));
  }

  /** The path between `start` and the offset. */
  #path(start: number, isMarked: boolean, depth: number): Path {
    const outerEnd = this.#end;
    this.#end = this.offset;
    this.offset = start;
    this.#check(0, depth);
    const mark = isMarked ? this.#mark() : "";
    const elements: PathElement[] = [];
    while (this.offset < this.#end) elements.push(this.#element(depth - 1));
    this.#end = outerEnd;
    return Path.fromCanonical(elements, mark);
  }

  #mark(): string {
    const start = this.offset;
    const mark = start < this.#end && isTextHead(this.#bytes[start]) ? this.#value(0) : undefined;
    if (typeof mark !== "string") throw new ProtocolError("A marked path has no mark", start);
    return mark;
  }

  #element(depth: number): PathElement {
    const first = this.#peek();
    if (first >= 0xa0 && first < 0xc0) return this.#shortText(first);
    const start = this.offset;
    if (isMapHead(first)) throw new ProtocolError("An element of a path cannot hold a map", start);
    if (isArrayHead(first)) return this.#tuple(depth);
    const value = this.#value(depth);
    if (typeof value !== "object" || value === null || value instanceof Uint8Array) {
      if (Number.isNaN(value)) throw new ProtocolError("An element of a path cannot be NaN", start);
      return value;
    }
    if (value instanceof Float) return numberElement(value.valueOf());
    if (value instanceof Path) return rememberExt(value);
    throw new ProtocolError("An element of a path cannot be an ext other than an integer or a path", start);
  }

  #tuple(depth: number): Path {
    const length = this.#arrayLength(depth);
    const elements: PathElement[] = [];
    for (let i = 0; i < length; i++) elements.push(this.#element(depth - 1));
    return Path.fromCanonical(elements);
  }

  /** Checks that `n` more values may come, on a level of their own. */
  #check(n: number, depth: number): void {
    if (depth === 0) throw new ProtocolError(`Nested deeper than ${depthMax} levels`, this.offset);
    if (n > this.#end - this.offset) throw new ProtocolError("Truncated", this.#end);
  }

  /** The next byte, which is passed. */
  #byte(): number {
    const first = this.#peek();
    this.offset++;
    return first;
  }

  #peek(): number {
    if (this.offset >= this.#end) throw new ProtocolError("Truncated", this.#end);
    return this.#bytes[this.offset];
  }

  /** An unsigned integer of `size` bytes. */
  #count(size: number): number {
    const at = this.#take(size);
    return readUnsigned(this.#bytes, at, size);
  }

  /** Passes `n` bytes, returns where they begin. */
  #take(n: number): number {
    const at = this.offset;
    if (n > this.#end - at) throw new ProtocolError("Truncated", this.#end);
    this.offset = at + n;
    return at;
  }
}

/** An array with room for `length` values, unless they are so many that it has to grow as they come. */
function newArray(length: number): Value[] {
  return length <= 1024 ? new Array(length) : [];
}
