/**
 * Sets of ticks by writer name: from messages, of stores, and what they have to do with each other.
 *
 * @module
 */

import type { TickSets } from "../../wire/message/sync.ts";
import type { Ticks } from "../core/claims.ts";
import { RangeSet } from "../core/range_set.ts";
import type { Store } from "../core/store.ts";

/** Ticks by writer name that can be added to. */
export type MutableTicks = Map<string, RangeSet>;

/** Those of a message. */
export function fromMessage(sets: TickSets): MutableTicks {
  const ticks: MutableTicks = new Map();
  for (const [writer, ranges] of sets) {
    const set = new RangeSet();
    for (const [first, last] of ranges) set.addRange(first, last);
    if (!set.isEmpty) ticks.set(writer, set);
  }
  return ticks;
}

/** Everything a store has; the sets are the store's own. */
export function haveOf(store: Store): MutableTicks {
  const ticks: MutableTicks = new Map();
  for (const { name, have } of store.writers.values()) if (!have.isEmpty) ticks.set(name, have);
  return ticks;
}

/** Everything a store misses, given-up ticks left out. */
export function missingOf(store: Store): MutableTicks {
  const ticks: MutableTicks = new Map();
  for (const writer of store.writers.values()) {
    const { have, tick } = writer;
    if (tick === 0 || (have.rangeCount === 1 && have.first(0) === 1 && have.last(0) === tick)) continue;
    const missing = writer.missing();
    if (!missing.isEmpty) ticks.set(writer.name, missing);
  }
  return ticks;
}

/** An independent copy. */
export function copyOf(ticks: Ticks): MutableTicks {
  return new Map([...ticks].map(([writer, set]) => [writer, set.clone()]));
}

/** Those that are in both. */
export function both(a: Ticks, b: Ticks): MutableTicks {
  const result: MutableTicks = new Map();
  for (const [writer, set] of a) {
    const common = intersect(set, b.get(writer));
    if (!common.isEmpty) result.set(writer, common);
  }
  return result;
}

function intersect(a: RangeSet, b: RangeSet | undefined): RangeSet {
  return b === undefined ? new RangeSet() : a.intersection(b);
}

/** Those of `a` that are not in `b`. */
export function minus(a: Ticks, b: Ticks): MutableTicks {
  const result: MutableTicks = new Map();
  for (const [writer, set] of a) {
    const other = b.get(writer);
    const rest = other === undefined ? set : set.difference(other);
    if (!rest.isEmpty) result.set(writer, rest);
  }
  return result;
}

/** Adds `more` to `ticks`. */
export function addTo(ticks: MutableTicks, more: Ticks): void {
  for (const [writer, set] of more) {
    const known = ticks.get(writer);
    if (known === undefined) ticks.set(writer, set.clone());
    else known.addAll(set);
  }
}

/** Whether every tick of `b` is in `a`. */
export function covers(a: Ticks, b: Ticks): boolean {
  for (const [writer, set] of b) if (!set.isEmpty && !a.get(writer)?.covers(set)) return false;
  return true;
}

/** Whether both are the same. Empty sets do not count. */
export function areEqual(a: Ticks, b: Ticks): boolean {
  return covers(a, b) && covers(b, a);
}

/** How many ticks. */
export function countOf(ticks: Ticks): number {
  let count = 0;
  for (const set of ticks.values()) count += set.size;
  return count;
}

/** Parts of at most so many ranges. */
export function splitTicks(ticks: Ticks, rangesMax: number): MutableTicks[] {
  const parts: MutableTicks[] = [];
  let left = 0;
  for (const [name, set] of ticks) {
    for (let i = 0; i < set.rangeCount; i++) {
      if (left === 0) {
        parts.push(new Map());
        left = rangesMax;
      }
      const part = parts[parts.length - 1];
      const ranges = part.get(name) ?? new RangeSet();
      part.set(name, ranges);
      ranges.addRange(set.first(i), set.last(i));
      left--;
    }
  }
  return parts;
}
