/**
 * A set of ticks, as ranges in ascending order: `{2, 3, 5}` is 2–3 and 5. Appending is O(1).
 * Wire form: `[[2, 4], 5]`, a run is `[first, last + 1]`, a single tick is the integer.
 *
 * @module
 */

import type { Encoder } from "../../wire/msgpack/encoder.ts";
import type { Value } from "../../wire/value.ts";

/** A set of ticks. Bounds are inclusive everywhere in this class. */
export class RangeSet {
  /** Number of ranges. */
  get rangeCount(): number {
    throw new Error("stub");
  }
  /** Number of ticks. */
  get size(): number {
    throw new Error("stub");
  }
  get isEmpty(): boolean {
    throw new Error("stub");
  }
  /** First tick of range `i`. */
  first(_i: number): number {
    throw new Error("stub");
  }
  /** Last tick (inclusive) of range `i`. */
  last(_i: number): number {
    throw new Error("stub");
  }
  has(_tick: number): boolean {
    throw new Error("stub");
  }
  /** Returns whether it was new. */
  add(_tick: number): boolean {
    throw new Error("stub");
  }
  addRange(_first: number, _last: number): void {
    throw new Error("stub");
  }
  remove(_tick: number): boolean {
    throw new Error("stub");
  }
  removeRange(_first: number, _last: number): void {
    throw new Error("stub");
  }
  addAll(_other: RangeSet): void {
    throw new Error("stub");
  }
  union(_other: RangeSet): RangeSet {
    throw new Error("stub");
  }
  difference(_other: RangeSet): RangeSet {
    throw new Error("stub");
  }
  /** Whether every tick of `other` is in here. */
  covers(_other: RangeSet): boolean {
    throw new Error("stub");
  }
  clone(): RangeSet {
    throw new Error("stub");
  }
  equals(_other: RangeSet): boolean {
    throw new Error("stub");
  }
  /** Appends the wire form. */
  encode(_encoder: Encoder): void {
    throw new Error("stub");
  }
  /** The wire form as a value. */
  toWire(): (number | [number, number])[] {
    throw new Error("stub");
  }
  /** From the wire form (also `[n, n + 1]`). @throws {RangeError} If it is not one */
  static fromWire(_value: Value): RangeSet {
    throw new Error("stub");
  }
  static of(..._ticks: number[]): RangeSet {
    throw new Error("stub");
  }
  static range(_first: number, _last: number): RangeSet {
    throw new Error("stub");
  }
}
