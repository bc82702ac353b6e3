/**
 * What the store tells its surroundings: every step returns or collects effects, and touches nothing else. The server
 * writes them to the log, then commits, then broadcasts and notifies watchers. Effects are plain data in the order in
 * which they happened; a log that replays them in this order gets the same state.
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";
import type { Link } from "./chain.ts";
import type { Entry } from "./entry.ts";
import type { RangeSet } from "./range_set.ts";
import type { Writer } from "./writer.ts";

/**
 * An entry has a new version. `value` is valid until the store's next commit or rollback (and as long as it is the
 * entry's value after that); `oldValue` until the commit. {@linkcode NO_VALUE} in `value` is a deletion.
 */
export class Change {
  /** Tells effects apart. */
  readonly kind = "change";
  constructor(
    readonly entry: Entry,
    /** Whether this node made the event (then it is broadcast). */
    readonly local: boolean,
    /** The new version: value, head of the chain, older links, tock. */
    readonly value: number,
    readonly writer: Writer,
    readonly tick: number,
    readonly older: Link | null,
    readonly tock: number,
    /** The version it replaces; `oldWriter` is null if the entry was never written. */
    readonly oldValue: number,
    readonly oldWriter: Writer | null,
    readonly oldTick: number,
    readonly oldOlder: Link | null,
    readonly oldTock: number,
  ) {}
}

/** An event that lost against another without being known to it, to be recorded: see DESIGN of conflicts. */
export interface Conflict {
  readonly kind: "conflict";
  /** Where it happened. */
  readonly entry: Entry;
  /** Its encoded value (an own copy), or null if it is a deletion. */
  readonly value: Uint8Array | null;
  /** The losing event's head, and its tock. */
  readonly writer: Writer;
  readonly tick: number;
  readonly tock: number;
}

/** Ticks became had, without a new version of an entry: superseded, lost, or believed. */
export interface Superseded {
  readonly kind: "superseded";
  readonly writer: Writer;
  readonly first: number;
  /** Inclusive. */
  readonly last: number;
}

/** Ticks that nobody will ever deliver were given up by the admin. */
export interface GaveUp {
  readonly kind: "gave_up";
  readonly writer: Writer;
  readonly ticks: RangeSet;
}

/** A tombstone is gone for ever; its ticks are superseded. */
export interface Purged {
  readonly kind: "purged";
  /** The tombstone; it is unhooked at the commit, and still knows its parent and key. */
  readonly entry: Entry;
  readonly writer: Writer;
  readonly tick: number;
}

/** A writer's highest known tick rose to `tick`, without an event at hand: the ticks between are missing. */
export interface Heard {
  readonly kind: "heard";
  readonly writer: Writer;
  readonly tick: number;
}

/** This node writes under another name from now on. */
export interface Renamed {
  readonly kind: "renamed";
  readonly writer: Writer;
}

/** A writer was dropped: no entry names it any more. */
export interface Dropped {
  readonly kind: "dropped";
  readonly name: string;
}

/** Something the admin should hear of. Nothing changes by it. */
export interface Alarm {
  readonly kind: "alarm";
  /** `identity`: one (writer, tick) with two contents. `reset`: a writer started anew with used ticks. */
  readonly reason: "identity" | "reset";
  readonly path: readonly ElementKey[];
  readonly writer: Writer;
  readonly tick: number;
}

/** Whatever can happen to the replicated state. */
export type Effect = Change | Conflict | Superseded | GaveUp | Purged | Heard | Renamed | Dropped | Alarm;
