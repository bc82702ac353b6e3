/**
 * What the store tells its surroundings: every step changes the state and notes effects, and touches nothing else. The
 * server writes them to its log, commits, then broadcasts and notifies watchers. A log that replays them in their order
 * gets the same state.
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";
import type { Link } from "./chain.ts";
import type { Entry } from "./entry.ts";
import type { RangeSet } from "./range_set.ts";
import type { Writer } from "./writer.ts";

/** An entry has a new version. */
export class Change {
  /** Tells effects apart. */
  readonly kind = "change";

  /**
   * @param entry Where
   * @param local Whether this node made the event; then it is broadcast
   * @param value The new value, `NO_VALUE` for a deletion. Valid until the next commit, longer while it is the entry's
   * @param writer Who made the event: the head of the new chain
   * @param tick Its tick
   * @param older The new chain behind its head
   * @param tock Its tock
   * @param oldValue The value it replaces; valid until the commit
   * @param oldWriter The head it replaces; null if the entry was never written
   * @param oldTick The replaced head's tick
   * @param oldOlder The replaced chain behind its head
   * @param oldTock The replaced tock
   */
  constructor(
    readonly entry: Entry,
    readonly local: boolean,
    readonly value: number,
    readonly writer: Writer,
    readonly tick: number,
    readonly older: Link | null,
    readonly tock: number,
    readonly oldValue: number,
    readonly oldWriter: Writer | null,
    readonly oldTick: number,
    readonly oldOlder: Link | null,
    readonly oldTock: number,
  ) {}

  /** Whether it is the event that was here already, with a longer chain or a later tock: no watcher needs to hear of it. */
  get isRefresh(): boolean {
    return this.writer === this.oldWriter && this.tick === this.oldTick && this.value === this.oldValue;
  }
}

/** An event lost against another that did not know it. It stays pending until its record is written. */
export interface Conflict {
  /** Tells effects apart. */
  readonly kind: "conflict";
  /** Where it happened. */
  readonly path: readonly ElementKey[];
  /** The losing value, encoded; null if the loser is a deletion. */
  readonly value: Uint8Array | null;
  /** Who made the loser. */
  readonly writer: Writer;
  /** The loser's tick. */
  readonly tick: number;
  /** The loser's tock. */
  readonly tock: number;
}

/** A pending conflict was settled: its record, or the record's tombstone, is here. */
export interface ConflictSettled {
  /** Tells effects apart. */
  readonly kind: "conflict_settled";
  /** Who made the loser. */
  readonly writer: Writer;
  /** The loser's tick. */
  readonly tick: number;
}

/** Ticks became had without being in the chain of an entry: they lost, or were replaced within a batch. */
export interface Superseded {
  /** Tells effects apart. */
  readonly kind: "superseded";
  /** Whose ticks. */
  readonly writer: Writer;
  /** The first. */
  readonly first: number;
  /** The last, inclusive. */
  readonly last: number;
}

/** A peer's word was believed (pair rule): these ticks are superseded. Up to one range per entry of a tree. */
export interface Believed {
  /** Tells effects apart. */
  readonly kind: "believed";
  /** Whose ticks. */
  readonly writer: Writer;
  /** Which. */
  readonly ticks: RangeSet;
}

/** The admin gave ticks up: nobody will deliver them. */
export interface GaveUp {
  /** Tells effects apart. */
  readonly kind: "gave_up";
  /** Whose ticks. */
  readonly writer: Writer;
  /** Which. */
  readonly ticks: RangeSet;
}

/** A version is gone for good: a tombstone that everybody has, or an event that a peer proved to be purged elsewhere. */
export interface Purged {
  /** Tells effects apart. */
  readonly kind: "purged";
  /** Unhooked at the commit, if nothing else is there; read its path before. */
  readonly entry: Entry;
  /** Who made the event. */
  readonly writer: Writer;
  /** Its tick. */
  readonly tick: number;
}

/** A writer's highest known tick rose without an event at hand: the ticks between are missing. */
export interface Heard {
  /** Tells effects apart. */
  readonly kind: "heard";
  /** Whose ticks. */
  readonly writer: Writer;
  /** The highest. */
  readonly tick: number;
}

/** A writer's life id was learned. */
export interface Life {
  /** Tells effects apart. */
  readonly kind: "life";
  /** Whose; it has the id. */
  readonly writer: Writer;
}

/** This node writes under another name from now on. */
export interface Renamed {
  /** Tells effects apart. */
  readonly kind: "renamed";
  /** The new name's writer. */
  readonly writer: Writer;
}

/** A writer was forgotten: no chain names it any more. */
export interface Dropped {
  /** Tells effects apart. */
  readonly kind: "dropped";
  /** Who was forgotten. */
  readonly writer: Writer;
}

/** Something the admin should hear of; changes nothing by itself. */
export interface Alarm {
  /** Tells effects apart. */
  readonly kind: "alarm";
  /**
   * `twice`: one (writer, tick) with two contents. `reset`: a writer began anew with ticks it had used.
   * `name_taken`: somebody else writes under this node's writer name.
   */
  readonly reason: "twice" | "reset" | "name_taken";
  /** The event's path; empty if only a tick was heard. */
  readonly path: readonly ElementKey[];
  /** Whose tick. */
  readonly writer: Writer;
  /** Which. */
  readonly tick: number;
}

/** Whatever can happen to the replicated state. */
export type Effect =
  | Change
  | Conflict
  | ConflictSettled
  | Superseded
  | Believed
  | GaveUp
  | Purged
  | Heard
  | Life
  | Renamed
  | Dropped
  | Alarm;
