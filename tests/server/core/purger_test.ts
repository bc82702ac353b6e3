/** What goes for good: purged deletions, retired versions, settled conflicts. */

import type { Watcher } from "../../../server/core/entry.ts";
import { Store } from "../../../server/core/store.ts";
import { decode, encode, Encoder } from "../../../wire/mod.ts";
import { encodeRecord, recordKeys } from "../../../server/core/conflicts.ts";
import { P } from "../../../wire/path/template.ts";
import { assertEquals, assertSame } from "../../support/assert.ts";
import { at, chainOf, checkDerived, event, keys, put, remove, treeOf, valueAt } from "./world.ts";

function store(node = "me"): Store {
  return new Store({ node });
}

const nobody: Watcher = { notify() {} };

Deno.test("prune() unhooks what is empty, upward, but nothing with a value, a chain, a child or a watcher", () => {
  const node = store();
  const leaf = node.ensure(keys("a.b.c"), 3);
  leaf.watchers = [nobody];
  node.prune(leaf);
  assertSame(at(node, "a.b.c"), leaf);
  leaf.watchers = null;
  put(node, "a.x", 1);
  node.prune(leaf);
  assertEquals([leaf.parent, at(node, "a.b"), at(node, "a.x")?.hasValue, node.entryCount], [null, undefined, true, 3]);
  node.prune(node.root);
  checkDerived(node);
});

Deno.test("purge() unhooks a tombstone at the commit, and its ticks stay had", () => {
  const node = store();
  put(node, "a.b", 1);
  remove(node, "a.b");
  node.commit();
  assertEquals(node.purge(node.local, 2), 1);
  assertEquals(at(node, "a.b")?.isTombstone, false);
  assertEquals(node.commit().map((effect) => effect.kind), ["purged"]);
  assertEquals([at(node, "a"), node.local.have.toWire(), node.local.purgedUpTo, node.entryCount], [
    undefined,
    [[1, 3]],
    2,
    1,
  ]);
  assertEquals(node.purge(node.local, 2), 0);
  checkDerived(node);
});

Deno.test("purge() takes heads only: not a re-created entry, not a parent with a value or children", () => {
  const node = store();
  put(node, "a", 1);
  put(node, "a.b", 2);
  put(node, "a.b.c", 3);
  remove(node, "a.b");
  node.merge(event("a.b", "X1 me4", 90, "re-created"));
  assertEquals(node.purge(node.local, 4), 0, "me4 is a link of a live entry");
  node.merge(event("a.b", "Y1 X1 me4", 91));
  assertEquals(node.purge(node.writer("Y"), 1), 1);
  node.commit();
  assertEquals(treeOf(node), ["a = 01 me1 @1", "a.b.c = 03 me3 @3"]);
  remove(node, "a.b.c");
  node.merge(event("a.b.c", "Z1 me5", 95));
  assertEquals(node.purge(node.local, 5), 0, "a later deletion stands on it");
  node.purge(node.writer("Z"), 1);
  node.commit();
  assertEquals(treeOf(node), ["a = 01 me1 @1"]);
  assertEquals(node.entryCount, 2);
  checkDerived(node);
});

Deno.test("A purged entry that is written again in the same turn stays", () => {
  const node = store();
  put(node, "a", 1);
  remove(node, "a");
  node.commit();
  node.purge(node.local, 2);
  put(node, "a", 3);
  node.commit();
  assertEquals([valueAt(node, "a"), chainOf(at(node, "a"))], [3, "me3"]);
  checkDerived(node);
});

Deno.test("retire() takes a live version away, into the conflicts if told", () => {
  const node = store();
  put(node, "a", "mine");
  put(node, "b", "known elsewhere");
  node.commit();
  node.retire(at(node, "a")!, true);
  node.retire(at(node, "b")!, false);
  node.commit();
  assertEquals([at(node, "a"), at(node, "b"), node.local.superseded().toWire()], [undefined, undefined, [[1, 3]]]);
  const [conflict] = node.conflicts;
  assertEquals([conflict.path, decode(conflict.value!), node.conflicts.size], [["a"], "mine", 1]);
  assertEquals(node.values.liveBytes, 0);
  checkDerived(node);
});

Deno.test("A conflict is settled by its record, or by the record's tombstone, and by nothing else", () => {
  for (const path of ["p", ":n.q"]) {
    for (const isDeletion of [false, true]) {
      const node = store();
      node.merge(event(path, "A7", 5, [1]));
      node.merge(event(path, "B1", 6, "winner"));
      const [conflict] = node.conflicts;
      const record = recordKeys(conflict);
      assertEquals(record, path === "p" ? [".moat", "kv", "conflict", "A", 7] : [null, "conflict", "A", 7]);
      const encoder = new Encoder();
      encodeRecord(encoder, conflict);
      assertEquals(decode(encoder.take()), { path: P(path), node: "A", tick: 7, tock: 5, value: [1] });
      for (
        const other of [[...record.slice(0, -1), 8], [...record, 7], ["x", ...record.slice(1)], record.slice(0, -1), [
          ...record.slice(0, -2),
          "x",
          "A",
          7,
        ]]
      ) {
        node.write(node.ensure(other, other.length), encode(1), 0, 1);
      }
      assertEquals(node.conflicts.size, 1);
      const entry = node.ensure(record, record.length);
      if (isDeletion) node.delete(entry);
      else node.write(entry, encode(1), 0, 1);
      assertEquals(node.conflicts.size, 0);
      assertEquals(node.effects.at(-1)?.kind, "conflict_settled");
      node.rollback();
      assertEquals(node.conflicts.size, 0, "the conflict itself was of this turn");
    }
  }
});
