/**
 * Reads the paths of records. The path before is remembered: what both have in common is not read again, which is most of
 * it in a snapshot.
 *
 * @module
 */

import { pathBytesMax } from "../../wire/limits.ts";
import { ElementReader } from "../../wire/path/element_reader.ts";
import type { ElementKey } from "../../wire/path/keys.ts";

/** Paths with more elements are read as a whole. */
const shortMax = 15;

/** Reads one path after the other. */
export class PathReader {
  /** The elements of the last path. */
  readonly keys: ElementKey[] = [];
  readonly #elements = new ElementReader();
  /** The bytes of the last path behind its head, and where each element ends in them. */
  readonly #last = new Uint8Array(pathBytesMax);
  readonly #ends: number[] = [];

  /** Reads the array of elements at `start`; returns the offset behind it. @throws {KvError} If it is no path */
  read(bytes: Uint8Array, start: number, end: number): number {
    const head = bytes[start];
    return head >= 0x90 && head <= 0x90 + shortMax
      ? this.#short(bytes, start + 1, end, head & 15)
      : this.#long(bytes, start, end);
  }

  #short(bytes: Uint8Array, start: number, end: number, count: number): number {
    const ends = this.#ends;
    const common = this.#commonElements(bytes, start, count);
    let at = common === 0 ? 0 : ends[common - 1];
    const reader = this.#elements;
    this.keys.length = count;
    ends.length = common;
    reader.openElements(bytes, start + at, end, count - common);
    for (let i = common; i < count; i++) {
      this.keys[i] = reader.key();
      const elementEnd = reader.at - start;
      if (elementEnd > this.#last.length || ends.length < i) continue;
      while (at < elementEnd) this.#last[at] = bytes[start + at++];
      ends.push(elementEnd);
    }
    return reader.at;
  }

  /** How many of the first `count` elements are those of the last path. */
  #commonElements(bytes: Uint8Array, start: number, count: number): number {
    const ends = this.#ends;
    const last = this.#last;
    const max = Math.min(ends.length, count);
    let at = 0;
    for (let i = 0; i < max; i++) {
      for (const elementEnd = ends[i]; at < elementEnd; at++) if (last[at] !== bytes[start + at]) return i;
    }
    return max;
  }

  #long(bytes: Uint8Array, start: number, end: number): number {
    const reader = this.#elements;
    reader.open(bytes, start, end);
    let count = 0;
    while (reader.more()) this.keys[count++] = reader.key();
    this.keys.length = count;
    this.#ends.length = 0;
    return reader.at;
  }
}
