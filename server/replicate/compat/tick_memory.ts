/**
 * Ticks with something in common, remembered within bounds: those forgotten count as unknown.
 *
 * Two are kept. *Live*: events known to have a value. A chain that is sent to the original must not name a deletion behind
 * its head: when that deletion is purged there, the entry goes with it, whatever it holds by then. So only links that were
 * seen to be of values are sent; what was before this process is not known, and left out. *Heard*: events that went over
 * `ROOT/update`, or were told as superseded, so that originals can know of them.
 *
 * @module
 */

import { RangeSet } from "../../core/range_set.ts";

/** Ranges kept for a writer; of more, the oldest half is forgotten. */
const rangesMax = 2000;

/** See the module. */
export class TickMemory {
  readonly #ticks = new Map<string, RangeSet>();

  /** Remembers a tick. */
  add(writer: string, tick: number): void {
    this.addRange(writer, tick, tick);
  }

  /** Remembers a run of ticks. */
  addRange(writer: string, first: number, last: number): void {
    let ticks = this.#ticks.get(writer);
    if (ticks === undefined) this.#ticks.set(writer, ticks = new RangeSet());
    if (first === last) ticks.add(first);
    else ticks.addRange(first, last);
    if (ticks.rangeCount > rangesMax) ticks.removeRange(1, ticks.last(rangesMax / 2));
  }

  /** Whether it is remembered. */
  has(writer: string, tick: number): boolean {
    return this.#ticks.get(writer)?.has(tick) ?? false;
  }

  /** Those of `ticks` that are not remembered. */
  unknown(writer: string, ticks: RangeSet): RangeSet {
    const known = this.#ticks.get(writer);
    return known === undefined ? ticks.clone() : ticks.difference(known);
  }
}
