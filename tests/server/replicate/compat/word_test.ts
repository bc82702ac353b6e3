/** What an original says and does is not believed at once: hints, deletions, used ticks. */

import { encode } from "../../../../wire/msgpack/encoder.ts";
import type { Value } from "../../../../wire/value.ts";
import { assertEquals } from "../../../support/assert.ts";
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
