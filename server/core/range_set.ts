/**
 * A set of ticks, as ranges in ascending order: `{2, 3, 5}` is 2–3 and 5. Appending is O(1), everything else O(log ranges)
 * plus moving what lies behind. `wire/message/ranges.ts` has the wire form.
 *
 * @module
 */

import { encodeRange, readRanges } from "../../wire/message/ranges.ts";
import type { Encoder } from "../../wire/msgpack/encoder.ts";
import type { Value } from "../../wire/value.ts";

/** A set of ticks. All bounds are inclusive. */
export class RangeSet {
  #firsts: number[] = [];
  #lasts: number[] = [];

  /** The set of these ticks. */
  static of(...ticks: number[]): RangeSet {
    const set = new RangeSet();
    for (const tick of ticks) set.add(tick);
    return set;
  }

  /** The set of one run; empty if `last < first`. */
  static range(first: number, last: number): RangeSet {
    const set = new RangeSet();
    set.addRange(first, last);
    return set;
  }

  /** Number of ranges. */
  get rangeCount(): number {
    return this.#firsts.length;
  }

  /** Number of ticks. */
  get size(): number {
    let size = 0;
    for (let i = 0; i < this.#firsts.length; i++) size += this.#lasts[i] - this.#firsts[i] + 1;
    return size;
  }

  /** Whether there is no tick in it. */
  get isEmpty(): boolean {
    return this.#firsts.length === 0;
  }

  /** First tick of range `i`. */
  first(i: number): number {
    return this.#firsts[i];
  }

  /** Last tick of range `i`. */
  last(i: number): number {
    return this.#lasts[i];
  }

  /** The highest tick; 0 if empty. */
  get max(): number {
    return this.isEmpty ? 0 : this.#lasts[this.#lasts.length - 1];
  }

  /** The index of the first range that ends at or behind `tick`. */
  #indexOf(tick: number): number {
    const lasts = this.#lasts;
    let high = lasts.length;
    if (high === 0 || lasts[high - 1] < tick) return high;
    let low = 0;
    while (low < high) {
      const middle = low + high >> 1;
      if (lasts[middle] < tick) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Whether `tick` is in it. */
  has(tick: number): boolean {
    const i = this.#indexOf(tick);
    return i < this.#firsts.length && this.#firsts[i] <= tick;
  }

  /** Adds a tick; returns whether it was new. */
  add(tick: number): boolean {
    const end = this.#lasts.length - 1;
    if (end >= 0 && this.#lasts[end] === tick - 1) {
      this.#lasts[end] = tick;
      return true;
    }
    if (this.has(tick)) return false;
    this.addRange(tick, tick);
    return true;
  }

  /** Adds all ticks from `first` to `last`. */
  addRange(first: number, last: number): void {
    if (last < first) return;
    const from = this.#indexOf(first - 1);
    let to = from;
    while (to < this.#firsts.length && this.#firsts[to] <= last + 1) to++;
    if (to === from) {
      this.#firsts.splice(from, 0, first);
      this.#lasts.splice(from, 0, last);
      return;
    }
    this.#firsts[from] = Math.min(first, this.#firsts[from]);
    this.#lasts[from] = Math.max(last, this.#lasts[to - 1]);
    this.#firsts.splice(from + 1, to - from - 1);
    this.#lasts.splice(from + 1, to - from - 1);
  }

  /** Removes a tick; returns whether it was there. */
  remove(tick: number): boolean {
    if (!this.has(tick)) return false;
    this.removeRange(tick, tick);
    return true;
  }

  /** Removes all ticks from `first` to `last`. */
  removeRange(first: number, last: number): void {
    if (last < first) return;
    const from = this.#indexOf(first);
    let to = from;
    while (to < this.#firsts.length && this.#firsts[to] <= last) to++;
    if (to === from) return;
    const left = this.#firsts[from];
    const right = this.#lasts[to - 1];
    const firsts: number[] = [];
    const lasts: number[] = [];
    if (left < first) firsts.push(left), lasts.push(first - 1);
    if (right > last) firsts.push(last + 1), lasts.push(right);
    this.#firsts.splice(from, to - from, ...firsts);
    this.#lasts.splice(from, to - from, ...lasts);
  }

  /** Removes everything. */
  clear(): void {
    this.#firsts = [];
    this.#lasts = [];
  }

  /** Adds every tick of `other`. */
  addAll(other: RangeSet): void {
    if (other.rangeCount > 8) return this.#take(this.union(other));
    for (let i = 0; i < other.rangeCount; i++) this.addRange(other.#firsts[i], other.#lasts[i]);
  }

  /** Removes every tick of `other`. */
  removeAll(other: RangeSet): void {
    this.#take(this.difference(other));
  }

  /** Becomes `other`, which is not used any more. */
  #take(other: RangeSet): void {
    this.#firsts = other.#firsts;
    this.#lasts = other.#lasts;
  }

  /** Becomes equal to `other`. */
  assign(other: RangeSet): void {
    this.#take(other.clone());
  }

  /** Appends a range that lies behind all others, or touches or overlaps the last. */
  #append(first: number, last: number): void {
    const end = this.#lasts.length - 1;
    if (end >= 0 && first <= this.#lasts[end] + 1) {
      if (last > this.#lasts[end]) this.#lasts[end] = last;
    } else {
      this.#firsts.push(first);
      this.#lasts.push(last);
    }
  }

  /** The ticks that are in one of the two. */
  union(other: RangeSet): RangeSet {
    const result = new RangeSet();
    let i = 0;
    let j = 0;
    while (i < this.#firsts.length || j < other.#firsts.length) {
      if (j >= other.#firsts.length || this.#firsts[i] <= other.#firsts[j]) {
        result.#append(this.#firsts[i], this.#lasts[i++]);
      } else {
        result.#append(other.#firsts[j], other.#lasts[j++]);
      }
    }
    return result;
  }

  /** The ticks that are in this one and not in `other`. */
  difference(other: RangeSet): RangeSet {
    const result = new RangeSet();
    let j = 0;
    for (let i = 0; i < this.#firsts.length; i++) {
      let first = this.#firsts[i];
      const last = this.#lasts[i];
      while (j < other.#firsts.length && other.#lasts[j] < first) j++;
      for (let k = j; k < other.#firsts.length && other.#firsts[k] <= last; k++) {
        if (first < other.#firsts[k]) result.#append(first, other.#firsts[k] - 1);
        first = other.#lasts[k] + 1;
      }
      if (first <= last) result.#append(first, last);
    }
    return result;
  }

  /** The ticks that are in both. */
  intersection(other: RangeSet): RangeSet {
    return this.difference(this.difference(other));
  }

  /** Whether every tick of `other` is in here. */
  covers(other: RangeSet): boolean {
    for (let j = 0; j < other.#firsts.length; j++) {
      const i = this.#indexOf(other.#firsts[j]);
      if (i >= this.#firsts.length || this.#firsts[i] > other.#firsts[j] || this.#lasts[i] < other.#lasts[j]) {
        return false;
      }
    }
    return true;
  }

  /** The ticks, ascending. */
  *[Symbol.iterator](): Iterator<number> {
    for (let i = 0; i < this.#firsts.length; i++) {
      for (let tick = this.#firsts[i]; tick <= this.#lasts[i]; tick++) yield tick;
    }
  }

  /** An independent copy. */
  clone(): RangeSet {
    const copy = new RangeSet();
    copy.#firsts = this.#firsts.slice();
    copy.#lasts = this.#lasts.slice();
    return copy;
  }

  /** Whether both hold the same ticks. */
  equals(other: RangeSet): boolean {
    return this.rangeCount === other.rangeCount &&
      this.#firsts.every((first, i) => first === other.#firsts[i] && this.#lasts[i] === other.#lasts[i]);
  }

  /** Appends the wire form. */
  encode(encoder: Encoder): void {
    encoder.arrayHeader(this.#firsts.length);
    for (let i = 0; i < this.#firsts.length; i++) encodeRange(encoder, this.#firsts[i], this.#lasts[i]);
  }

  /** The wire form as a value. */
  toWire(): (number | [number, number])[] {
    return this.#firsts.map((first, i) => first === this.#lasts[i] ? first : [first, this.#lasts[i] + 1]);
  }

  /**
   * The set of a wire form. Unsorted and overlapping ranges are accepted, as is `[n, n + 1]`.
   * @throws {RequestError} If it is not a wire form
   */
  static fromWire(value: Value): RangeSet {
    const set = new RangeSet();
    for (const [first, last] of readRanges(value)) set.#append(first, last);
    return set;
  }
}
