/** Stores that tell each other what a trace says, for the tests of traces. */

import type { ElementKey } from "../../../wire/path/keys.ts";
import type { Entry } from "../../../server/core/entry.ts";
import { purgeable, type Statement } from "../../../server/core/deletion.ts";
import { Store } from "../../../server/core/store.ts";
import { resync } from "../../../server/core/resync.ts";
import { walk } from "../../../server/core/walk.ts";
import { at, eventAt, haveOf, knownOf } from "./world.ts";

export function nodes<Name extends string>(...names: Name[]): Record<Name, Store> {
  return Object.fromEntries(names.map((node) => [node, new Store({ node })])) as Record<Name, Store>;
}

/** The entry at `path` goes from one node to others. */
export function send(path: string, from: Store, ...to: Store[]): void {
  for (const store of to) {
    store.merge(eventAt(from, at(from, path)!));
    store.settleClaims();
    store.commit();
  }
}

/** `from` says what is superseded there. */
export function claim(from: Store, to: Store): void {
  to.claim(from.node, knownOf(from), haveOf(from));
  to.settleClaims();
  to.commit();
}

/** `store`, which nobody waited for, looks at its entries once more, after it has copied `peer`. */
export function resyncAll(store: Store, peer: Store): void {
  const isGone = (entry: Entry) => {
    const all: ElementKey[] = [];
    return !peer.find(all, entry.readKeys(all))?.writer;
  };
  const steps = walk(store.root, { empty: true, meta: true });
  while (resync(store, { have: haveOf(peer), known: knownOf(peer), isGone }, steps, 2));
}

export function missing(store: Store, name: string): unknown {
  return store.writer(name).missing().toWire();
}

/** Everything that `from` has goes to `to`, then what is superseded there: a join, or a repair that ends. */
export function copy(from: Store, to: Store): void {
  for (const entry of walk(from.root, { empty: true, meta: true })) {
    if (entry.writer !== null) to.merge(eventAt(from, entry));
  }
  claim(from, to);
}

export function statement(store: Store, ...members: string[]): Statement {
  return { onDisk: haveOf(store), members };
}

/** Purges what may be purged at `store`, by these statements; returns how many tombstones went. */
export function purge(
  store: Store,
  statements: Record<string, Statement>,
  members: string[],
  forgotten: string[] = [],
): number {
  let purged = 0;
  const state = { members, forgotten: new Set(forgotten), statements: new Map(Object.entries(statements)) };
  for (const [name, ticks] of purgeable({ ...state, writers: store.writers })) {
    for (const tick of ticks) purged += store.purge(store.writer(name), tick);
  }
  store.commit();
  return purged;
}
