/**
 * The wire form of a set of ticks: a run is the pair `[first, last + 1]`, a single tick is itself. `[[2, 4], 5]` is 2, 3, 5.
 *
 * Source: `spec/server-protocol.md` 2.3.
 *
 * @module
 */

import type { Encoder } from "../../wire/msgpack/encoder.ts";
import type { Value } from "../../wire/value.ts";

/** Appends one range; `last` is inclusive. */
export function writeRange(encoder: Encoder, first: number, last: number): void {
  if (first === last) return encoder.int(first);
  encoder.arrayHeader(2);
  encoder.int(first);
  encoder.int(last + 1);
}

/**
 * The ranges of a wire form, by their first tick, ends inclusive. They may touch and overlap, and `[n, n + 1]` is accepted.
 * @throws {RangeError} If it is no wire form
 */
export function readRanges(value: Value): [number, number][] {
  if (!Array.isArray(value)) throw new RangeError("A range set is an array");
  return value.map(readRange).sort((a, b) => a[0] - b[0]);
}

function readRange(item: Value): [number, number] {
  if (isTick(item)) return [item, item];
  if (Array.isArray(item) && item.length === 2 && isTick(item[0]) && isTick(item[1]) && item[0] < item[1]) {
    return [item[0], item[1] - 1];
  }
  throw new RangeError("A range is a tick, or a pair of its first tick and the one behind its last");
}

function isTick(value: Value): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
