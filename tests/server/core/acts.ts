/** Random steps of every kind, for tests of whole turns. */

import { rewriteHeads } from "../../../server/core/identity.ts";
import { RangeSet } from "../../../server/core/range_set.ts";
import type { Store } from "../../../server/core/store.ts";
import { at, event, haveOf, knownOf, put, remove } from "./world.ts";

const paths = ["a", "a.b", "a.b.c", "d", ":n.x", ":.moat.kv.conflict.X:3"];

/** Does one thing of every kind that a store can do. */
export function act(node: Store, peer: Store, roll: (n: number) => number): void {
  const path = paths[roll(paths.length)];
  const value = roll(4) === 0 ? undefined : "v".repeat(1 + roll(40));
  switch (roll(14)) {
    case 0:
    case 1:
      return void put(node, path, value ?? 1);
    case 2:
      return void remove(node, path);
    case 3:
    case 4:
      return void node.merge(event(path, `${"XYZ"[roll(3)]}${1 + roll(12)} W${1 + roll(9)}`, 1 + roll(200), value));
    case 5:
      return void node.merge({ ...event(path, `X${5 + roll(12)}`, 1 + roll(300), value), replaces: [2, 4] });
    case 6:
      return node.hear(`${"XV"[roll(2)]}`, roll(30));
    case 7:
      return node.hearTock(roll(400));
    case 8:
      return node.giveUp("X", RangeSet.range(1 + roll(10), 5 + roll(20)));
    case 9: {
      put(peer, path, value ?? 2);
      remove(peer, path);
      node.claim("peer", knownOf(peer), haveOf(peer));
      return node.settleClaims();
    }
    case 10:
      for (const writer of [...node.writers.values()]) for (const tick of writer.tombstones) node.purge(writer, tick);
      return;
    case 11: {
      const entry = at(node, path);
      return entry && node.retire(entry, roll(2) === 0);
    }
    case 12: {
      const old = node.local;
      node.adoptWriter(`me~${roll(5)}`);
      if (old !== node.local) rewriteHeads(node, old, 3);
      return;
    }
    case 13:
      try {
        return node.dropWriter("XYZWV"[roll(5)]);
      } catch {
        return;
      }
  }
}
