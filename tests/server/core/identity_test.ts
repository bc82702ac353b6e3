/** Another writer name, images of one disk, and what a digest says of a tree. */

import { Store } from "../../../server/core/store.ts";
import { rewriteHeads } from "../../../server/core/identity.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";
import { at, chainOf, checkDerived, dice, event, eventAt, put, remove, valueAt } from "./world.ts";

function store(node = "me"): Store {
  return new Store({ node });
}

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
