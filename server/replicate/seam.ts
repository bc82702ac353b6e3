/**
 * The seam between replication among servers of this kind and what speaks to the original's servers beside it.
 *
 * ```text
 * committed effects ─▶ Replicator ─▶ update batches on ROOT/sync
 *                          └──────▶ Compat ─▶ ROOT/update, info, ping, del
 * ROOT/update, info ─▶ Compat ─▶ host.merge(), host.hear() ─▶ store ─▶ committed effects
 * ```
 *
 * @module
 */

import type { Ticks } from "../core/claims.ts";
import type { Effect } from "../core/effect.ts";
import type { Incoming } from "../core/incoming.ts";
import type { MergeResult } from "../core/store.ts";
import type { ReplicatorParts } from "./parts.ts";
import type { Peer } from "./peer.ts";

/** Speaks to servers of the original. Like the replicator it is driven by steps and never waits. */
export interface Compat {
  /** Subscribes and announces itself. The replicator has subscribed already. */
  start(): void;
  /** What is logged, local and from elsewhere, in its order; values can be read. */
  committed(effects: readonly Effect[]): void;
  /** Something is due. */
  time(): void;
  /** When; Infinity: never. */
  readonly wakeAtMs: number;
  /** The last chance to publish. */
  stop(): void;
}

/** What the replicator does for it. */
export interface CompatHost {
  readonly parts: ReplicatorParts;
  /** All servers heard of, by name; those of the original have `isOurs` false. */
  readonly peers: ReadonlyMap<string, Peer>;
  /** Whether nothing of what is here may be shared before it was compared with another server's of ours. */
  readonly isHolding: boolean;
  /** Whether nothing is missing that any peer of this kind has. */
  readonly isQuiet: boolean;
  /**
   * Merges events within a turn; refused ones are counted and reported. `then` hears of the results within that turn.
   * @param from Who sent them, for reports
   */
  merge(events: readonly Incoming[], from: string, then?: (results: readonly MergeResult[]) => void): void;
  /** Within a turn: these are the highest ticks that somebody knows, by writer name. */
  hear(ticks: ReadonlyMap<string, number>): void;
  /**
   * A server's name was heard (actor message, `info`): it is a member from now on. Its peer, made if need be.
   */
  heard(name: string): Peer;
  /** Whether one may copy from that server of the original. */
  ready(name: string, isReady: boolean): void;
  /** Another server bears this one's name. */
  clashed(): void;
  /** What a server of the original has on its disk, from `get_state`; counts as its statement for purging. */
  statement(name: string, onDisk: Ticks): void;
  /** Whether the deletion with this tick is purged here, on everybody's word (DESIGN 4.5). */
  isPurged(writer: string, tick: number): boolean;
  /** A message was malformed or unbelievable: counted, and reported now and then. */
  refuse(reason: string, from: string): void;
  /** `wakeAtMs` has become earlier. */
  wake(): void;
}
