/**
 * After a node took a new writer name because somebody else writes under the old one: whatever heads an entry under the
 * old name is written again under the new, so that no (writer, tick) with two contents decides anything. What is old stays
 * old by that: what somebody else wrote later under the old name, and writes again, too, still wins.
 *
 * @module
 */

import type { Entry } from "./entry.ts";
import type { Store } from "./store.ts";
import type { Writer } from "./writer.ts";

/**
 * Writes up to `count` entries again whose head is `writer`'s, tombstones included. Returns how many; to be called until
 * it returns 0.
 */
export function rewriteHeads(store: Store, writer: Writer, count: number): number {
  const found = new Set<Entry>();
  writer.index.forEach((tick) => {
    for (const entry of writer.entries(tick)) if (entry.writer === writer && entry.tick === tick) found.add(entry);
    return found.size >= count;
  });
  for (const entry of found) store.rewrite(entry);
  return found.size;
}
