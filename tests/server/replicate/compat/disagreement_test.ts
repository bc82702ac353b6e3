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

Deno.test("an original's `known` is a hint: what another still has is not lost", () => {
  const network = new MixedNetwork();
  const [p, q] = [network.original("p"), network.original("q")];
  const a = network.ours("a");
  network.run(60 * second);
  network.split("p", "q a");
  p.set("kept", "value");
  const tick = p.node("p").tick!;
  // q was started with `-a`: it calls superseded what it never had.
  q.node("p").tick = tick;
  q.node("p").superseded.addRange(1, tick);
  a.turn(() => a.store.hear("p", tick));
  network.run(20 * second);
  assertEquals(a.replicator.missing.get("p")?.has(tick), true);
  heal(network);
  assertEquals([a.get("kept"), a.replicator.missing.size], ["value", 0]);
});

Deno.test("a hint is believed once all that its original has is here, and nobody offers the event", () => {
  const network = new MixedNetwork();
  const p = network.original("p");
  const a = network.ours("a");
  network.run(40 * second);
  const node = p.node("gone");
  node.tick = 5;
  node.superseded.addRange(1, 5);
  network.backends.get("p")!.publish(["moat", "kv", "info"], encode({ node: "p", ticks: { gone: 5 }, tock: 50 }));
  network.run(15 * second);
  assertEquals(a.replicator.missing.get("gone")?.size, 5);
  network.run(60 * second);
  assertEquals(a.replicator.missing.size, 0);
});

Deno.test("an original's `deleted` removes nothing", () => {
  const network = new MixedNetwork();
  network.original("p");
  const a = network.ours("a");
  network.run(40 * second);
  a.put("x", 1);
  const { tick } = a.store.local;
  const message = { node: "p", deleted: { a: [tick] }, known: { a: [tick] }, tock: 60 };
  network.backends.get("p")!.publish(["moat", "kv", "info"], encode(message));
  network.run(60 * second);
  assertEquals(a.get("x"), 1);
});

Deno.test("an original that was reset is noticed, its tree is read, and it gets what it lacks", () => {
  const network = new MixedNetwork();
  const [p, q] = [network.original("p"), network.original("q")];
  const a = network.ours("a");
  network.run(60 * second);
  for (let i = 1; i <= 5; i++) p.set(`x${i}`, i);
  a.put("y", 1);
  network.run(second);
  // As if started with `-l OLD`: it knows its first two events and nothing else.
  for (const [key, entry] of [...p.entries]) if (!/^x[12]$/.test(String(entry.path))) p.entries.delete(key);
  p.nodes.clear();
  const own = p.node("p");
  own.tick = 2;
  own.present.addRange(1, 2);
  for (const entry of p.entries.values()) own.entries.set(entry.chain[0].tick, entry);
  p.set("other", "new");
  network.run(150 * second);
  assertEquals(values([q, a], "other"), ["new", "new"]);
  assertEquals(a.compat.counters.resets > 0, true);
  assertEquals(["x1", "x2", "x3", "x4", "x5", "y", "other"].map((path) => p.get(path)), [1, 2, 3, 4, 5, 1, "new"]);
  assertEquals(["x1", "x2", "x3", "x4", "x5", "y", "other"].map((path) => a.get(path)), [1, 2, 3, 4, 5, 1, "new"]);
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

Deno.test("an original that uses ticks again before it has heard of the time loses nothing either", () => {
  const network = new MixedNetwork();
  const [p, q] = [network.original("p"), network.original("q")];
  const [a, b] = [network.ours("a"), network.ours("b")];
  network.run(60 * second);
  for (let i = 1; i <= 5; i++) p.set(`x${i}`, i);
  q.set("old", 1);
  network.run(second);
  const old = p.entries.get([...p.entries.keys()].find((key) => String(p.entries.get(key)!.path) === "old")!)!;
  q.delete("old");
  network.run(200 * second);
  assertEquals([a.store.find(["old"], 1), b.store.find(["old"], 1)], [undefined, undefined]);
  // As if started with `-l OLD`: it knows its first two events and one of q, deleted since. Its clock is old, too.
  for (const [key, entry] of [...p.entries]) if (!/^x[12]$/.test(String(entry.path))) p.entries.delete(key);
  p.nodes.clear();
  p.tock = 1;
  const own = p.node("p");
  own.tick = 2;
  own.present.addRange(1, 2);
  for (const entry of p.entries.values()) own.entries.set(entry.chain[0].tick, entry);
  p.apply(old.path, [{ node: "q", tick: 1 }], 1, 2);
  p.set("other", "new");
  assertEquals(p.node("p").tick, 3);
  network.run(200 * second);
  const paths = ["x1", "x2", "x3", "x4", "x5", "other", "old"];
  const wanted = [1, 2, 3, 4, 5, "new", undefined];
  for (const node of [a, b, p, q]) assertEquals(paths.map((path) => node.get(path)), wanted);
  assertEquals([p.death, q.death], [undefined, undefined]);
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
