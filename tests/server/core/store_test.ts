import { decode, encode, Encoder } from "../../../wire/mod.ts";
import { RequestError } from "../../../wire/errors.ts";
import { Link } from "../../../server/core/chain.ts";
import { encodeRecord, recordKeys } from "../../../server/core/conflicts.ts";
import type { Watcher } from "../../../server/core/entry.ts";
import { rewriteHeads } from "../../../server/core/identity.ts";
import { RangeSet } from "../../../server/core/range_set.ts";
import { Store } from "../../../server/core/store.ts";
import { walk } from "../../../server/core/walk.ts";
import { P } from "../../../wire/path/template.ts";
import { assertEquals, assertSame, assertThrows, assertTrue } from "../../support/assert.ts";
import { at, chainOf, checkDerived, dice, dump, event, eventAt, keys, put, remove, treeOf, valueAt } from "./world.ts";

function store(node = "me"): Store {
  return new Store({ node });
}

const nobody: Watcher = { notify() {} };

Deno.test("A store begins empty, with its own writer and nothing heard", () => {
  const node = store();
  assertEquals([node.clock, node.local.name, node.local.tick, node.entryCount, node.liveCount], [0, "me", 0, 1, 0]);
  assertEquals(node.root.path(), P(":"));
  assertEquals(new Store({ node: "me", writer: "me~abcdefgh" }).local.node, "me");
});

Deno.test("write() counts ticks and tocks, and its change says what was before", () => {
  const node = store();
  const first = put(node, "a.b", 1);
  const second = put(node, "a.b", "two");
  assertEquals([first.tick, first.tock, first.oldWriter, first.local], [1, 1, null, true]);
  assertEquals([second.tick, second.tock, second.oldTick, second.oldTock], [2, 2, 1, 1]);
  assertEquals([...node.values.read(second.oldValue)], [1]);
  assertEquals(node.commit(), [first, second]);
  assertEquals([node.effects.length, valueAt(node, "a.b"), chainOf(at(node, "a.b"))], [0, "two", "me2"]);
  assertEquals([node.local.have.toWire(), node.local.present().toWire()], [[[1, 3]], [2]]);
});

Deno.test("write() goes above every tock heard, also one from a message without an event", () => {
  const node = store();
  node.hearTock(100);
  node.hearTock(7);
  assertEquals(put(node, "a", 1).tock, 101);
});

Deno.test("The root can have a value; intermediate entries have none", () => {
  const node = store();
  put(node, ":", "Testing");
  put(node, "a.b.c", 1);
  assertEquals(valueAt(node, ":"), "Testing");
  assertEquals([at(node, "a.b")?.hasValue, at(node, "a.b")?.isTombstone, at(node, "a.b")?.tock], [false, false, 1]);
  assertEquals(at(node, "a.b.c")?.path(), P("a.b.c"));
  assertEquals(node.find(keys("b.c"), 2, at(node, "a")!), at(node, "a.b.c"));
});

Deno.test("ensure() refuses null but as the first element", () => {
  const node = store();
  node.ensure([null, "x"], 2);
  const error = assertThrows(() => node.ensure(["a", null], 2), RequestError, "Null path element");
  assertEquals(error.code, "value");
  const before = dump(node);
  assertThrows(() => node.ensure(["new", "x", null, "y"], 4), RequestError);
  assertEquals(dump(node), before, "nothing is made on the way");
});

Deno.test("1 and true and '1' are three children; integral floats are integers", () => {
  const node = store();
  for (const [key, value] of [[1, "int"], [true, "bool"], ["1", "text"]] as const) {
    node.write(node.ensure([key], 1), encode(value), 0, encode(value).length);
  }
  assertEquals([1, true, "1"].map((key) => decode(node.values.read(node.root.child(key)!.value))), [
    "int",
    "bool",
    "text",
  ]);
});

Deno.test("delete() leaves a tombstone with the chain; children stay; writing again ranks above", () => {
  const node = store();
  put(node, "a", 1);
  put(node, "a.b", 2);
  remove(node, "a");
  assertEquals([at(node, "a")?.isTombstone, chainOf(at(node, "a")), valueAt(node, "a.b")], [true, "me3", 2]);
  assertEquals(node.local.tombstones.toWire(), [3]);
  const change = put(node, "a", 3);
  assertEquals([change.tock, change.oldTock, node.local.tombstones.toWire()], [4, 3, []]);
  checkDerived(node);
});

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

Deno.test("hear() makes what is between missing, and knows its own name", () => {
  const node = store();
  node.hear("A", 3);
  node.hear("A", 2);
  assertEquals(node.effects.map((effect) => effect.kind), ["heard"]);
  assertEquals(node.writer("A").missing().toWire(), [[1, 4]]);
  node.hear("me", 5);
  assertEquals(node.effects.map((effect) => effect.kind), ["heard", "heard", "alarm"]);
  assertEquals(put(node, "a", 1).tick, 6);
});

Deno.test("forget() gives up what is missing of a node under all its names, and of no other", () => {
  const node = store();
  node.hear("A", 2);
  node.hear("A~abcdefgh", 3);
  node.hear("AB", 4);
  node.forget("A");
  const report = node.state({ missing: true, given_up: true });
  assertEquals([...report.missing!].map(([name, ticks]) => [name, ticks.toWire()]), [["AB", [[1, 5]]]]);
  assertEquals([...report.given_up!].map(([name, ticks]) => [name, ticks.toWire()]), [["A", [[1, 3]]], ["A~abcdefgh", [[
    1,
    4,
  ]]]]);
  checkDerived(node);
});

Deno.test("state() reports as get_state does", () => {
  const node = store();
  put(node, "a", 1);
  put(node, "a", 2);
  put(node, "b", 1);
  node.merge(event("b", "A2 me3", 50));
  node.hear("Z", 1);
  node.writer("Y");
  const report = node.state({
    nodes: true,
    known: true,
    present: true,
    deleted: true,
    missing: true,
    remote_missing: true,
  });
  const plain = Object.fromEntries(
    Object.entries(report).map(([key, map]) => [
      key,
      [...(map as Map<string, RangeSet | number | null>)].map((
        [name, x],
      ) => [name, x instanceof RangeSet ? x.toWire() : x]),
    ]),
  );
  assertEquals(plain, {
    nodes: [["me", 3], ["A", 2], ["Z", 1], ["Y", null]],
    known: [["me", [1]]],
    present: [["me", [[2, 4]]], ["A", [2]]],
    deleted: [["A", [2]], ["me", [3]]],
    missing: [["A", [1]], ["Z", [1]]],
    remote_missing: [],
  });
  assertEquals(node.state({}), {});
});

Deno.test("dropWriter() removes a writer's links from all chains; not while it heads one", () => {
  const node = store();
  node.merge(event("a", "A1", 5, 1));
  assertThrows(() => node.dropWriter("A"), RequestError, "Node A has entry 1");
  node.merge(event("a", "B1 A1 C1", 6, 2));
  node.commit();
  const before = dump(node);
  node.dropWriter("A");
  assertEquals([chainOf(at(node, "a")), node.writers.has("A")], ["B1 C1", false]);
  node.rollback();
  assertEquals(dump(node), before);
  node.dropWriter("A");
  node.commit();
  assertEquals([chainOf(at(node, "a")), node.writers.has("A")], ["B1 C1", false]);
  node.dropWriter("nobody");
  checkDerived(node);
});

Deno.test("A new writer name takes the own heads over, tombstones too, in slices", () => {
  const node = store();
  for (let i = 0; i < 25; i++) put(node, `a:${i}`, i);
  remove(node, "a:3");
  node.merge(event("a:4", "B1 me5", 100, "theirs"));
  node.commit();
  const old = node.local;
  node.adoptWriter("me~abcdefgh");
  const counts: number[] = [];
  for (let count = rewriteHeads(node, old, 10); count > 0; count = rewriteHeads(node, old, 10)) counts.push(count);
  assertEquals(counts, [10, 10, 4]);
  assertEquals(node.commit()[0].kind, "renamed");
  assertEquals([chainOf(at(node, "a:0")), at(node, "a:0")?.tock], ["me~abcdefgh1", 2], "right above the old event");
  assertEquals([at(node, "a:3")?.isTombstone, chainOf(at(node, "a:4")), valueAt(node, "a:24")], [true, "B1 me5", 24]);
  assertEquals(put(node, "a:0", 1).tick, 25);
  checkDerived(node);
});

Deno.test("What two images of one disk write again keeps its order, and no rank falls", () => {
  const one = store();
  put(one, "p", 1);
  const two = store();
  two.merge(eventAt(one, at(one, "p")!));
  // Both go on as the same writer. The first writes late, at a tock that the other has not come to.
  one.hearTock(20);
  put(one, "p", "newer");
  put(two, "q", "other");
  for (const [node, name] of [[one, "me~a"], [two, "me~b"]] as const) {
    const old = node.writer("me");
    node.adoptWriter(name);
    while (rewriteHeads(node, old, 1) > 0);
  }
  for (const [from, to] of [[one, two], [two, one]]) {
    for (const path of ["p", "q"]) if (at(from, path)?.hasValue) to.merge(eventAt(from, at(from, path)!));
  }
  for (const node of [one, two]) {
    assertEquals([valueAt(node, "p"), valueAt(node, "q")], ["newer", "other"]);
    checkDerived(node);
  }
});

Deno.test("digest depends on path and head, not on the way there", () => {
  const roll = dice(7);
  const events = Array.from(
    { length: 30 },
    (_, i) => event(`p${roll(6)}`, `A${i + 1}`, i + 1, roll(3) === 0 ? undefined : i),
  );
  const forward = store();
  const backward = store("other");
  for (const each of events) forward.merge(each);
  for (const each of events.toReversed()) backward.merge(each);
  assertEquals(forward.digest, backward.digest);
  const moved = store();
  for (const each of events) moved.merge({ ...each, keys: ["x"], length: 1 });
  assertTrue(moved.digest !== forward.digest);
  for (const [name, writer] of forward.writers) {
    for (const tick of writer.tombstones) forward.purge(forward.writer(name), tick);
  }
  forward.commit();
  assertEquals(forward.digest, backward.digest, "the moment of a purge does not matter");
  for (let i = 0; i < 6; i++) remove(forward, `p${i}`);
  assertEquals(forward.digest, "0".repeat(16));
});

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
