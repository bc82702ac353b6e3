/**
 * The walk over one value, item by item, without recursion. It stops where the bytes end and goes on there when more have
 * come, so a long message is looked at once, however small its pieces are.
 *
 * @module
 */

import { ProtocolError } from "../errors.ts";
import { depthMax } from "../limits.ts";
import { extBignum, extMarkedPath, extPath, extTimestamp } from "./ext.ts";
import { findBadUtf8 } from "./text.ts";
import { checkTimestamp } from "./timestamp.ts";

/** What an open level is. A path ends at an offset, the others after a number of items. */
const levelArray = 0;
const levelMap = 1;
const levelPath = 2;

/** Where no maps are allowed, and why. */
const anywhere = 0;
const inKey = 1;
const inPath = 2;

/** Walks over one value at a time. */
export class Walker {
  /** Where the next item begins; behind the value when the walk is done. */
  at = 0;
  /** The value does not end before this offset. */
  atLeast = 0;
  #depth = 0;
  /** Items left, or the end of a path: of the innermost level, and of those around it. */
  #left = 1;
  #kind = levelArray;
  /** In what the innermost level is, keys of maps aside. */
  #place = anywhere;
  /** Where the innermost path ends. */
  #pathEnd = Infinity;
  readonly #pathEnds = new Float64Array(depthMax + 1);
  readonly #lefts = new Float64Array(depthMax + 1);
  readonly #kinds = new Uint8Array(depthMax + 1);
  readonly #places = new Uint8Array(depthMax + 1);

  /** Starts on the value at `start`. */
  begin(start: number): void {
    this.at = start;
    this.atLeast = start + 1;
    this.#depth = 0;
    this.#left = 1;
    this.#kind = levelArray;
    this.#place = anywhere;
    this.#pathEnd = Infinity;
  }

  /** Tells that the bytes have moved by `distance`. */
  move(distance: number): void {
    this.at += distance;
    this.atLeast += distance;
  }

  /**
   * Walks on, at most up to `end`. True if the value's end was reached; false if bytes are missing, at least up to
   * {@linkcode Walker.atLeast}.
   * @throws {ProtocolError} If the value is malformed; its offset is less `base`
   */
  walk(bytes: Uint8Array, end: number, base: number): boolean {
    for (;;) {
      while (this.#kind === levelPath ? this.at >= this.#left : this.#left === 0) {
        if (this.#depth === 0) return true;
        this.#close();
      }
      if (!this.#item(bytes, Math.min(end, this.#pathEnd), base)) return false;
    }
  }

  #item(bytes: Uint8Array, end: number, base: number): boolean {
    const at = this.at;
    if (at >= end) return this.#missing(at + 1, base);
    const first = bytes[at];
    if (first < 0x80 || first >= 0xe0) return this.#passed(at + 1, end, base);
    if (first >= 0xa0 && first < 0xc0) return this.#text(bytes, at + 1, at + 1 + (first & 31), end, base);
    if (first < 0x90) return this.#open(levelMap, first & 15, at + 1, end, base);
    if (first < 0xa0) return this.#open(levelArray, first & 15, at + 1, end, base);
    return this.#long(bytes, first, end, base);
  }

  #long(bytes: Uint8Array, first: number, end: number, base: number): boolean {
    const at = this.at;
    const header = headerBytes[first - 0xc0];
    if (at + header > end) return this.#missing(at + header, base);
    switch (first) {
      case 0xc1:
        throw new ProtocolError("The byte c1 is not msgpack", at - base);
      case 0xca:
      case 0xcb:
        return this.#float(bytes, at + 1, at + 1 + (first === 0xca ? 4 : 8), end, base);
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#passed(at + header + count(bytes, at + 1, header - 1), end, base);
      case 0xd9:
      case 0xda:
      case 0xdb: {
        const start = at + header;
        return this.#text(bytes, start, start + count(bytes, at + 1, header - 1), end, base);
      }
      case 0xdc:
      case 0xdd:
        return this.#open(levelArray, count(bytes, at + 1, header - 1), at + header, end, base);
      case 0xde:
      case 0xdf:
        return this.#open(levelMap, count(bytes, at + 1, header - 1), at + header, end, base);
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this.#ext(bytes, at + header, count(bytes, at + 1, header - 2), end, base);
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#ext(bytes, at + 2, 1 << (first - 0xd4), end, base);
    }
    return this.#passed(at + header, end, base);
  }

  /** The item ends at `itemEnd`. */
  #passed(itemEnd: number, end: number, base: number): boolean {
    if (itemEnd > end) return this.#missing(itemEnd, base);
    this.at = itemEnd;
    if (this.#kind !== levelPath) this.#left--;
    return true;
  }

  #missing(until: number, base: number): false {
    if (this.#place === inPath) throw new ProtocolError("An element of a path reaches beyond its end", this.at - base);
    if (until > this.atLeast) this.atLeast = until;
    return false;
  }

  #text(bytes: Uint8Array, start: number, textEnd: number, end: number, base: number): boolean {
    if (textEnd > end) return this.#missing(textEnd, base);
    for (let i = start; i < textEnd; i++) {
      if (bytes[i] < 0x80) continue;
      const bad = findBadUtf8(bytes, i, textEnd);
      if (bad >= 0) throw new ProtocolError("Text is not UTF-8", bad - base);
      break;
    }
    return this.#passed(textEnd, end, base);
  }

  #float(bytes: Uint8Array, start: number, itemEnd: number, end: number, base: number): boolean {
    if (itemEnd > end) return this.#missing(itemEnd, base);
    if (this.#place === inPath && isNaNAt(bytes, start, itemEnd)) {
      throw new ProtocolError("An element of a path cannot be NaN", start - 1 - base);
    }
    return this.#passed(itemEnd, end, base);
  }

  #ext(bytes: Uint8Array, start: number, length: number, end: number, base: number): boolean {
    const code = bytes[start - 1] << 24 >> 24;
    const itemEnd = start + length;
    if (itemEnd > end) return this.#missing(itemEnd, base);
    if (code === extPath) return this.#openPath(start, itemEnd, base);
    if (code === extMarkedPath) {
      if (length === 0 || !isText(bytes[start])) throw new ProtocolError("A marked path has no mark", start - base);
      return this.#openPath(start, itemEnd, base);
    }
    if (this.#place === inPath && code !== extBignum) {
      throw new ProtocolError(`An element of a path cannot be an ext ${code}`, this.at - base);
    }
    if (code === extTimestamp) checkTimestamp(bytes, start, itemEnd, base);
    return this.#passed(itemEnd, end, base);
  }

  /** All bytes of the path are here, so whatever is missing from now on reaches beyond its end. */
  #openPath(start: number, pathEnd: number, base: number): boolean {
    this.#push(base);
    this.#kind = levelPath;
    this.#place = inPath;
    this.#left = pathEnd;
    this.#pathEnd = pathEnd;
    this.at = start;
    return true;
  }

  #open(kind: number, n: number, start: number, end: number, base: number): boolean {
    const key = this.#isKey();
    if (kind === levelMap && (this.#place !== anywhere || key)) {
      const what = this.#place === inPath ? "An element of a path" : "The key of a map";
      throw new ProtocolError(`${what} cannot hold a map`, this.at - base);
    }
    this.#push(base);
    this.#kind = kind;
    if (key && this.#place === anywhere) this.#place = inKey;
    this.#left = kind === levelMap ? 2 * n : n;
    this.at = start;
    if (start + this.#left > end) this.#missing(start + this.#left, base);
    return true;
  }

  #isKey(): boolean {
    return this.#kind === levelMap && this.#left % 2 === 0;
  }

  #push(base: number): void {
    const depth = this.#depth;
    if (depth === depthMax) throw new ProtocolError(`Nested deeper than ${depthMax} levels`, this.at - base);
    this.#lefts[depth] = this.#left;
    this.#kinds[depth] = this.#kind;
    this.#places[depth] = this.#place;
    this.#pathEnds[depth] = this.#pathEnd;
    this.#depth = depth + 1;
  }

  #close(): void {
    const depth = --this.#depth;
    this.#left = this.#lefts[depth];
    this.#kind = this.#kinds[depth];
    this.#place = this.#places[depth];
    this.#pathEnd = this.#pathEnds[depth];
    if (this.#kind !== levelPath) this.#left--;
  }
}

/** Bytes of the head of an item, with its length and ext code, from `c0` to `df`. Fixed sizes are included. */
// deno-fmt-ignore
const headerBytes = [
  1, 1, 1, 1, 2, 3, 5, 3, 4, 6, 1, 1, 2, 3, 5, 9,
  2, 3, 5, 9, 2, 2, 2, 2, 2, 2, 3, 5, 3, 5, 3, 5,
];

function count(bytes: Uint8Array, at: number, size: number): number {
  if (size === 1) return bytes[at];
  if (size === 2) return bytes[at] << 8 | bytes[at + 1];
  return (bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3]) >>> 0;
}

function isText(first: number): boolean {
  return first >= 0xa0 && first < 0xc0 || first >= 0xd9 && first <= 0xdb;
}

function isNaNAt(bytes: Uint8Array, start: number, end: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, end - start);
  return Number.isNaN(end - start === 4 ? view.getFloat32(0) : view.getFloat64(0));
}
