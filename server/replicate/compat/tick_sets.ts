/**
 * Sets of ticks by writer name, from and for `info` messages.
 *
 * @module
 */

import type { NodeRanges } from "../../../wire/message/info.ts";
import type { Ranges } from "../../../wire/message/ranges.ts";
import type { Ticks } from "../../core/claims.ts";
import { RangeSet } from "../../core/range_set.ts";
import type { MutableTicks } from "../ticks.ts";

export type { MutableTicks };

/** Adds one tick. */
export function addTick(ticks: MutableTicks, writer: string, tick: number): void {
  addRange(ticks, writer, tick, tick);
}

/** Adds a run of ticks. */
export function addRange(ticks: MutableTicks, writer: string, first: number, last: number): void {
  let set = ticks.get(writer);
  if (set === undefined) ticks.set(writer, set = new RangeSet());
  set.addRange(first, last);
}

/** Removes one tick. */
export function removeTick(ticks: MutableTicks, writer: string, tick: number): void {
  const set = ticks.get(writer);
  if (set?.remove(tick) && set.isEmpty) ticks.delete(writer);
}

/** Removes `gone`. */
export function removeFrom(ticks: MutableTicks, gone: Ticks): void {
  for (const [writer, set] of gone) {
    const known = ticks.get(writer);
    if (known === undefined) continue;
    known.removeAll(set);
    if (known.isEmpty) ticks.delete(writer);
  }
}

/** As an `info` message holds them. */
export function toRanges(ticks: Ticks): NodeRanges {
  return new Map([...ticks].map(([writer, set]) => [writer, rangesOf(set)]));
}

/** The same in parts of at most so many ranges. */
export function partsOf(ticks: Ticks, rangesMax: number): NodeRanges[] {
  const parts: NodeRanges[] = [];
  let part = new Map<string, Ranges>();
  let room = rangesMax;
  for (const [writer, set] of ticks) {
    const ranges = rangesOf(set);
    for (let at = 0; at < ranges.length;) {
      const some = ranges.slice(at, at + room);
      part.set(writer, some);
      at += some.length;
      room -= some.length;
      if (room > 0) continue;
      parts.push(part);
      part = new Map();
      room = rangesMax;
    }
  }
  return part.size > 0 ? [...parts, part] : parts;
}

function rangesOf(set: RangeSet): (readonly [number, number])[] {
  return Array.from({ length: set.rangeCount }, (_, i) => [set.first(i), set.last(i)] as const);
}
