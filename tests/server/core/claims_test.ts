import { purgeable, type Statement } from "../../../server/core/deletion.ts";
import { RangeSet } from "../../../server/core/range_set.ts";
import { Store } from "../../../server/core/store.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";
import { at, checkDerived, event, eventAt, haveOf, knownOf, put, remove } from "./world.ts";

function ticks(sets: Record<string, number[]>): Map<string, RangeSet> {
  return new Map(Object.entries(sets).map(([name, list]) => [name, RangeSet.of(...list)]));
}

Deno.test("A claim is believed once everything the peer has besides is here", () => {
  const node = new Store({ node: "me" });
  node.claim("peer", ticks({ A: [1, 2], B: [1] }), ticks({ A: [1, 2, 3], B: [1, 2] }));
  node.settleClaims();
  assertEquals([node.openClaims, node.writer("A").missing().toWire(), node.writer("B").missing().toWire()], [1, [[
    1,
    4,
  ]], [[1, 3]]]);
  node.merge(event("p", "A3", 9, 1));
  node.settleClaims();
  assertEquals(node.openClaims, 1);
  node.merge(event("q", "B2", 8, 1));
  node.settleClaims();
  assertEquals([node.openClaims, node.writer("A").missing().toWire(), node.writer("B").missing().toWire()], [
    0,
    [],
    [],
  ]);
  const told = node.effects.filter((effect) => effect.kind === "believed");
  assertEquals(told.map(({ writer, ticks }) => [writer.name, ticks.toWire()]), [["A", [[1, 3]]], ["B", [1]]]);
  checkDerived(node);
});

Deno.test("A claim that is believed leaves present ticks present", () => {
  const node = new Store({ node: "me" });
  node.merge(event("p", "A1", 9, 1));
  node.claim("peer", ticks({ A: [1, 2] }), ticks({ A: [1, 2] }));
  node.settleClaims();
  assertEquals([node.writer("A").present().toWire(), node.writer("A").superseded().toWire()], [[1], [2]]);
});

Deno.test("Claims may complete each other", () => {
  const node = new Store({ node: "me" });
  node.claim("one", ticks({ A: [1] }), ticks({ A: [1], B: [1] }));
  node.claim("two", ticks({ B: [1] }), ticks({ B: [1] }));
  node.settleClaims();
  assertEquals([node.openClaims, node.writer("A").have.toWire(), node.writer("B").have.toWire()], [0, [1], [1]]);
});

Deno.test("Claims that need each other are believed together, those that need more are not", () => {
  const node = new Store({ node: "me" });
  node.claim("one", ticks({ A: [1] }), ticks({ A: [1], B: [1], C: [1] }));
  node.claim("two", ticks({ B: [1] }), ticks({ A: [1], B: [1], C: [1] }));
  node.claim("three", ticks({ D: [1] }), ticks({ D: [1], A: [1], E: [1] }));
  node.settleClaims();
  assertEquals(node.openClaims, 3, "C1 is nowhere");
  node.merge(event("p", "C1", 9, 1));
  node.settleClaims();
  assertEquals([node.openClaims, node.writer("A").have.toWire(), node.writer("B").have.toWire()], [1, [1], [1]]);
  assertEquals(node.writer("D").have.toWire(), [], "E1 is nowhere");
  node.claim("one", ticks({ E: [1] }), ticks({ E: [1] }));
  node.settleClaims();
  assertEquals([node.openClaims, node.writer("D").have.toWire()], [0, [1]]);
});

Deno.test("The open claims of a peer are bounded: the first stay, the newest takes the last place", () => {
  const node = new Store({ node: "me" });
  for (let i = 1; i <= 50; i++) node.claim("peer", ticks({ A: [i] }), ticks({ A: [i], Z: [i] }));
  node.claim("another", ticks({ A: [1] }), ticks({ A: [1], Z: [99] }));
  assertEquals(node.openClaims, 5);
  node.merge(event("p", "Z50", 1, 1));
  node.merge(event("q", "Z1", 2, 1));
  node.settleClaims();
  assertEquals([node.openClaims, node.writer("A").have.toWire()], [3, [1, 50]]);
});

Deno.test("A claim that has ticks of the own name which this node did not make says that the name is taken", () => {
  const node = new Store({ node: "me" });
  put(node, "p", 1);
  node.commit();
  node.claim("peer", ticks({}), ticks({ me: [1] }));
  assertEquals(node.effects, []);
  node.claim("peer", ticks({}), ticks({ me: [1, 2] }));
  assertEquals(node.effects.map((effect) => effect.kind), ["heard", "alarm"]);
});

Deno.test("A claim that contradicts itself is refused", () => {
  const node = new Store({ node: "me" });
  assertThrows(() => node.claim("peer", ticks({ A: [1, 2] }), ticks({ A: [1] })), RangeError, "peer claims ticks of A");
  assertThrows(() => node.claim("peer", ticks({ A: [1] }), ticks({})), RangeError);
  assertEquals(node.openClaims, 0);
});

/** Two nodes with one tombstone, me2, that both have. */
function deleted(): { node: Store; peer: Store; statement: (store: Store, members?: string[]) => Statement } {
  const node = new Store({ node: "me" });
  const peer = new Store({ node: "peer" });
  put(node, "p", 1);
  remove(node, "p");
  peer.merge(eventAt(node, at(node, "p")!));
  peer.claim("me", knownOf(node), haveOf(node));
  peer.settleClaims();
  for (const store of [node, peer]) store.commit();
  return { node, peer, statement: (store, members = ["me", "peer"]) => ({ onDisk: haveOf(store), members }) };
}

function mayGo(
  node: Store,
  statements: Record<string, Statement>,
  members: string[],
  forgotten: string[] = [],
): unknown {
  const result = purgeable({
    members,
    forgotten: new Set(forgotten),
    statements: new Map(Object.entries(statements)),
    writers: node.writers,
  });
  return [...result].map(([name, set]) => [name, set.toWire()]);
}

Deno.test("purgeable() wants a statement of every member, its own included", () => {
  const { node, peer, statement } = deleted();
  const all = { me: statement(node), peer: statement(peer) };
  assertEquals(mayGo(node, all, ["me", "peer"]), [["me", [2]]]);
  assertEquals(mayGo(node, { me: all.me }, ["me", "peer"]), []);
  assertEquals(mayGo(node, { peer: all.peer }, ["me", "peer"]), []);
  assertEquals(mayGo(node, {}, []), [], "nobody is no quorum");
});

Deno.test("purgeable() counts members that only a statement names, also those named by these", () => {
  const { node, peer, statement } = deleted();
  const all = { me: statement(node), peer: statement(peer, ["far"]) };
  assertEquals(mayGo(node, all, ["me", "peer"]), []);
  assertEquals(mayGo(node, { ...all, far: statement(peer, ["farther"]) }, ["me", "peer"]), []);
  assertEquals(mayGo(node, { ...all, far: statement(peer) }, ["me", "peer"]), [["me", [2]]]);
});

Deno.test("purgeable() does not wait for who was forgotten, nor for those it named", () => {
  const { node, peer, statement } = deleted();
  const all = { me: statement(node, ["me"]), lost: statement(peer, ["ghost"]) };
  assertEquals(mayGo(node, all, ["me", "lost"]), []);
  assertEquals(mayGo(node, all, ["me", "lost"], ["lost"]), [["me", [2]]]);
});

Deno.test("purgeable() waits until everything in the statements is here, and until the deletion is in each", () => {
  const { node, peer, statement } = deleted();
  const early = { onDisk: ticks({ me: [1] }), members: ["me"] };
  assertEquals(mayGo(node, { me: statement(node), peer: early }, ["me", "peer"]), []);
  assertEquals(mayGo(node, { me: statement(node), peer: { ...early, onDisk: ticks({}) } }, ["me", "peer"]), []);
  put(peer, "q", 1);
  const all = { me: statement(node), peer: statement(peer) };
  assertEquals(mayGo(node, all, ["me", "peer"]), []);
  node.merge(eventAt(peer, at(peer, "q")!));
  assertEquals(mayGo(node, all, ["me", "peer"]), [["me", [2]]]);
});

Deno.test("purgeable() names tombstones only while they are the head", () => {
  const { node, peer, statement } = deleted();
  node.merge(event("p", "X1 me2", 50, "again"));
  assertEquals(mayGo(node, { me: statement(node), peer: statement(peer) }, ["me", "peer"]), []);
});
