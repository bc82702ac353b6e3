/** Traces behind the rules of merging and of conflicts (DESIGN 4.1, 4.8), and of life with originals (4.10). */

import { RangeSet } from "../../../server/core/range_set.ts";
import { Store } from "../../../server/core/store.ts";
import { assertEquals } from "../../support/assert.ts";
import { at, chainOf, checkDerived, event, eventAt, put, treeOf, valueAt } from "./world.ts";
import { missing, nodes, send } from "./trace_nodes.ts";

Deno.test("three-way cycle: C2 over C1 over B1 over C2 is none, whatever comes first", () => {
  const b1 = event("p", "B1", 1, "b1");
  const c1 = event("p", "C1 B1", 2, "c1");
  const c2 = event("p", "C2", 1, "c2"); // C forgot everything but its ticks
  const results = [[b1, c1, c2], [c2, c1, b1], [c1, c2, b1], [b1, c2, c1], [c2, b1, c1], [c1, b1, c2]].map((order) => {
    const store = new Store({ node: "observer" });
    for (const each of order) store.merge(each);
    return valueAt(store, "p");
  });
  assertEquals(results, Array(6).fill("c1"));
});

Deno.test("tie of tocks between two nodes: the lower name stays everywhere, whatever arrives last", () => {
  for (const order of [["A1", "B1"], ["B1", "A1"]]) {
    const store = new Store({ node: "me" });
    for (const head of order) store.merge(event("p", head, 7, head));
    assertEquals([valueAt(store, "p"), store.conflicts.size], ["A1", 1]);
  }
});

Deno.test("delete against a concurrent set: the higher tock stays in both orders, the other is a conflict", () => {
  for (const tocks of [[30, 25], [25, 30]]) {
    for (const order of [0, 1]) {
      const store = new Store({ node: "me" });
      store.merge(event("p", "A1", 5, "base"));
      const events = [event("p", "B1 A1", tocks[0]), event("p", "C1 A1", tocks[1], "set")];
      if (order === 1) events.reverse();
      for (const each of events) store.merge(each);
      assertEquals(valueAt(store, "p"), tocks[0] > tocks[1] ? undefined : "set");
      assertEquals([...store.conflicts].map((each) => each.writer.name), [tocks[0] > tocks[1] ? "C" : "B"]);
    }
  }
});

Deno.test("an original's tock race: X5 stamped 23 does not come back over the write that was based on it", () => {
  for (const order of [0, 1]) {
    const events = [event("p", "X5", 23, "older"), event("p", "Y9 X5", 23, "newer")];
    if (order === 1) events.reverse();
    const store = new Store({ node: "me" });
    for (const each of events) store.merge(each);
    assertEquals([valueAt(store, "p"), store.conflicts.size], ["newer", 0]);
  }
});

Deno.test("two quick writes of an original, stamped alike: the higher tick stays", () => {
  for (const order of [["X5", "X6"], ["X6", "X5"]]) {
    const store = new Store({ node: "me" });
    for (const head of order) store.merge(event("p", head, 24, head));
    assertEquals(valueAt(store, "p"), "X6");
  }
});

Deno.test("an original that claims to know what it never had: nothing is believed until all it has is here", () => {
  const { W, Z } = nodes("W", "Z");
  put(W, "p", 1);
  Z.hear("W", 1);
  const everything = new Map([["W", RangeSet.of(1)], ["O", RangeSet.of(1, 2, 3)]]);
  Z.claim("O", new Map([["W", RangeSet.of(1)]]), everything); // its own events are still to come
  Z.settleClaims();
  assertEquals(missing(Z, "W"), [1]);
  send("p", W, Z); // somebody else offers it meanwhile
  assertEquals([valueAt(Z, "p"), missing(Z, "W")], [1, []]);
});

Deno.test("an original that was reset writes with used ticks: both events stay, each at its path", () => {
  const store = new Store({ node: "me" });
  store.merge(event("p", "O1", 5, 1));
  store.merge(event("q", "O2", 6, 2));
  store.merge(event("r", "O1", 40, "after the reset"));
  store.merge(event("r", "O2", 41, "again"));
  assertEquals(treeOf(store).map((line) => line.split(" = ")[0]), ["p", "q", "r"]);
  assertEquals([valueAt(store, "p"), valueAt(store, "q"), valueAt(store, "r")], [1, 2, "again"]);
  assertEquals(store.effects.filter((effect) => effect.kind === "alarm").length, 2);
  checkDerived(store);
});

Deno.test("A1 loses to B1 at A, A writes A2: A1 is a conflict all the same", () => {
  const { A, B, N } = nodes("A", "B", "N");
  B.hearTock(10);
  put(A, "p", "a1");
  put(B, "p", "b1");
  send("p", B, A);
  put(A, "p", "a2");
  A.commit();
  const record = valueAt(A, ":.moat.kv.conflict.A:1") as { value: string };
  assertEquals([record.value, A.conflicts.size], ["a1", 0], "the record is written before A2");
  send("p", A, N); // N never sees A1, and cannot tell; the record can
  assertEquals([chainOf(at(N, "p")), N.conflicts.size], ["A3 B1", 0]);
});

Deno.test("crash between applying the winner and writing the record: winner and loser are in one turn", () => {
  const { A } = nodes("A");
  put(A, "p", "mine");
  A.commit();
  A.merge(event("p", "B1", 50, "theirs"));
  const kinds = A.effects.map((effect) => effect.kind);
  assertEquals([kinds.includes("conflict"), kinds.includes("change")], [true, true]);
  A.rollback();
  assertEquals([valueAt(A, "p"), A.conflicts.size], ["mine", 0]);
});

Deno.test("six writers, one node away: no false conflict with a full chain, one with a cut chain, and it says what lost", () => {
  const writers = ["B", "C", "D", "E", "F", "G"].map((node) => new Store({ node }));
  const { A, H } = nodes("A", "H");
  put(A, "p", "a");
  send("p", A, H);
  let last = A;
  for (const writer of writers) {
    send("p", last, writer);
    put(writer, "p", writer.node);
    writer.commit();
    last = writer;
  }
  const full = eventAt(last, at(last, "p")!);
  assertEquals(new Store({ node: "H2" }).merge(full).conflict, false);
  const cut = eventAt(last, at(last, "p")!, 5);
  const { conflict } = H.merge(cut);
  assertEquals([conflict, [...H.conflicts].map(({ writer, tick }) => `${writer.name}${tick}`)], [true, ["A1"]]);
  H.rollback();
  assertEquals([H.merge(full).conflict, valueAt(H, "p")], [false, "G"]);
});

Deno.test("an acknowledged write of a writer that forgot is outranked or a conflict, never silently gone", () => {
  const { C, N } = nodes("C", "N");
  put(C, "p", "acknowledged");
  send("p", C, N);
  N.hearTock(5);
  put(N, "p", "on top of it");
  const forgetful = new Store({ node: "C" });
  forgetful.restoreHave(forgetful.local, RangeSet.of(1));
  forgetful.finishRestore();
  forgetful.hearTock(90);
  put(forgetful, "p", "knew nothing");
  send("p", forgetful, N);
  assertEquals([valueAt(N, "p"), [...N.conflicts].map((each) => each.writer.name)], ["knew nothing", ["N"]]);
});
