/**
 * Traces behind the rules of deletion and membership: each of them once brought something back, or lost it.
 */

import { copyOf as copyOfTicks, haveOf } from "../../../server/replicate/ticks.ts";
import { Bootstrap } from "../../../server/replicate/bootstrap.ts";
import { type IncomingChain, Link } from "../../../server/core/chain.ts";
import type { Store } from "../../../server/core/store.ts";
import { walk } from "../../../server/core/walk.ts";
import { readSync } from "../../../wire/message/sync.ts";
import { Raw, type Value } from "../../../wire/value.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";
import { areAlike, assertAlike, losers, tombstones } from "./alike.ts";
import { copyOf, renewed } from "./copy.ts";
import { familiar, whole } from "./network.ts";

Deno.test("late copy after purge: a message that comes when the deletion is gone revives nothing", () => {
  const { network: net, nodes } = familiar("a", "b", "c");
  const [a, b] = nodes;
  net.fate = (_from, _to, message) => message?.t === "update" ? [1, 200_000] : [1];
  a.put("p", "old");
  net.run(2000);
  b.remove("p");
  net.run(60_000);
  assertEquals(nodes.map(tombstones), [0, 0, 0]);
  net.run(200_000);
  assertEquals(nodes.map((node) => node.get("p")), [undefined, undefined, undefined]);
  assertAlike(nodes);
});

Deno.test("late copy at a joiner: what was purged when it copied does not stay, and does not come back", () => {
  for (const arrives of ["before", "after"]) {
    const { network: net, nodes: [a, b] } = familiar("a", "b");
    const line = net.bus.join("a slow line");
    let late: Uint8Array | undefined;
    line.monitor(["moat", "kv", "sync"], (payload) => {
      if (late === undefined && readSync(payload)?.t === "update") late = payload.slice();
    });
    a.put("p", "old");
    net.run(2000);
    b.remove("p");
    net.run(60_000);
    assertEquals([a, b].map(tombstones), [0, 0]);
    let isJoining = true;
    const c = net.add("c", { isReady: () => !isJoining, isJoining: () => isJoining });
    net.run(100);
    const deliver = () => {
      line.publish(["moat", "kv", "sync"], late!);
      net.run(5);
    };
    if (arrives === "before") deliver();
    const bootstrap = new Bootstrap(c.store, "a", true, () => {}, (state) => c.replicator.joined(state));
    c.turn(() => copyInto(bootstrap, a.store));
    if (arrives === "after") deliver();
    isJoining = false;
    net.run(60_000);
    assertEquals([a, b, c].map((node) => node.get("p")), [undefined, undefined, undefined], arrives);
    assertAlike([a, b, c]);
    assertEquals([a, b, c].map(({ replicator }) => replicator.counters.alarms), [0, 0, 0]);
  }
});

/** All that a server with this store would say to one that copies from it. */
function copyInto(bootstrap: Bootstrap, store: Store): void {
  for (const entry of walk(store.root, { empty: true, meta: true })) {
    if (entry.writer === null) continue;
    const path = entry.path();
    const isInternal = path.length > 0 && path.at(0) === null;
    const chain = chainIn(new Link(entry.writer, entry.tick, entry.older))!;
    const value = entry.hasValue ? new Raw(store.values.read(entry.value)) : undefined;
    bootstrap.entry({ path: isInternal ? path.slice(1) : path, chain, tock: entry.tock, value }, isInternal);
  }
  const nodes: Record<string, number> = {};
  const [known, present]: Record<string, Value>[] = [{}, {}];
  for (const writer of store.writers.values()) {
    nodes[writer.name] = writer.tick;
    present[writer.name] = writer.present().toWire();
    known[writer.name] = writer.superseded().toWire();
  }
  bootstrap.end({ nodes, known, present, tock: store.clock });
}

function chainIn(link: Link | null): IncomingChain | null {
  return link === null ? null : { node: link.writer.name, tick: link.tick, prev: chainIn(link.prev) };
}

Deno.test("member known to one side only: what is deleted stays until it has been heard", () => {
  const { network: net, nodes: [p, q] } = familiar("p", "q");
  p.put("x", "old");
  net.run(10_000);
  net.split("p", "q m");
  const m = net.add("m");
  net.run(10_000);
  assertEquals(m.get("x"), "old");
  net.split("p", "q", "m");
  m.put("x", "of m, unheard");
  net.run(1000);
  net.split("p q", "m");
  net.heal();
  net.split("p q", "m");
  p.remove("x");
  net.run(120_000);
  assertEquals([tombstones(p), tombstones(q)], [1, 1], "M has not said that it has the deletion");
  net.heal();
  net.until(() => areAlike([p, q, m]), 5000);
  net.run(60_000);
  assertEquals([p, q, m].map(tombstones), [0, 0, 0]);
  assertAlike([p, q, m]);
});

Deno.test("confirmation lost with the tail: only what is on the disk confirms a deletion", () => {
  const { network: net, nodes: [a, m] } = familiar("a", "m");
  a.put("p", "old");
  net.run(10_000);
  const disk = copyOf(m.store);
  m.disk = copyOfTicks(haveOf(disk));
  a.remove("p");
  net.run(60_000);
  assertEquals([m.get("p"), tombstones(a)], [undefined, 1], "it is in M's memory, not on its disk");
  // Power cut: M comes back without it.
  net.kill(m);
  net.run(60_000);
  const again = net.add("m", { store: renewed(disk, "m~aaaaaaaa") });
  net.until(() => areAlike([a, again]), 5000);
  assertEquals(again.get("p"), undefined);
  net.run(60_000);
  assertEquals([a, again].map(tombstones), [0, 0]);
  assertAlike([a, again]);
});

Deno.test("joiner between copy and confirmation: it counts from the moment it is served", () => {
  const { network: net, nodes: [b, p] } = familiar("b", "p");
  p.put("x", "old");
  net.run(10_000);
  // N copies from B, which has not got the deletion yet; P does not hear N.
  net.split("p", "b n");
  p.remove("x");
  const n = net.add("n", { isReady: () => false });
  // So soon that no entry says that N is a member.
  net.until(() => n.get("x") === "old", 450);
  net.split("p b", "n");
  net.heal();
  net.split("p b", "n");
  net.run(120_000);
  assertEquals([b.get("x"), tombstones(p), tombstones(b)], [undefined, 1, 1], "B says that there is N");
  net.heal();
  net.until(() => n.get("x") === undefined, 5000);
  net.run(60_000);
  assertAlike([b, p, n]);
});

Deno.test("a server that was just started says nothing about deletions before it knows whom it was serving", () => {
  const { network: net, nodes: [b, p] } = familiar("b", "p");
  p.put("x", "old");
  net.run(10_000);
  // N copies from B. Then B is started anew, and hears of N only after a while; P never does.
  const apart = (from: string, to: string) => from + to === "np" || from + to === "pn";
  net.fate = (from, to) => apart(from, to) ? [] : [1];
  const n = net.add("n", { isReady: () => false });
  net.until(() => n.get("x") === "old", 450);
  net.kill(b);
  const untilMs = net.nowMs + 5000;
  net.fate = (from, to, message) =>
    apart(from, to) || to === "n" && message?.t === "update" || from === "n" && net.nowMs < untilMs ? [] : [1];
  const again = net.add("b", { store: copyOf(b.store) });
  p.remove("x");
  net.run(60_000);
  assertEquals([again.get("x"), tombstones(p), tombstones(again), n.get("x")], [undefined, 1, 1, "old"]);
  net.fate = whole;
  net.until(() => n.get("x") === undefined, 20_000);
  net.run(60_000);
  assertAlike([again, p, n]);
});

Deno.test("that a server is forgotten counts when it is on everybody's disk", () => {
  const { network: net, nodes: [a, b, f] } = familiar("a", "b", "f");
  a.put("x", "old");
  net.run(10_000);
  net.split("a b", "f");
  a.remove("x");
  net.run(5000);
  b.disk = copyOfTicks(haveOf(b.store));
  a.turn(() => a.replicator.forget("f"));
  net.run(60_000);
  assertEquals([tombstones(a), tombstones(b)], [1, 1], "B might take what F says");
  b.disk = undefined;
  net.run(30_000);
  assertEquals([tombstones(a), tombstones(b)], [0, 0]);
  assertEquals(f.get("x"), "old");
});

Deno.test("forgotten server returns with a write on a purged entry: it goes to the conflicts, not back into the tree", () => {
  const { network: net, nodes: [a, b, f] } = familiar("a", "b", "f");
  a.put("x", "old");
  a.put("kept", 1);
  net.run(10_000);
  net.split("a b", "f");
  f.put("x", "written while away");
  f.put("new", "written while away");
  a.remove("x");
  a.turn(() => a.replicator.forget("f"));
  net.run(60_000);
  assertEquals([tombstones(a), tombstones(b)], [0, 0], "nobody waits for F");
  net.heal();
  net.until(() => areAlike([a, b, f]), 20_000);
  assertEquals([a, b, f].map((node) => node.get("x")), [undefined, undefined, undefined]);
  assertEquals([a, b, f].map((node) => node.get("new")), Array(3).fill("written while away"));
  assertEquals(losers(f), ["x"]);
  assertTrue(f.store.local.name !== "f");
  f.put("y", 1);
  net.run(60_000);
  assertEquals([a.get("y"), b.get("y")], [1, 1]);
  assertAlike([a, b, f]);
  a.remove("y");
  net.split("a b", "f");
  net.run(60_000);
  assertTrue(tombstones(a) > 0, "it counts again");
});

Deno.test("a forgotten server whose disk is full comes back when there is room", () => {
  const { network: net, nodes: [a, b, f] } = familiar("a", "b", "f");
  a.put("x", "old");
  net.run(10_000);
  net.split("a b", "f");
  a.remove("x");
  a.turn(() => a.replicator.forget("f"));
  net.run(60_000);
  net.fate = (_from, to, message) => to === "f" && message?.t === "gone" ? [] : [1];
  net.heal();
  net.run(2000);
  f.isFull = true;
  net.fate = whole;
  net.run(60_000);
  assertEquals(f.get("x"), "old");
  assertTrue(f.failed < 400, `${f.failed} times`);
  f.isFull = false;
  net.until(() => areAlike([a, b, f]) && f.replicator.isReady, 30_000);
  assertEquals(f.get("x"), undefined);
  f.put("y", 1);
  net.run(1000);
  assertEquals(a.get("y"), 1);
});

Deno.test("what a forgotten server says before it knows is not taken", () => {
  const { network: net, nodes: [a, b, f] } = familiar("a", "b", "f");
  a.put("x", "old");
  net.run(10_000);
  net.split("a b", "f");
  a.remove("x");
  a.turn(() => a.replicator.forget("f"));
  net.run(20_000);
  assertEquals([tombstones(a), tombstones(b)], [0, 0]);
  // F is heard, but does not hear.
  net.heal();
  net.fate = (_from, to) => to === "f" ? [] : [1];
  f.put("x", "on top of what is purged");
  net.run(5000);
  assertEquals([a.get("x"), b.get("x")], [undefined, undefined]);
  net.fate = whole;
  net.until(() => areAlike([a, b, f]), 30_000);
  assertEquals([[a, b, f].map((node) => node.get("x")), losers(a)], [[undefined, undefined, undefined], ["x"]]);
});

Deno.test("a forgotten server that holds what was purged meanwhile lets it go", () => {
  const { network: net, nodes: [a, b, f] } = familiar("a", "b", "f");
  a.put("x", "old");
  net.run(10_000);
  net.split("a b", "f");
  a.remove("x");
  a.turn(() => a.replicator.forget("f"));
  net.run(60_000);
  assertEquals(f.get("x"), "old");
  // It hears what is gone, but not yet all that the others have: until then nothing goes, and nothing is shared.
  net.heal();
  net.fate = (_from, to, message) => to === "f" && (message?.t === "update" || message?.t === "claim") ? [] : [1];
  net.run(8000);
  assertEquals([f.get("x"), f.replicator.isReady], ["old", false]);
  net.fate = whole;
  net.until(() => areAlike([a, b, f]), 30_000);
  assertEquals([f.get("x"), losers(f)], [undefined, []]);
  net.run(60_000);
  assertAlike([a, b, f]);
});
