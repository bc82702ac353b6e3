/**
 * The walk over one value, item by item, without recursion. It stops where the bytes end and goes on there when more have
 * come, so a long message is looked at once, however small its pieces are.
 *
 * @module
 */

import { ProtocolError } from "../errors.ts";
import { depthMax } from "../limits.ts";
import { extBignum, extMarkedPath, extPath, extTimestamp } from "./ext.ts";
import { readFloat } from "./float.ts";
import { headBytes, isExtHead, isTextHead, lengthBytes, readUnsigned } from "./head.ts";
import { findBadUtf8, isAscii } from "./text.ts";
import { checkTimestamp } from "./timestamp.ts";

/** What the innermost open level is; zero for an array. */
const isMap = 1;
const isPath = 2;
/** Where it is: no maps are allowed there. */
const inKey = 4;
const inPath = 8;

/** Walks over one value at a time. */
export class Walker {
  /** Where the next item begins; behind the value when the walk is done. */
  at = 0;
  /** The value does not end before this offset. */
  atLeast = 0;
  /** Open levels. */
  #depth = 0;
  /** The innermost level's {@linkcode isMap} and so on. */
  #level = 0;
  /** Its items that are still to come; more than can come in a path, which ends with its bytes. */
  #left = 1;
  /** Where the innermost path ends. */
  #pathEnd = Infinity;
  /** The same of the levels around it. */
  readonly #levels = new Uint8Array(depthMax);
  readonly #lefts = new Float64Array(depthMax);
  readonly #pathEnds = new Float64Array(depthMax);

  /** Starts on the value at `start`. */
  begin(start: number): void {
    this.at = start;
    this.atLeast = start + 1;
    this.#depth = 0;
    this.#level = 0;
    this.#left = 1;
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
    while (this.#left > 0) {
      const limit = Math.min(end, this.#pathEnd);
      this.#run(bytes, limit);
      if (this.at === this.#pathEnd && this.#level & isPath) this.#closePath();
      else if (this.#left > 0 && !this.#item(bytes, limit, base)) return false;
    }
    return true;
  }

  /**
   * Passes what is simple and whole: numbers, short texts, short arrays and maps. Stops in front of everything else, or when
   * the value is complete; `#left` is 0 only then.
   */
  #run(bytes: Uint8Array, limit: number): void {
    let { at } = this;
    let left = this.#left;
    let level = this.#level;
    let depth = this.#depth;
    while (at < limit) {
      const first = bytes[at];
      if (first < 0x80 || first >= 0xa0) {
        const size = simpleBytes[first];
        if (size === 0 || at + size > limit) break;
        if (first >= 0xa0 && first < 0xc0 && !isAscii(bytes, at + 1, at + size)) break;
        at += size;
        left--;
      } else {
        if (level > isMap || depth === depthMax || (level === isMap && (left & 1) === 0)) break;
        at++;
        this.#lefts[depth] = left;
        this.#levels[depth++] = level;
        level = first < 0x90 ? isMap : 0;
        left = first < 0x90 ? (first & 15) * 2 : first & 15;
      }
      while (left === 0 && depth > 0) {
        level = this.#levels[--depth];
        left = this.#lefts[depth] - 1;
      }
      if (left === 0) break;
    }
    this.at = at;
    this.#left = left;
    this.#level = level;
    this.#depth = depth;
  }

  /** Passes one item of any kind, or opens its level. */
  #item(bytes: Uint8Array, end: number, base: number): boolean {
    const at = this.at;
    if (at >= end) return this.#missing(at + 1, base);
    const first = bytes[at];
    if (first < 0x90) return this.#openMap(first & 15, at + 1, end, base);
    if (first < 0xa0) return this.#open(0, first & 15, at + 1, end, base);
    if (first < 0xc0) return this.#text(bytes, at + 1, at + 1 + (first & 31), end, base);
    const start = at + headBytes(first);
    if (start > end) return this.#missing(start, base);
    return this.#long(bytes, first, start, end, base);
  }

  /** Passes an item whose head is all there and ends at `start`. */
  #long(bytes: Uint8Array, first: number, start: number, end: number, base: number): boolean {
    if (first === 0xc1) throw new ProtocolError("The byte c1 is not msgpack", this.at - base);
    if (first === 0xca || first === 0xcb) return this.#float(bytes, start, end, base);
    const size = lengthBytes(first);
    const length = size > 0 ? readUnsigned(bytes, this.at + 1, size) : 0;
    if (first <= 0xc6) return this.#passed(start + length, end, base);
    if (isExtHead(first)) return this.#ext(bytes, start, size > 0 ? length : 1 << (first - 0xd4), end, base);
    if (first >= 0xde) return this.#openMap(length, start, end, base);
    if (first >= 0xdc) return this.#open(0, length, start, end, base);
    if (first >= 0xd9) return this.#text(bytes, start, start + length, end, base);
    return this.#passed(start, end, base);
  }

  /** The item ends at `itemEnd`. */
  #passed(itemEnd: number, end: number, base: number): boolean {
    if (itemEnd > end) return this.#missing(itemEnd, base);
    this.at = itemEnd;
    this.#left--;
    this.#closeFull();
    return true;
  }

  /** Bytes up to `until` are missing. Paths are only entered when they are whole. */
  #missing(until: number, base: number): false {
    if (this.#level & inPath) throw new ProtocolError("An element of a path goes beyond its end", this.at - base);
    if (until > this.atLeast) this.atLeast = until;
    return false;
  }

  #text(bytes: Uint8Array, start: number, textEnd: number, end: number, base: number): boolean {
    if (textEnd > end) return this.#missing(textEnd, base);
    const bad = findBadUtf8(bytes, start, textEnd);
    if (bad >= 0) throw new ProtocolError("Text is not UTF-8", bad - base);
    return this.#passed(textEnd, end, base);
  }

  #float(bytes: Uint8Array, floatEnd: number, end: number, base: number): boolean {
    const { at } = this;
    if (this.#level & inPath && Number.isNaN(readFloat(bytes, at + 1, floatEnd - at - 1))) {
      throw new ProtocolError("An element of a path cannot be NaN", at - base);
    }
    return this.#passed(floatEnd, end, base);
  }

  #ext(bytes: Uint8Array, start: number, length: number, end: number, base: number): boolean {
    const code = bytes[start - 1] << 24 >> 24;
    const extEnd = start + length;
    if (extEnd > end) return this.#missing(extEnd, base);
    if (code === extMarkedPath && !(length > 0 && isTextHead(bytes[start]))) {
      throw new ProtocolError("A marked path has no mark", start - base);
    }
    if (code === extPath || code === extMarkedPath) return this.#openPath(start, extEnd, base);
    if (this.#level & inPath && code !== extBignum) {
      throw new ProtocolError(
        "An element of a path cannot be an ext other than an integer or a path",
        this.at - base,
      );
    }
    if (code === extTimestamp) checkTimestamp(bytes, start, extEnd, base);
    return this.#passed(extEnd, end, base);
  }

  #openMap(pairs: number, start: number, end: number, base: number): boolean {
    if (this.#level & inPath) throw new ProtocolError("An element of a path cannot hold a map", this.at - base);
    if (this.#level & inKey || this.#isKey()) {
      throw new ProtocolError("The key of a map cannot hold a map", this.at - base);
    }
    return this.#open(isMap, 2 * pairs, start, end, base);
  }

  #openPath(start: number, pathEnd: number, base: number): boolean {
    this.#push(base);
    this.#level = isPath | inPath;
    this.#pathEnd = pathEnd;
    this.#left = pathEnd - start + 1;
    this.at = start;
    return true;
  }

  #open(level: number, items: number, start: number, end: number, base: number): boolean {
    const place = this.#level & (inKey | inPath) | (this.#isKey() ? inKey : 0);
    this.#push(base);
    this.#level = level | place;
    this.#left = items;
    if (start + items > end) this.#missing(start + items, base);
    this.at = start;
    this.#closeFull();
    return true;
  }

  #isKey(): boolean {
    return (this.#level & isMap) !== 0 && (this.#left & 1) === 0;
  }

  #push(base: number): void {
    const depth = this.#depth;
    if (depth === depthMax) throw new ProtocolError(`Nested deeper than ${depthMax} levels`, this.at - base);
    this.#levels[depth] = this.#level;
    this.#lefts[depth] = this.#left;
    this.#pathEnds[depth] = this.#pathEnd;
    this.#depth = depth + 1;
  }

  #closePath(): void {
    this.#pathEnd = this.#pathEnds[this.#depth - 1];
    this.#left = 0;
    this.#closeFull();
  }

  /** Closes the levels that have all their items. */
  #closeFull(): void {
    while (this.#left === 0 && this.#depth > 0) {
      const depth = --this.#depth;
      this.#level = this.#levels[depth];
      this.#left = this.#lefts[depth] - 1;
    }
  }
}

/** Bytes of an item that needs no look inside (but texts have to be ASCII), by its first byte; 0 for all others. */
const simpleBytes = Uint8Array.from({ length: 256 }, (_, first) => {
  if (first < 0x80 || first >= 0xe0) return 1;
  if (first >= 0xa0 && first < 0xc0) return 1 + (first & 31);
  if (first === 0xc0 || first === 0xc2 || first === 0xc3) return 1;
  return first >= 0xcc && first <= 0xd3 ? headBytes(first) : 0;
});
