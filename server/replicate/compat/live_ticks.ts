/**
 * Which ticks are known to be of events with a value. A chain that is sent to the original must not name a deletion behind
 * its head: when that deletion is purged there, the entry goes with it, whatever it holds by then. So only links that were
 * seen to be of values are sent. What was before this process is not known, and left out.
 *
 * @module
 */

import { RangeSet } from "../../core/range_set.ts";

/** Ranges kept for a writer; of more, the oldest half is forgotten, which only makes chains shorter. */
const rangesMax = 2000;

/** See the module. */
export class LiveTicks {
  readonly #ticks = new Map<string, RangeSet>();

  /** This event has a value. */
  add(writer: string, tick: number): void {
    let ticks = this.#ticks.get(writer);
    if (ticks === undefined) this.#ticks.set(writer, ticks = new RangeSet());
    ticks.add(tick);
    if (ticks.rangeCount > rangesMax) ticks.removeRange(1, ticks.last(rangesMax / 2));
  }

  /** Whether this event is known to have a value. */
  has(writer: string, tick: number): boolean {
    return this.#ticks.get(writer)?.has(tick) ?? false;
  }
}
