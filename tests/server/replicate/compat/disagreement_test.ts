/** Where originals decide by arrival, all end alike after a while; where they claim what they never had, nobody loses it. */

import { RangeSet } from "../../../../server/core/range_set.ts";
import { encode } from "../../../../wire/msgpack/encoder.ts";
import type { Value } from "../../../../wire/value.ts";
import { assertEquals, assertTrue } from "../../../support/assert.ts";
import type { OriginalRules } from "../../../support/original_rules.ts";
import { MixedNetwork, type Ours } from "./mixed.ts";

const second = 1000;

function values(nodes: readonly (OriginalRules | Ours)[], path: string): (Value | undefined)[] {
  return nodes.map((node) => node.get(path));
}

/** Heals, and lets everybody find together. */
function heal(network: MixedNetwork, seconds: number = 120): void {
  network.heal();
  network.run(seconds * second);
}

Deno.test("after a tie in tock the winner is written again, once, naming winner and loser", () => {
  const network = new MixedNetwork(5);
  const [p, q] = [network.original("p"), network.original("q")];
  const [a, b] = [network.ours("a"), network.ours("b")];
  network.run(60 * second);
  const all = [p, q, a, b];
  network.split("p a", "q b");
  const tock = Math.max(...[p, q].map((each) => each.tock), a.store.clock, b.store.clock) + 10;
  for (const each of [p, q]) each.tock = tock;
  for (const each of [a, b]) each.turn(() => each.store.hearTock(tock));
  p.set("x", "left");
  q.set("x", "right");
  assertEquals(p.entries.size > 0 && p.tock, q.tock);
  network.run(5 * second);
  heal(network);
  assertEquals(values(all, "x"), ["left", "left", "left", "left"]);
  assertEquals(a.compat.counters.assertions + b.compat.counters.assertions, 1);
  const again = network.heard.filter(({ word, message }) =>
    word === "update" && message.node === "a" && message.value === "left"
  );
  const { prev } = again.at(-1)!.message;
  assertEquals([prev.node, prev.prev.node], ["p", "q"]);
  assertEquals([p.death, q.death], [undefined, undefined]);
});

Deno.test("delete against a concurrent set: everybody ends with the higher rank", () => {
  for (const later of ["set", "delete"]) {
    const network = new MixedNetwork(7);
    const [p, q] = [network.original("p"), network.original("q")];
    const [a, b] = [network.ours("a"), network.ours("b")];
    network.run(60 * second);
    p.set("x", "old");
    network.run(second);
    network.split("p a", "q b");
    const act = (what: string) => what === "set" ? q.set("x", "new") : p.delete("x");
    act(later === "set" ? "delete" : "set");
    network.run(second);
    for (const each of [p, q]) each.tock += 20;
    act(later);
    network.run(5 * second);
    heal(network);
    const wanted = later === "set" ? "new" : undefined;
    assertEquals(values([p, q, a, b], "x"), [wanted, wanted, wanted, wanted], later);
    assertTrue(a.compat.counters.assertions + b.compat.counters.assertions <= 1);
  }
});

Deno.test("a winner over a deletion is written again without naming the deletion", () => {
  const network = new MixedNetwork(7);
  const [p, q] = [network.original("p"), network.original("q")];
  const a = network.ours("a");
  network.run(60 * second);
  p.set("x", "old");
  network.run(second);
  network.split("p a", "q");
  p.delete("x");
  const deletion = p.node("p").tick!;
  network.run(second);
  q.tock += 20;
  q.set("x", "new");
  heal(network);
  assertEquals(values([p, q, a], "x"), ["new", "new", "new"]);
  for (const each of [p, q]) each.purge("p", deletion);
  assertEquals(values([p, q, a], "x"), ["new", "new", "new"]);
});

Deno.test("a deep link that is asked for comes with the chain up to it, each entry once", () => {
  const network = new MixedNetwork();
  const p = network.original("p");
  const nodes = ["a", "b", "c", "d"].map((name) => network.ours(name));
  network.run(60 * second);
  for (const node of nodes) {
    node.put("x", node.member);
    network.run(50);
  }
  const startMs = network.nowMs;
  const a = nodes[0].store.writers.get("a")!.tick;
  const c = nodes[2].store.writers.get("c")!.tick;
  const message = { node: "p", missing: { a: [a], c: [c] }, tock: 60 };
  network.backends.get("p")!.publish(["moat", "kv", "info"], encode(message));
  network.run(5 * second);
  const resent = network.since(startMs, "update");
  assertEquals(resent.length, 1);
  let chain = "";
  for (let link = resent[0].chain; link; link = link.prev) chain += link.node;
  assertEquals([chain, resent[0].node, typeof resent[0].tick], ["dcba", "a", "number"]);
  assertEquals(p.death, undefined);
});

Deno.test("what nobody has any more is answered when it is given up", () => {
  const network = new MixedNetwork();
  const a = network.ours("a");
  const p = network.original("p");
  network.run(40 * second);
  a.turn(() => a.store.hear("lost", 3));
  network.run(40 * second);
  assertEquals(p.missing(p.node("lost")).size, 3);
  a.turn(() => a.store.giveUp("lost", RangeSet.range(1, 3)));
  network.run(40 * second);
  assertEquals(p.missing(p.node("lost")).size, 0);
});

Deno.test("a live entry that an original's `deleted` takes from others is written again", () => {
  const network = new MixedNetwork();
  const [p, q] = [network.original("p"), network.original("q")];
  const a = network.ours("a");
  network.run(60 * second);
  p.set("x", 1);
  network.run(100);
  p.delete("x");
  const deletion = p.node("p").tick!;
  network.run(100);
  q.set("x", 2);
  network.run(100);
  network.backends.get("p")!.publish(
    ["moat", "kv", "info"],
    encode({ node: "p", deleted: { p: [deletion] }, tock: 60 }),
  );
  network.run(100);
  q.purge("p", deletion); // it has already counted the tick as deleted; what others do at once
  assertEquals([p.get("x"), q.get("x"), a.get("x")], [2, undefined, 2]);
  network.run(60 * second);
  assertEquals([p.get("x"), q.get("x"), a.get("x")], [2, 2, 2]);
  const count = a.compat.counters.assertions;
  network.backends.get("p")!.publish(
    ["moat", "kv", "info"],
    encode({ node: "p", deleted: { p: [deletion] }, tock: 60 }),
  );
  network.run(60 * second);
  assertEquals(a.compat.counters.assertions, count);
});

Deno.test("a live entry that an original dropped without our hearing why is sent to it again", () => {
  const network = new MixedNetwork();
  const [p, q] = [network.original("p"), network.original("q")];
  const [a, b] = [network.ours("a"), network.ours("b")];
  network.run(60 * second);
  p.set("x", 1);
  a.put("y", 2);
  network.run(100);
  const updates = () => network.heard.filter(({ word }) => word === "update").length;
  for (const [name, tick] of [["p", p.node("p").tick!], ["a", a.store.writers.get("a")!.tick]] as const) {
    q.purge(name, tick);
  }
  assertEquals([q.get("x"), q.get("y")], [undefined, undefined]);
  const before = updates();
  network.run(200 * second);
  assertEquals([values([p, q, a, b], "x"), values([p, q, a, b], "y")], [[1, 1, 1, 1], [2, 2, 2, 2]]);
  assertEquals([a.compat.counters.shown + b.compat.counters.shown, updates() - before], [2, 2]);
  network.run(600 * second);
  assertEquals(updates() - before, 2, "once is enough");
});

Deno.test("a deletion that won and is purged before it was written again is written anew", () => {
  const network = new MixedNetwork(7);
  const [p, q] = [network.original("p"), network.original("q")];
  const a = network.ours("a");
  network.run(60 * second);
  p.set("x", "old");
  network.run(second);
  network.split("p a", "q");
  q.set("x", "loser");
  network.run(second);
  p.tock += 20;
  p.delete("x");
  network.run(5 * second);
  network.heal();
  network.until(() => p.get("x") === "loser", 100 * second); // a tombstone takes anything
  a.turn(() => void a.store.purge(a.store.writer("p"), p.node("p").tick!));
  assertEquals(a.store.find(["x"], 1), undefined);
  network.run(60 * second);
  assertEquals(values([p, q, a], "x"), [undefined, undefined, undefined]);
});
