/**
 * What a node does with its own entries that nobody waited for: it was forgotten and is back, or starts from a backup, a copy
 * or a file. It has taken a new writer name, and all that a peer has (its tree, and its claim was believed). Then:
 *
 * | the head of an entry here | at the peer | so it |
 * | --- | --- | --- |
 * | is superseded there | was purged | goes |
 * | is unknown there, but an older link is superseded and the path is gone | was based on what was purged | goes to the conflicts |
 * | anything else | is there, or will be merged there | stays |
 *
 * @module
 */

import type { Ticks } from "./claims.ts";
import type { Entry } from "./entry.ts";
import type { Store } from "./store.ts";
import type { Walk } from "./walk.ts";

/** What is known of the peer. */
export interface ResyncPeer {
  /** All ticks it has. */
  readonly have: Ticks;
  /** Those that are superseded there. */
  readonly known: Ticks;
  /** Whether it has nothing (value or tombstone) at the entry's path. */
  readonly isGone: (entry: Entry) => boolean;
}

/**
 * Goes through the next `count` entries of `steps`, a walk with `empty` and `meta`. Returns false at its end. The claim has
 * to be believed before (`store.openClaims` is 0).
 */
export function resync(store: Store, peer: ResyncPeer, steps: Walk, count: number): boolean {
  for (let i = 0; i < count; i++) {
    const entry = steps.next();
    if (entry === undefined) return false;
    if (entry.writer === null) continue;
    const { writer: { name }, tick } = entry;
    if (peer.known.get(name)?.has(tick)) store.retire(entry, false);
    else if (!peer.have.get(name)?.has(tick) && isBasedOn(entry, peer.known) && peer.isGone(entry)) {
      store.retire(entry, true);
    }
  }
  return true;
}

function isBasedOn(entry: Entry, known: Ticks): boolean {
  for (let link = entry.older; link !== null; link = link.prev) {
    if (known.get(link.writer.name)?.has(link.tick)) return true;
  }
  return false;
}
