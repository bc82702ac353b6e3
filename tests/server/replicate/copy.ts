/**
 * Copies of a store: what a backup, a disk image or a restart begins with.
 *
 * @module
 */

import { Store } from "../../../server/core/store.ts";
import type { Link } from "../../../server/core/chain.ts";
import { Link as ChainLink } from "../../../server/core/chain.ts";
import { walk } from "../../../server/core/walk.ts";
import type { ElementKey } from "../../../wire/path/keys.ts";

/** An independent copy with the same writer and life. */
export function copyOf(store: Store): Store {
  const copy = new Store({ node: store.node, writer: store.local.name });
  const links = (link: Link | null): Link | null =>
    link === null ? null : new ChainLink(copy.writer(link.writer.name), link.tick, links(link.prev));
  for (const entry of walk(store.root, { empty: true, meta: true })) {
    if (entry.writer === null) continue;
    const keys: ElementKey[] = [];
    const length = entry.readKeys(keys);
    const bytes = entry.hasValue ? store.values.read(entry.value) : null;
    const writer = copy.writer(entry.writer.name);
    const { tick, older, tock } = entry;
    copy.restoreEntry(keys, length, writer, tick, links(older), tock, bytes, 0, bytes?.length ?? 0);
  }
  for (const writer of store.writers.values()) {
    const made = copy.writer(writer.name);
    copy.restoreHave(made, writer.have);
    made.givenUp.addAll(writer.givenUp);
    made.lifeId = writer.lifeId;
    made.tick = writer.tick;
    made.purgedUpTo = writer.purgedUpTo;
    made.topTick = writer.topTick;
    made.topTock = writer.topTock;
  }
  for (const conflict of store.conflicts) {
    copy.conflicts.restore({ ...conflict, writer: copy.writer(conflict.writer.name) });
  }
  copy.hearTock(store.clock);
  copy.finishRestore();
  return copy;
}

/** The same under a writer name that was never used: the store of a start whose continuity is not proven. */
export function renewed(store: Store, writer: string): Store {
  const copy = copyOf(store);
  copy.adoptWriter(writer);
  copy.local.lifeId = `life of ${writer}`;
  copy.commit();
  return copy;
}
