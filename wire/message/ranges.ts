/**
 * Sets of ticks as they travel: an array in which a run of ticks is `[first, last + 1]` and a single one is itself.
 * `[1, [3, 6], 8]` is 1, 3, 4, 5 and 8.
 *
 * Source: `spec/server-protocol.md` 2.3.
 *
 * @module
 */

import { RequestError } from "../errors.ts";
import type { Encoder } from "../msgpack/encoder.ts";
import type { Value } from "../value.ts";
import { isCounter } from "./chain.ts";

/** A run of ticks, both ends included. */
export type Range = readonly [first: number, last: number];

/** A set of ticks: runs in ascending order that do not touch. */
export type Ranges = readonly Range[];

/** Appends a set of ticks. */
export function encodeRanges(out: Encoder, ranges: Ranges): void {
  out.arrayHeader(ranges.length);
  for (const [first, last] of ranges) encodeRange(out, first, last);
}

/** Appends one run of ticks, a part of a set's array. */
export function encodeRange(out: Encoder, first: number, last: number): void {
  if (first === last) return out.int(first);
  out.arrayHeader(2);
  out.int(first);
  out.int(last + 1);
}

/**
 * Reads a decoded set of ticks; any order, overlaps and runs of one tick are accepted.
 * @throws {RequestError} If it is none
 */
export function readRanges(value: Value | undefined): Ranges {
  if (!Array.isArray(value)) throw new RequestError("request", "A set of ticks must be an array");
  const ranges = value.map(readRange).sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [first, last] of ranges) {
    const end = merged.at(-1);
    if (end !== undefined && first <= end[1] + 1) end[1] = Math.max(end[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

function readRange(item: Value): Range {
  if (isCounter(item)) return [item, item];
  if (Array.isArray(item) && item.length === 2) {
    const [first, end] = item;
    if (isCounter(first) && isCounter(end) && first < end) return [first, end - 1];
  }
  throw new RequestError(
    "request",
    "A set of ticks holds ticks, and pairs of a first tick and the one behind the last",
  );
}
