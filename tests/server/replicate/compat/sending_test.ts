/** What servers of ours send to originals: never too much, never what harms them, and everything they need. */

import { assertEquals, assertTrue } from "../../../support/assert.ts";
import { FragmentJoiner } from "../../../../wire/message/fragment.ts";
import { decode } from "../../../../wire/msgpack/decoder.ts";
import { encode } from "../../../../wire/msgpack/encoder.ts";
import { type Heard, MixedNetwork } from "./mixed.ts";

const second = 1000;

/** Most messages on `update` and `info` within any 100 ms. */
function peak(heard: readonly Heard[]): number {
  const times = heard.filter(({ word }) => word === "update" || word === "info").map(({ atMs }) => atMs);
  let most = 0;
  for (let i = 0, j = 0; j < times.length; j++) {
    while (times[j] - times[i] >= 100) i++;
    most = Math.max(most, j - i + 1);
  }
  return most;
}

Deno.test("a burst of writes on two servers is paced for originals, and reaches them", () => {
  const network = new MixedNetwork();
  const p = network.original("p", { readMs: 1.9 });
  const [a, b] = [network.ours("a"), network.ours("b")];
  network.run(40 * second);
  const since = network.heard.length;
  for (let i = 0; i < 3000; i++) {
    a.put(`a.x${i}`, i);
    b.put(`b.x${i}`, i);
    if (i % 10 === 0) network.run(1);
  }
  network.run(20 * second);
  assertEquals(p.death, undefined);
  assertTrue(p.unreadPeak <= 99, `${p.unreadPeak} unread`);
  assertTrue(peak(network.heard.slice(since)) <= 52, `${peak(network.heard.slice(since))} in 100 ms`);
  for (let i = 0; i < 3000; i++) assertEquals([p.get(`a.x${i}`), p.get(`b.x${i}`)], [i, i]);
});

Deno.test("of many writes to one entry the newest goes out, the others are told as superseded", () => {
  const network = new MixedNetwork();
  const p = network.original("p");
  const a = network.ours("a");
  network.run(40 * second);
  const startMs = network.nowMs;
  for (let i = 1; i <= 5000; i++) {
    a.put("counter", i);
    if (i % 50 === 0) network.run(1);
  }
  network.run(2 * second);
  const updates = network.since(startMs, "update").filter(({ node }) => node === "a");
  assertTrue(updates.length < 110, `${updates.length} updates`);
  assertEquals(p.get("counter"), 5000);
  assertTrue(p.missing(p.node("a")).isEmpty);
  assertEquals(p.death, undefined);
});

Deno.test("live updates have the original's form", () => {
  const network = new MixedNetwork();
  network.original("p");
  const a = network.ours("a");
  network.run(40 * second);
  a.put("a.b", 1);
  network.run(10);
  a.put("a.b", null);
  network.run(10);
  a.remove("a.b");
  network.run(10);
  const updates = network.heard.filter(({ word, message }) => word === "update" && String(message.path) === "a.b");
  const tick = a.store.local.tick;
  assertEquals(updates.map(({ message: { path: _, tock: __, ...rest } }) => rest), [
    { node: "a", tick: tick - 2, prev: null, value: 1 },
    { node: "a", tick: tick - 1, prev: null, value: null },
    { node: "a", tick, prev: null },
  ]);
});

Deno.test("live updates have at most five links; the true end says so", () => {
  const network = new MixedNetwork();
  network.original("p");
  const nodes = ["a", "b", "c", "d", "e", "f", "g"].map((name) => network.ours(name));
  network.run(60 * second);
  for (const node of nodes) {
    node.put("x", node.member);
    network.run(50);
  }
  const updates = network.heard.filter(({ word, message }) => word === "update" && String(message.path) === "x");
  const chains = updates.map(({ message }) => {
    let text = message.node;
    let link = message;
    for (; link.prev; link = link.prev) text += link.prev.node;
    return text + (link.prev === null ? "." : "…");
  });
  assertEquals(chains, ["a.", "ba.", "cba.", "dcba.", "edcba.", "fedcb…", "gfedc…"]);
});

Deno.test("a re-creation shows no deletion, so that a purge cannot take it along", () => {
  const network = new MixedNetwork();
  const [p, q] = [network.original("p"), network.original("q")];
  const [a, b] = [network.ours("a"), network.ours("b")];
  network.run(60 * second);
  p.set("x", 1);
  network.run(100);
  p.delete("x");
  const deletion = p.node("p").tick!;
  network.run(100);
  a.put("x", "again");
  network.run(100);
  const sent = network.heard.filter(({ word, message }) => word === "update" && message.node === "a" && message.older);
  assertEquals([sent[0].message.prev, sent[0].message.older.node, sent[0].message.older.tick], [null, "p", deletion]);
  b.put("x", "more");
  a.put("x", "and more");
  network.run(100);
  for (const each of [p, q]) each.purge("p", deletion);
  assertEquals([p.get("x"), q.get("x"), a.get("x"), b.get("x")], ["and more", "and more", "and more", "and more"]);
  // The deletion itself is a link of the chain among ours.
  assertEquals(b.store.find(["x"], 1)!.older?.writer.name, "p");
});

Deno.test("nothing that ours send says that something is deleted", () => {
  const network = new MixedNetwork();
  const p = network.original("p");
  const a = network.ours("a");
  network.run(40 * second);
  for (let i = 0; i < 20; i++) {
    a.put(`x${i}`, 1);
    p.set(`y${i}`, 1);
    network.run(20);
    a.remove(`x${i}`);
    a.remove(`y${i}`);
    network.run(20);
  }
  const late = network.original("late");
  network.run(90 * second);
  assertTrue(late.missing(late.node("a")).isEmpty);
  const infos = network.heard.filter(({ word, message }) => word === "info" && message.node === "a");
  assertTrue(infos.length > 5);
  assertTrue(infos.every(({ message }) => message.deleted === undefined));
});

Deno.test("what would kill originals is not sent; its ticks are told as superseded", () => {
  const network = new MixedNetwork();
  const p = network.original("p");
  const a = network.ours("a");
  network.run(40 * second);
  const startMs = network.nowMs;
  const before = a.store.local.tick;
  a.put(":n.codec.float", { lang: "js", decode: "x", encode: null });
  a.put(":n.actor.other", 1);
  a.put(":n.match.some", { type: "none" });
  a.put("good", 1);
  network.run(second);
  const paths = network.since(startMs, "update").filter(({ node }) => node === "a").map(({ path }) => String(path));
  assertEquals(paths, ["good"]);
  assertTrue(p.missing(p.node("a")).isEmpty);
  assertEquals(p.node("a").tick, before + 4);
  assertEquals(a.compat.counters.withheld, 3);
  assertTrue(a.reports.some((line) => line.includes(":n.codec.float")));
});

Deno.test("without originals nothing is sent in their form, until one is heard", () => {
  const network = new MixedNetwork();
  const [a, b] = [network.ours("a"), network.ours("b")];
  network.run(60 * second);
  const startMs = network.nowMs;
  for (let i = 0; i < 10; i++) a.put(`x${i}`, i);
  network.run(5 * second);
  assertEquals(network.since(startMs, "update"), []);
  assertEquals(b.get("x9"), 9);
  const p = network.original("p", { isReady: true });
  network.run(second);
  a.put("y", 1);
  network.run(90 * second);
  assertEquals([p.get("y"), p.get("x3")], [1, 3]);
  p.stop();
  network.run(3550 * second);
  const laterMs = network.nowMs;
  a.put("z", 1);
  network.run(second);
  assertEquals(network.since(laterMs, "update").length, 1);
  network.run(200 * second);
  const lastMs = network.nowMs;
  b.put("z", 2);
  network.run(60 * second);
  assertEquals(network.since(lastMs, "update"), []);
  assertEquals(network.since(lastMs, "info"), []);
});

Deno.test("long messages go in pieces, if they must, and come together again", () => {
  const network = new MixedNetwork();
  const p = network.original("p");
  const a = network.ours("a", { cutsMessages: true });
  network.run(40 * second);
  const startMs = network.nowMs;
  const value = "x".repeat(2000);
  a.put("long", value);
  network.run(100);
  const pieces = network.since(startMs, "update");
  assertEquals(pieces.map(({ _p0: [node, number, index] }) => [node, number, index]), [
    ["a", 1, 1],
    ["a", 1, 2],
    ["a", 1, 3],
    ["a", 1, 4],
    ["a", 1, -5],
  ]);
  assertTrue(pieces.every(({ _p0 }) => _p0[3].length <= 450 - 15 - 1));
  assertEquals(p.get("long"), value);
  const joiner = new FragmentJoiner();
  assertEquals(joiner.push(new Uint8Array([0x80]), 0), new Uint8Array([0x80]));
  assertEquals(decode(new Uint8Array([0x80])), {});
});

Deno.test("what was written without a connection is sent when there is one", () => {
  const network = new MixedNetwork();
  const p = network.original("p");
  const a = network.ours("a");
  network.run(40 * second);
  a.backend.detach("test");
  a.put("x", 1);
  network.run(second);
  assertEquals(p.get("x"), undefined);
  a.backend.attach();
  network.run(second);
  assertEquals(p.get("x"), 1);
});

Deno.test("a forgotten server that was said to have written an endless lot costs no endless work", () => {
  const network = new MixedNetwork();
  const p = network.original("p");
  const [a, b] = [network.ours("a"), network.ours("b")];
  network.run(40 * second);
  const liar = network.bus.join("liar");
  const chain = new Map<string, unknown>([["node", "ghost"], ["tick", 2 ** 50], ["prev", null]]);
  const evil = new Map<string, unknown>([["path", ["evil"]], ["value", 1], ["chain", chain], [
    "tock",
    a.store.clock + 1,
  ]]);
  liar.publish(["moat", "kv", "update"], encode(evil as never));
  network.run(10 * second);
  a.replicator.forget("ghost");
  network.run(10 * second);
  const missing = new Map([["node", "p"], ["missing", new Map([["ghost", [[1, 2 ** 50]]]])]] as [string, unknown][]);
  liar.publish(["moat", "kv", "info"], encode(missing as never));
  network.run(60 * second);
  a.put("after", 1);
  network.run(10 * second);
  assertEquals([b.get("after"), p.get("after"), p.death], [1, 1, undefined]);
  assertTrue(a.store.writers.get("ghost")!.givenUp.has(2 ** 49));
});
