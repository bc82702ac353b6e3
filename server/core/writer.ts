/**
 * Who made events: the name in a chain link, and what is known of its ticks. Each tick up to the highest heard of is in
 * exactly one of: present (in the chain of an entry here), superseded, missing, given up.
 *
 * @module
 */

import type { Entry } from "./entry.ts";
import { hashText, mix } from "./key_hash.ts";
import { RangeSet } from "./range_set.ts";
import { TickIndex } from "./tick_index.ts";

/** One writer. */
export class Writer {
  /** The highest tick heard of. */
  tick = 0;
  /** The highest tick whose event was seen here. */
  topTick = 0;
  /** That event's tock: a lower tick with a higher tock was used twice. */
  topTock = 0;
  /** Random, told by servers of this kind; tells two machines of one name apart. */
  lifeId: string | null = null;
  /** Ticks that are present or superseded here. */
  readonly have: RangeSet = new RangeSet();
  /** Ticks that the admin gave up; never among `have`. */
  readonly givenUp: RangeSet = new RangeSet();
  /** Ticks that somebody asked for and that were not seen answered. */
  readonly remoteMissing: RangeSet = new RangeSet();
  /** Heads of tombstones. */
  readonly tombstones: RangeSet = new RangeSet();
  /** The highest tick of a deletion (or dropped event) whose entry is gone for good. */
  purgedUpTo = 0;
  /** Present ticks. */
  readonly index: TickIndex = new TickIndex();
  /** For digests. */
  readonly hash: number;
  /** What rollback goes back to; belongs to the turn. */
  saved: SavedWriter | null = null;

  /** @param name As in chain links: the node's name, or that and `~` and 8 letters */
  constructor(readonly name: string) {
    this.hash = mix(hashText(name));
  }

  /** The node's name: what stands before the `~`. */
  get node(): string {
    return nodeOf(this.name);
  }

  /** The entries whose chain has this tick: usually one. */
  entries(tick: number): readonly Entry[] {
    return this.index.entries(tick);
  }

  /** Whether this tick heads the chain of an entry. */
  heads(tick: number): boolean {
    return this.entries(tick).some((entry) => entry.writer === this && entry.tick === tick);
  }

  /** Whether any of its ticks heads the chain of an entry. */
  get headsAny(): boolean {
    let isFound = false;
    this.index.forEach((tick) => isFound = this.heads(tick));
    return isFound;
  }

  /** Ticks that occur in the chain of an entry here. */
  present(): RangeSet {
    const set = new RangeSet();
    this.index.forEach((tick) => void set.add(tick));
    return set;
  }

  /** Ticks that are had, and in no chain any more. */
  superseded(): RangeSet {
    return this.have.difference(this.present());
  }

  /** Ticks up to the highest heard of that are neither had nor given up. */
  missing(): RangeSet {
    return RangeSet.range(1, this.tick).difference(this.have).difference(this.givenUp);
  }
}

/** A writer's numbers at the last commit. */
export interface SavedWriter {
  readonly tick: number;
  readonly topTick: number;
  readonly topTock: number;
  readonly purgedUpTo: number;
  readonly isNew: boolean;
}

/** The node's name in a writer's name. */
export function nodeOf(name: string): string {
  const at = name.indexOf("~");
  return at < 0 ? name : name.slice(0, at);
}
