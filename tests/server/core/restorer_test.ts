/** A store that is read back, and the memory that it holds. */

import { encode } from "../../../wire/mod.ts";
import { Link } from "../../../server/core/chain.ts";
import { RangeSet } from "../../../server/core/range_set.ts";
import { Store } from "../../../server/core/store.ts";
import { walk } from "../../../server/core/walk.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";
import { at, checkDerived, dump, put, treeOf, valueAt } from "./world.ts";

function store(node = "me"): Store {
  return new Store({ node });
}

Deno.test("restore…() brings everything back, in any order, the last version of an entry counting", () => {
  const node = store();
  const a = node.writer("A");
  const one = encode("one");
  node.restoreEntry(["x"], 1, a, 4, new Link(node.local, 2, null), 9, one, 0, one.length);
  node.restoreEntry(["y"], 1, node.local, 3, null, 8, null, 0, 0);
  node.restoreEntry(["x"], 1, a, 6, null, 11, one, 0, one.length);
  node.restoreEntry(["gone", "z"], 2, a, 7, null, 12, null, 0, 0);
  node.restorePurge(["gone", "z"], 2, a, 7);
  node.restorePurge(["x"], 1, a, 5);
  node.restoreHave(a, RangeSet.range(1, 2));
  node.finishRestore();
  assertEquals(treeOf(node), ["x = a36f6e65 A6 @11", "y = - me3 @8"]);
  assertEquals([a.have.toWire(), node.local.have.toWire()], [[[1, 3], [4, 8]], [[2, 4]]]);
  assertEquals([node.clock, node.local.tick, a.purgedUpTo, a.tick], [12, 3, 7, 7]);
  assertEquals([node.effects.length, at(node, "gone"), node.values.liveBytes], [0, undefined, 4]);
  node.rollback();
  assertEquals(put(node, "x", 1).tock, 13);
  checkDerived(node);
});

Deno.test("finishRestore() may be called again, after more was restored", () => {
  const node = store();
  put(node, "x", "replaced");
  put(node, "y", "stays");
  node.commit();
  for (let i = 0; i < 2; i++) {
    const bytes = encode(`restored ${i}`);
    node.restoreEntry(["x"], 1, node.writer("A"), 4 + i, null, 9 + i, bytes, 0, bytes.length);
    node.finishRestore();
    checkDerived(node);
  }
  assertEquals([valueAt(node, "x"), node.liveCount, node.writer("A").have.toWire()], ["restored 1", 2, [[4, 6]]]);
});

Deno.test("Memory does not follow the number of writes", () => {
  const node = store();
  for (let i = 0; i < 300_000; i++) {
    put2(node, i);
    if (i % 50 === 49) node.commit();
  }
  node.commit();
  assertEquals([node.local.tick, node.local.have.rangeCount, node.entryCount], [300_000, 1, 101]);
  assertTrue(node.local.index.slotCount < 2000, `${node.local.index.slotCount} slots for 100 entries`);
  assertTrue(node.values.heldBytes < 16 * 65536, `${node.values.heldBytes} bytes held`);
});

Deno.test("tidyValues() gives memory back after most values have gone, and keeps the others", () => {
  const node = store();
  for (let i = 0; i < 20_000; i++) node.write(node.ensure([i], 1), new Uint8Array(60).fill(i), 0, 60);
  node.commit();
  for (let i = 0; i < 20_000; i++) if (i % 100 !== 0) node.delete(node.ensure([i], 1));
  node.commit();
  const held = node.values.heldBytes;
  const before = dump(node);
  put(node, "x", 1);
  assertEquals(node.tidyValues(walk(node.root), 10), false, "not while a turn is open");
  node.rollback();
  const steps = walk(node.root);
  while (node.tidyValues(steps, 50));
  assertTrue(node.values.heldBytes < held / 5, `${node.values.heldBytes} of ${held}`);
  assertEquals(dump(node), before);
});

function put2(node: Store, i: number): void {
  const bytes = new Uint8Array(9 + i % 50).fill(1);
  node.write(node.ensure([i * 7 % 100], 1), bytes, 0, bytes.length);
}
