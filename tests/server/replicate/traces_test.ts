/**
 * The traces behind the rules of replication, one test each: each of them once lost something, brought something back, or
 * left two servers different.
 */

import { walk } from "../../../server/core/walk.ts";
import { decode } from "../../../wire/msgpack/decoder.ts";
import type { Path } from "../../../wire/path/path.ts";
import { RangeSet } from "../../../server/core/range_set.ts";
import { copyOf as copyOfTicks, haveOf } from "../../../server/replicate/ticks.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";
import { areAlike, assertAlike, tombstones } from "./alike.ts";
import { copyOf, renewed } from "./copy.ts";
import { makeStore, Network, type Node, whole } from "./network.ts";

function network(...members: string[]): { network: Network; nodes: Node[] } {
  const made = new Network(7);
  const nodes = members.map((member) => made.add(member));
  made.run(30_000);
  return { network: made, nodes };
}

/** The paths of conflicts, recorded or not. */
function losers({ store }: Node): string[] {
  const paths = [...store.conflicts].map(({ path }) => path.join("."));
  const records = store.find([".moat", "kv", "conflict"], 3);
  for (const entry of records === undefined ? [] : walk(records)) {
    const { path } = decode(store.values.read(entry.value)) as unknown as { path: Path };
    paths.push(String(path));
  }
  return paths.sort();
}

Deno.test("known-without-winner: a claim whose winner died with its server is not believed", () => {
  const { network: net, nodes: [w, x, y, z] } = network("w", "x", "y", "z");
  // Y1 reaches W alone, the others hear the tick.
  net.fate = (from, to, message) => message?.t === "update" && from === "y" && to !== "w" ? [] : [1];
  y.put("p", 1);
  net.run(2);
  for (const node of [x, z]) node.turn(() => node.store.hear("y", 1 + y.store.local.tick - 1));
  // Y2 reaches X alone. Then only Z and Y hear each other, and of what Y sends, only the claim arrives.
  net.fate = (from, to, message) => message?.t === "update" && from === "y" && to !== "x" ? [] : [1];
  y.put("p", 2);
  net.run(2);
  net.split("w", "x", "y z");
  net.fate = (_from, _to, message) => message?.t === "update" ? [] : [1];
  net.run(20_000);
  const [y1, y2] = [y.store.local.tick - 1, y.store.local.tick];
  assertTrue(z.store.openClaims > 0);
  assertEquals([z.store.writer("y").have.has(y1), z.store.writer("y").have.has(y2)], [false, false]);
  // X and Y die for ever.
  net.kill(x);
  net.kill(y);
  net.fate = whole;
  net.heal();
  net.until(() => z.get("p") === 1, 5000);
  net.run(30_000);
  assertEquals([w.get("p"), z.get("p")], [1, 1]);
});

Deno.test("rumour of known then reinstall: the rumour is not passed on, so the last copy comes back", () => {
  const { network: net, nodes: [w, y, z, v] } = network("w", "y", "z", "v");
  net.split("w y", "z", "v");
  y.put("p", 1);
  net.run(2000);
  net.split("w", "y", "z", "v");
  y.put("p", 2);
  net.run(1000);
  net.split("w", "y z", "v");
  net.fate = (_from, _to, message) => message?.t === "update" ? [] : [1];
  net.run(20_000);
  net.kill(y);
  net.fate = whole;
  net.split("w", "z v");
  net.run(20_000);
  assertEquals([z.store.writer("y").have.has(y.store.local.tick - 1), v.get("p")], [false, undefined]);
  net.heal();
  net.until(() => z.get("p") === 1 && v.get("p") === 1, 5000);
  net.kill(w);
  const again = net.add("w", { store: makeStore("w", "another life") });
  net.until(() => again.get("p") === 1, 5000);
});

Deno.test("late copy after purge: a message that comes when the deletion is gone revives nothing", () => {
  const { network: net, nodes } = network("a", "b", "c");
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

Deno.test("member known to one side only: what is deleted stays until it has been heard", () => {
  const { network: net, nodes: [p, q] } = network("p", "q");
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
  const { network: net, nodes: [a, m] } = network("a", "m");
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
  const { network: net, nodes: [b, p] } = network("b", "p");
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
  const { network: net, nodes: [b, p] } = network("b", "p");
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
  const { network: net, nodes: [a, b, f] } = network("a", "b", "f");
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
  const { network: net, nodes: [a, b, f] } = network("a", "b", "f");
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

Deno.test("what a forgotten server says before it knows is not taken", () => {
  const { network: net, nodes: [a, b, f] } = network("a", "b", "f");
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
  const { network: net, nodes: [a, b, f] } = network("a", "b", "f");
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

Deno.test("return of a clone: a backup is compared before it is shared", () => {
  const { network: net, nodes: [a, b, c] } = network("a", "b", "c");
  a.put("x", "old");
  a.put("kept", 1);
  net.run(10_000);
  const backup = copyOf(c.store);
  a.remove("x");
  net.run(60_000);
  assertEquals([a, b, c].map(tombstones), [0, 0, 0]);
  net.kill(c);
  const clone = net.add("c", { store: renewed(backup, "c~bbbbbbbb"), isFromElsewhere: true });
  clone.put("mine", 2);
  net.until(() => areAlike([a, b, clone]), 20_000);
  assertEquals([clone.get("x"), clone.get("kept"), a.get("mine")], [undefined, 1, 2]);
  net.run(60_000);
  assertAlike([a, b, clone]);
});

Deno.test("cold copy restored, other half cut off: no tick means two things in the end", () => {
  const { network: net, nodes: [n, b, c] } = network("n", "b", "c");
  for (let i = 0; i < 5; i++) n.put(`n.q${i}`, i);
  net.run(10_000);
  const image = copyOf(n.store);
  // The other half is cut off; N goes on with C, and dies.
  net.split("n c", "b");
  for (let i = 0; i < 5; i++) n.put(`first.q${i}`, i);
  net.run(10_000);
  net.kill(n);
  // An image of N's disk, unnoticed, writes the same ticks beside B.
  net.split("n b", "c");
  const again = net.add("n", { store: image });
  for (let i = 0; i < 5; i++) again.put(`second.q${i}`, i);
  net.run(10_000);
  net.heal();
  net.until(() => areAlike([again, b, c]), 120_000);
  net.run(60_000);
  for (const node of [again, b, c]) {
    for (let i = 0; i < 5; i++) {
      assertEquals([node.get(`first.q${i}`), node.get(`second.q${i}`)], [i, i], `${node.member} has both`);
    }
  }
  assertTrue(areAlike([again, b, c]));
  assertTrue(again.store.local.name !== "n");
});

Deno.test("two fresh networks with one name: both take another writer name, and nothing is lost", () => {
  const net = new Network(3);
  net.split("p1", "p2");
  const [one, two] = [net.add("p1", { name: "raspberrypi" }), net.add("p2", { name: "raspberrypi" })];
  for (let i = 0; i < 10; i++) {
    one.put(`p.q${i}`, `one ${i}`);
    two.put(`p.r${i}`, `two ${i}`);
  }
  one.put("same", "one");
  two.put("same", "two");
  net.run(10_000);
  net.heal();
  net.run(100);
  assertTrue([one, two].every(({ store }) => store.local.name !== "raspberrypi"), "at once");
  net.until(() => areAlike([one, two]), 20_000);
  net.run(60_000);
  for (const node of [one, two]) {
    for (let i = 0; i < 10; i++) assertEquals([node.get(`p.q${i}`), node.get(`p.r${i}`)], [`one ${i}`, `two ${i}`]);
    assertTrue(node.store.local.name.startsWith("raspberrypi~"), node.store.local.name);
  }
  assertTrue(one.store.local.name !== two.store.local.name);
  assertTrue(areAlike([one, two]));
});

Deno.test("two live images of one disk: both notice, and nothing is lost", () => {
  const net = new Network(4);
  const a = net.add("a");
  const other = net.add("other");
  a.put("p", 1);
  net.run(10_000);
  net.split("a", "image", "other");
  const image = net.add("image", { name: "a", store: copyOf(a.store) });
  for (let i = 0; i < 10; i++) {
    a.put(`q.a${i}`, i);
    image.put(`q.b${i}`, i);
  }
  net.run(1000);
  net.heal();
  net.until(() => areAlike([a, image, other]), 120_000);
  for (const node of [a, image, other]) {
    for (let i = 0; i < 10; i++) assertEquals([node.get(`q.a${i}`), node.get(`q.b${i}`)], [i, i]);
  }
});

Deno.test("two live images of one disk that write nothing: both notice before they do", () => {
  const net = new Network(4);
  const a = net.add("a");
  a.put("p", 1);
  net.run(10_000);
  const image = net.add("image", { name: "a", store: copyOf(a.store) });
  net.run(30_000);
  assertEquals([a.store.local.name === "a", image.store.local.name === "a"], [false, false]);
  assertTrue(areAlike([a, image]));
});

Deno.test("whole house loses power: nobody waits for a clean peer", () => {
  const { network: net, nodes } = network("a", "b", "c");
  nodes[0].put("p", 1);
  net.run(10_000);
  const disks = nodes.map(({ store }) => copyOf(store));
  nodes[0].put("lost by all", 1);
  nodes.forEach((node) => net.kill(node));
  const again = ["a", "b", "c"].map((name, i) => net.add(name, { store: renewed(disks[i], `${name}~cccccccc`) }));
  again.forEach((node, i) => node.put(`q${i}`, i));
  assertTrue(again.every(({ replicator }) => replicator.isReady));
  net.until(() => areAlike(again), 3000);
  assertEquals(again.map((node) => [node.get("q0"), node.get("q1"), node.get("q2"), node.get("p")]), [
    [0, 1, 2, 1],
    [0, 1, 2, 1],
    [0, 1, 2, 1],
  ]);
  assertAlike(again);
});

Deno.test("a whole house restored from backups: the first by name goes on, the others compare with it", () => {
  const { network: net, nodes } = network("a", "b", "c");
  nodes[0].put("p", 1);
  net.run(10_000);
  const disks = nodes.map(({ store }) => copyOf(store));
  nodes.forEach((node) => net.kill(node));
  const again = ["a", "b", "c"].map((name, i) =>
    net.add(name, { store: renewed(disks[i], `${name}~dddddddd`), isFromElsewhere: true })
  );
  again.forEach((node, i) => node.put(`q${i}`, i));
  net.until(() => areAlike(again) && again.every(({ replicator }) => replicator.isReady), 20_000);
  assertAlike(again);
});

Deno.test("power cut, same path written again while alone: the old value at a peer does not win unseen", () => {
  const { network: net, nodes: [n, peer] } = network("n", "peer");
  const disk = copyOf(n.store);
  n.put("p", "sent, then lost");
  net.run(5000);
  net.kill(n);
  net.split("n", "peer");
  const again = net.add("n", { store: renewed(disk, "n~eeeeeeee") });
  again.put("p", "written alone");
  net.run(5000);
  net.heal();
  net.until(() => areAlike([again, peer]), 5000);
  assertAlike([again, peer]);
  assertEquals(losers(again), ["p"], "the one that lost is a conflict");
});

Deno.test("a server that dies for ever with the newest event: the others go on with what they have", () => {
  const { network: net, nodes: [a, b, c] } = network("a", "b", "c");
  a.put("p", 1);
  net.run(5000);
  net.split("a", "b c");
  a.put("p", 2);
  net.run(5000);
  net.kill(a);
  net.heal();
  net.run(20_000);
  assertEquals([b.get("p"), c.get("p")], [1, 1]);
  b.put("p", 3);
  net.run(5000);
  assertEquals(c.get("p"), 3);
  assertAlike([b, c]);
});

Deno.test("equal ticks with different trees: an alarm, and both end alike without losing anything", () => {
  const { network: net, nodes: [a, b] } = network("a", "b");
  a.put("p", 1);
  net.run(5000);
  // As if both had lost a record and kept the tick.
  a.turn(() => {
    a.put("q", 1);
    a.put("r", 1);
  });
  net.run(5000);
  const q = b.store.find(["q"], 1)!;
  b.turn(() => b.store.retire(q, false));
  const r = a.store.find(["r"], 1)!;
  a.turn(() => a.store.retire(r, false));
  assertTrue(!areAlike([a, b]));
  net.until(() => areAlike([a, b]), 60_000);
  assertTrue(a.replicator.counters.alarms + b.replicator.counters.alarms > 0);
  for (const node of [a, b]) assertEquals([node.get("p"), node.get("q"), node.get("r")], [1, 1, 1]);
  assertTrue([...a.reports, ...b.reports].some((line) => line.includes("differs")));
});

Deno.test("ticks that a peer had and lost are asked for again", () => {
  const { network: net, nodes: [a, b] } = network("a", "b");
  for (let i = 0; i < 10; i++) a.put(`p.q${i}`, i);
  net.run(5000);
  net.kill(b);
  // Damage: what is left has to be had, all else is missing.
  const left = makeStore("b", "life of b");
  left.hear("a", 10);
  left.commit();
  const again = net.add("b", { store: left });
  net.until(() => areAlike([a, again]), 5000);
  assertEquals(RangeSet.range(0, 9).size, 10);
  assertAlike([a, again]);
});
