/**
 * Who keeps tombstones from being purged, for people who wonder.
 *
 * @module
 */

import type { Ticks } from "../core/claims.ts";
import type { Store } from "../core/store.ts";
import type { Members } from "./members.ts";
import type { Peer } from "./peer.ts";

/** What it depends on. */
export interface HolderState {
  readonly node: string;
  readonly store: Store;
  readonly members: Members;
  readonly peers: ReadonlyMap<string, Peer>;
  /** What is on this server's disk; undefined: all. */
  readonly onDisk: Ticks | undefined;
}

/** How many tombstones there are. */
export function tombstoneCount(store: Store): number {
  let count = 0;
  for (const { tombstones } of store.writers.values()) count += tombstones.size;
  return count;
}

/** How many tombstones wait for each member: it did not say that it has them on its disk. */
export function tombstoneHolders({ node, store, members, peers, onDisk }: HolderState): Map<string, number> {
  const holders = new Map<string, number>();
  const note = (name: string, count: number) => count > 0 && holders.set(name, count);
  for (const name of members.names()) {
    if (members.isForgotten(name)) continue;
    if (name === node) note(name, onDisk === undefined ? 0 : notIn(store, onDisk));
    else note(name, notIn(store, statementOf(peers.get(name))));
  }
  return holders;
}

function statementOf(peer: Peer | undefined): Ticks {
  if (peer === undefined || peer.isSilent || peer.onDisk === null) return new Map();
  return peer.isMemoryOnly ? peer.have : peer.onDisk;
}

function notIn(store: Store, ticks: Ticks): number {
  let count = 0;
  for (const { name, tombstones } of store.writers.values()) {
    if (tombstones.isEmpty) continue;
    const theirs = ticks.get(name);
    count += theirs === undefined ? tombstones.size : tombstones.difference(theirs).size;
  }
  return count;
}
