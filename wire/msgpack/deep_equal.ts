/**
 * Whether two encoded values are the same value, without decoding more than has to be.
 *
 * @module
 */

import type { Value } from "../value.ts";
import { decode } from "./decoder.ts";
import { isArrayHead, isBinaryHead, isMapHead, isTextHead, lengthBytes, readLength } from "./head.ts";
import { sameValue } from "./same_value.ts";
import { skip } from "./skip.ts";

/**
 * Whether two well-formed values are the same: equal bytes, or equal when decoded. Shortest and longer forms of an integer
 * are equal, as are float 32 and 64; integers and floats never are; the order of the keys of a map does not count.
 *
 * @example
 * ```ts
 * import { encode, equalValues } from "@moat/kv/wire";
 *
 * const a = encode({ x: 1, y: 2 });
 * const b = encode({ y: 2, x: 1 });
 * equalValues(a, 0, a.length, b, 0, b.length); // true
 * ```
 */
export function equalValues(
  aBytes: Uint8Array,
  aStart: number,
  aEnd: number,
  bBytes: Uint8Array,
  bStart: number,
  bEnd: number,
): boolean {
  if (sameBytes(aBytes, aStart, aEnd, bBytes, bStart, bEnd)) return true;
  one.open(aBytes, aStart, aEnd);
  two.open(bBytes, bStart, bEnd);
  return sameNext();
}

/** A place in encoded bytes. */
class Cursor {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  end = 0;

  open(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  get first(): number {
    return this.bytes[this.at];
  }

  /** Passes the head of a text, of bytes, of an array or of a map, and returns its length or count. */
  length(): number {
    const length = readLength(this.bytes, this.at);
    this.at += 1 + lengthBytes(this.first);
    return length;
  }

  /** Passes a value and returns where it began. */
  pass(): number {
    const start = this.at;
    this.at = skip(this.bytes, start, this.end);
    return start;
  }

  decode(start: number): Value {
    return decode(this.bytes, start, this.at);
  }
}

const one = new Cursor();
const two = new Cursor();

/** Compares the next values of both cursors. If they are the same, both are passed. */
function sameNext(): boolean {
  const { first } = one;
  if (first < 0x80 && two.first < 0x80) return one.at++, first === two.bytes[two.at++];
  if (isTextHead(first)) return isTextHead(two.first) && sameContent();
  if (isBinaryHead(first)) return isBinaryHead(two.first) && sameContent();
  if (isArrayHead(first)) return isArrayHead(two.first) && sameArray();
  if (isMapHead(first)) return isMapHead(two.first) && sameMap();
  const aStart = one.pass();
  const bStart = two.pass();
  return sameBytes(one.bytes, aStart, one.at, two.bytes, bStart, two.at) ||
    sameValue(one.decode(aStart), two.decode(bStart));
}

function sameContent(): boolean {
  const length = one.length();
  if (length !== two.length()) return false;
  const same = sameBytes(one.bytes, one.at, one.at + length, two.bytes, two.at, two.at + length);
  one.at += length;
  two.at += length;
  return same;
}

function sameArray(): boolean {
  let left = one.length();
  if (left !== two.length()) return false;
  while (left > 0 && sameNext()) left--;
  return left === 0;
}

function sameMap(): boolean {
  const aStart = one.at;
  const bStart = two.at;
  const left = sameRun();
  if (left === 0) return true;
  if (left > 0) return false;
  one.at = aStart;
  two.at = bStart;
  one.pass();
  two.pass();
  return sameValue(one.decode(aStart), two.decode(bStart));
}

/**
 * Compares two maps pair by pair, in their order. Returns 0 if they are the same, a positive number if they surely differ,
 * −1 if that depends on order or on a key that comes twice.
 */
function sameRun(): number {
  const left = one.length();
  if (left !== two.length()) return -1;
  for (let i = left; i > 0; i--) {
    const aKey = one.at;
    const bKey = two.at;
    if (!sameNext()) return -1;
    if (sameNext()) continue;
    return comesAgain(one, aKey, i) || comesAgain(two, bKey, i) ? -1 : i;
  }
  return 0;
}

/**
 * Whether the key at `keyStart` may come again among the pairs after it; `pairs` are left, its own included. Only texts are
 * looked at: other keys may be written in several forms.
 */
function comesAgain(cursor: Cursor, keyStart: number, pairs: number): boolean {
  const { bytes } = cursor;
  if (!isTextHead(bytes[keyStart])) return true;
  const length = readLength(bytes, keyStart);
  cursor.at = keyStart;
  cursor.pass();
  const keyEnd = cursor.at;
  for (let i = 1; i < pairs; i++) {
    cursor.pass();
    cursor.pass();
    if (sameBytes(bytes, keyEnd - length, keyEnd, bytes, cursor.at - length, cursor.at)) return true;
  }
  return false;
}

function sameBytes(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): boolean {
  if (aEnd - aStart !== bEnd - bStart) return false;
  for (let i = aStart, j = bStart; i < aEnd; i++, j++) if (a[i] !== b[j]) return false;
  return true;
}
