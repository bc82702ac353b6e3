/**
 * Who made events: the name in a chain link, and what is known of its ticks. Each tick up to the highest heard of is in
 * exactly one of: present (in the chain of an entry here), superseded, missing, given up.
 *
 * @module
 */

import type { Entry } from "./entry.ts";
import { RangeSet } from "./range_set.ts";

/** One writer. */
export class Writer {
  /** The highest tick heard of. */
  tick = 0;
  /** Random, told by servers of this kind; tells two machines of one name apart. */
  lifeId: string | null = null;
  /** Ticks that are present or superseded here. */
  readonly have: RangeSet = new RangeSet();
  /** Ticks the admin gave up. */
  readonly givenUp: RangeSet = new RangeSet();
  /** Ticks that somebody asked for and that were not seen answered. */
  readonly remoteMissing: RangeSet = new RangeSet();
  /** Ticks (heads only) of tombstones. */
  readonly tombstones: RangeSet = new RangeSet();

  constructor(readonly name: string) {}

  /** The node's name: what stands before the `~`. */
  get node(): string {
    throw new Error("stub");
  }
  /** The entries whose chain has this tick: usually one. */
  entries(_tick: number): readonly Entry[] {
    throw new Error("stub");
  }
  /** Ticks that occur in the chain of an entry here. */
  present(): RangeSet {
    throw new Error("stub");
  }
  /** Ticks that are had, and in no chain any more. */
  superseded(): RangeSet {
    throw new Error("stub");
  }
  /** Ticks in the chains of tombstones. */
  deleted(): RangeSet {
    throw new Error("stub");
  }
  /** Ticks up to the highest heard of that are neither had nor given up. */
  missing(): RangeSet {
    throw new Error("stub");
  }
}
