/**
 * Runs that broke earlier forms of the rules, event by event. Each says what would go wrong without the rule it is for.
 */

import { encode } from "../../../wire/mod.ts";
import type { ElementKey } from "../../../wire/path/keys.ts";
import type { Entry } from "../../../server/core/entry.ts";
import { purgeable, type Statement } from "../../../server/core/deletion.ts";
import { rewriteHeads } from "../../../server/core/identity.ts";
import { RangeSet } from "../../../server/core/range_set.ts";
import { Store } from "../../../server/core/store.ts";
import { resync } from "../../../server/core/resync.ts";
import { walk } from "../../../server/core/walk.ts";
import { assertEquals } from "../../support/assert.ts";
import { at, chainOf, checkDerived, event, eventAt, haveOf, knownOf, put, remove, treeOf, valueAt } from "./world.ts";

function nodes<Name extends string>(...names: Name[]): Record<Name, Store> {
  return Object.fromEntries(names.map((node) => [node, new Store({ node })])) as Record<Name, Store>;
}

/** The entry at `path` goes from one node to others. */
function send(path: string, from: Store, ...to: Store[]): void {
  for (const store of to) {
    store.merge(eventAt(from, at(from, path)!));
    store.settleClaims();
    store.commit();
  }
}

/** `from` says what is superseded there. */
function claim(from: Store, to: Store): void {
  to.claim(from.node, knownOf(from), haveOf(from));
  to.settleClaims();
  to.commit();
}

/** `store`, which nobody waited for, looks at its entries once more, after it has copied `peer`. */
function resyncAll(store: Store, peer: Store): void {
  const isGone = (entry: Entry) => {
    const all: ElementKey[] = [];
    return !peer.find(all, entry.readKeys(all))?.writer;
  };
  const steps = walk(store.root, { empty: true, meta: true });
  while (resync(store, { have: haveOf(peer), known: knownOf(peer), isGone }, steps, 2));
}

function missing(store: Store, name: string): unknown {
  return store.writer(name).missing().toWire();
}

/** Everything that `from` has goes to `to`, then what is superseded there: a join, or a repair that ends. */
function copy(from: Store, to: Store): void {
  for (const entry of walk(from.root, { empty: true, meta: true })) {
    if (entry.writer !== null) to.merge(eventAt(from, entry));
  }
  claim(from, to);
}

function statement(store: Store, ...members: string[]): Statement {
  return { onDisk: haveOf(store), members };
}

/** Purges what may be purged at `store`, by these statements; returns how many tombstones went. */
function purge(
  store: Store,
  statements: Record<string, Statement>,
  members: string[],
  forgotten: string[] = [],
): number {
  let purged = 0;
  const state = { members, forgotten: new Set(forgotten), statements: new Map(Object.entries(statements)) };
  for (const [name, ticks] of purgeable({ ...state, writers: store.writers })) {
    for (const tick of ticks) purged += store.purge(store.writer(name), tick);
  }
  store.commit();
  return purged;
}

Deno.test("known without the winner: Z does not believe Y's word while the successor is missing, and takes (Y,1) from W", () => {
  const { W, X, Y, Z } = nodes("W", "X", "Y", "Z");
  put(Y, "p", 1);
  send("p", Y, W);
  for (const store of [X, Z]) store.hear("Y", 1);
  put(Y, "p", 2);
  send("p", Y, X);
  Z.hear("Y", 2);
  claim(Y, Z); // the retransmission of (Y,2) is lost, "superseded: (Y,1)" arrives; then X and Y die
  assertEquals([missing(Z, "Y"), Z.openClaims], [[[1, 3]], 1]);
  send("p", W, Z);
  assertEquals([valueAt(Z, "p"), missing(Z, "Y")], [1, [2]]);
  assertEquals(treeOf(Z), treeOf(W));
});

Deno.test("rumour of known: it does not travel without the value, so a reinstalled node gets the value back", () => {
  const { V, W, Y, Z } = nodes("V", "W", "Y", "Z");
  put(Y, "p", 1);
  send("p", Y, W);
  put(Y, "p", 2);
  claim(Y, Z);
  claim(Z, V);
  assertEquals([missing(V, "Y"), missing(Z, "Y")], [[], [[1, 3]]], "Z itself has nothing to tell");
  V.hear("Y", 2);
  const reinstalled = new Store({ node: "W" });
  copy(Z, reinstalled);
  copy(V, reinstalled);
  send("p", W, Z); // before it was reinstalled
  copy(Z, reinstalled);
  assertEquals(valueAt(reinstalled, "p"), 1);
});

Deno.test("an open claim is believed when the winner arrives, and ends under load as it is fixed", () => {
  const { Y, Z } = nodes("Y", "Z");
  put(Y, "p", 1);
  put(Y, "p", 2);
  claim(Y, Z);
  const winner = eventAt(Y, at(Y, "p")!);
  for (let i = 3; i < 20; i++) {
    put(Y, "q", i);
    Z.hear("Y", i);
  }
  Z.merge(winner);
  Z.settleClaims();
  assertEquals([Z.writer("Y").have.toWire(), Z.openClaims], [[[1, 3]], 0]);
});

Deno.test("late copy after purge: the old set does not come back", () => {
  const { X, N } = nodes("X", "N");
  put(X, "p", "old");
  const old = eventAt(X, at(X, "p")!);
  send("p", X, N);
  remove(X, "p");
  send("p", X, N);
  claim(X, N);
  assertEquals(purge(N, { N: statement(N), X: statement(X) }, ["N", "X"]), 1);
  assertEquals(N.merge(old).outcome, "had");
  assertEquals(at(N, "p"), undefined);
});

Deno.test("member known to one side only: no purge before M said so, so M's old value does not stay", () => {
  const { P, Q, M } = nodes("P", "Q", "M");
  put(M, "p", "old");
  send("p", M, Q); // M joined at Q during a split, wrote, went away
  send("p", Q, P);
  remove(P, "p");
  send("p", P, Q);
  claim(P, Q);
  const words = { P: statement(P, "P"), Q: statement(Q, "Q", "M") };
  assertEquals(purge(P, words, ["P", "Q"]), 0);
  send("p", P, M);
  claim(P, M);
  assertEquals(purge(P, { ...words, M: statement(M) }, ["P", "Q"]), 1);
});

Deno.test("confirmation lost with the tail: only what is on a disk counts", () => {
  const { P, M } = nodes("P", "M");
  put(P, "p", 1);
  send("p", P, M);
  const onDisk = statement(M);
  remove(P, "p");
  send("p", P, M); // in M's memory, then power is cut
  assertEquals(purge(P, { P: statement(P), M: onDisk }, ["P", "M"]), 0);
  const back = new Store({ node: "M" });
  back.merge(event("p", "P1", 1, 1));
  send("p", P, back);
  assertEquals(at(back, "p")?.isTombstone, true);
});

Deno.test("joiner between copy and confirmation: b names it, so it is waited for", () => {
  const { A, B, N } = nodes("A", "B", "N");
  put(A, "p", 1);
  send("p", A, B);
  copy(B, N); // B has not got the deletion yet
  remove(A, "p");
  send("p", A, B);
  claim(A, B);
  const words = { A: statement(A), B: statement(B, "A", "B", "N") };
  assertEquals(purge(A, words, ["A", "B"]), 0);
  send("p", A, N);
  claim(A, N);
  assertEquals(purge(A, { ...words, N: statement(N) }, ["A", "B"]), 1);
});

Deno.test("a live entry whose chain names a deletion is not touched by its purge", () => {
  const { A, B } = nodes("A", "B");
  put(A, "p", 1);
  remove(A, "p");
  send("p", A, B);
  claim(A, B);
  put(B, "p", "re-created");
  assertEquals(chainOf(at(B, "p")), "B1 A2");
  assertEquals(purge(B, { A: statement(A), B: statement(B) }, ["A", "B"]), 0);
  assertEquals(B.purge(B.writer("A"), 2), 0);
  assertEquals(valueAt(B, "p"), "re-created");
});

Deno.test("purging a parent keeps its children, purging an only child keeps a parent with a value", () => {
  const { A } = nodes("A");
  put(A, "p", 1);
  put(A, "p.c", 2);
  remove(A, "p");
  assertEquals(purge(A, { A: statement(A) }, ["A"]), 1);
  put(A, "q", 1);
  put(A, "q.c", 2);
  remove(A, "q.c");
  assertEquals(purge(A, { A: statement(A) }, ["A"]), 1);
  assertEquals(treeOf(A), ["p.c = 02 A2 @2", "q = 01 A4 @4"]);
});

Deno.test("forgotten node returns with a write on a purged entry: not revived, not lost, but a conflict", () => {
  const { P, F } = nodes("P", "F");
  put(P, "p", "old");
  put(P, "q", "stays");
  send("p", P, F);
  send("q", P, F);
  put(F, "p", "written while cut off");
  put(F, "new", "nobody has it");
  remove(P, "p");
  P.forget("F");
  assertEquals(purge(P, { P: statement(P) }, ["P", "F"], ["F"]), 1);
  // F is back: it takes a new name, and everything of P's
  F.adoptWriter("F~abcdefgh");
  copy(P, F);
  resyncAll(F, P);
  F.commit();
  assertEquals([valueAt(F, "p"), valueAt(F, "q"), valueAt(F, "new")], [undefined, "stays", "nobody has it"]);
  assertEquals([...F.conflicts].map((each) => [each.path, each.writer.name, each.tick]), [[["p"], "F", 1]]);
  checkDerived(F);
});

Deno.test("forgotten node returns with a write on an entry that only changed meanwhile: it is merged like any other", () => {
  const { P, F } = nodes("P", "F");
  put(P, "p", "old");
  send("p", P, F);
  put(P, "p", "changed");
  F.hearTock(9);
  put(F, "p", "written while cut off");
  F.commit();
  copy(P, F);
  resyncAll(F, P);
  F.commit();
  assertEquals([valueAt(F, "p"), [...F.conflicts].map((each) => each.writer.name)], ["written while cut off", ["P"]]);
});

Deno.test("return of a clone: what the peer deleted and purged goes at the clone, too", () => {
  const { P } = nodes("P");
  put(P, "p", 1);
  const clone = new Store({ node: "P", writer: "P~clonecln" });
  clone.merge(eventAt(P, at(P, "p")!));
  remove(P, "p");
  assertEquals(purge(P, { P: statement(P) }, ["P"]), 1);
  claim(P, clone);
  assertEquals([clone.openClaims, valueAt(clone, "p")], [0, 1], "what P has is covered");
  resyncAll(clone, P);
  clone.commit();
  assertEquals(at(clone, "p"), undefined);
});

Deno.test("power cut, same path written again while alone: the lost write is a conflict, not silently replaced", () => {
  const { M, C } = nodes("M", "C");
  put(M, "p", "first");
  put(M, "p", "acknowledged, then lost");
  send("p", M, C);
  const back = new Store({ node: "M", writer: "M~aaaaaaaa" });
  back.merge(event("p", "M1", 1, "first"));
  put(back, "p", "written without knowing");
  put(back, "p", "and again");
  send("p", back, C);
  assertEquals(valueAt(C, "p"), "and again");
  assertEquals([...C.conflicts].map(({ writer, tick }) => `${writer.name}${tick}`), ["M2"]);
});

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

Deno.test("cold copy restored, the other half cut off at tick 90: no tick has two contents under a new name", () => {
  const { A, B, C } = nodes("A", "B", "C");
  for (let i = 1; i <= 90; i++) put(A, `x:${i}`, i);
  copy(A, B);
  copy(A, C);
  put(A, "q", "91 as C has it");
  send("q", A, C);
  const restored = new Store({ node: "A", writer: "A~bbbbbbbb" }); // from a copy taken at 80, asks B, hears 90
  copy(B, restored);
  put(restored, "p", "its next");
  for (const store of [B, C]) send("p", restored, store);
  assertEquals(missing(B, "A"), []);
  copy(C, B);
  copy(C, restored);
  assertEquals([B, C, restored].map((store) => [valueAt(store, "p"), valueAt(store, "q")]), [
    ["its next", "91 as C has it"],
    ["its next", "91 as C has it"],
    ["its next", "91 as C has it"],
  ]);
});

Deno.test("two fresh networks with one name: each hears the other, takes a new name, and nothing is lost", () => {
  const one = new Store({ node: "pi" });
  const two = new Store({ node: "pi" });
  put(one, "p", "one");
  put(one, "q", "one q");
  put(two, "p", "two");
  put(two, "r", "two r");
  put(two, "s", "two s");
  one.merge(eventAt(two, at(two, "s")!));
  assertEquals(one.effects.some((effect) => effect.kind === "alarm" && effect.reason === "name_taken"), true);
  for (const [store, name] of [[one, "pi~aaaaaaaa"], [two, "pi~bbbbbbbb"]] as const) {
    const old = store.local;
    store.adoptWriter(name);
    while (rewriteHeads(store, old, 2) > 0);
    store.commit();
  }
  copy(one, two);
  copy(two, one);
  assertEquals(one.digest, two.digest);
  assertEquals(["q", "r", "s"].map((path) => [valueAt(one, path), valueAt(two, path)]), [
    ["one q", "one q"],
    ["two r", "two r"],
    ["two s", "two s"],
  ]);
  assertEquals(valueAt(one, "p"), valueAt(two, "p"));
  assertEquals(one.conflicts.size + two.conflicts.size > 0, true, "p is a conflict");
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

Deno.test("a purged deletion is remembered for resumed watches, also over a restart", () => {
  const { A } = nodes("A");
  put(A, "p", 1);
  remove(A, "p");
  put(A, "q", 2);
  purge(A, { A: statement(A) }, ["A"]);
  assertEquals(A.local.purgedUpTo, 2);
  const back = new Store({ node: "A" });
  const bytes = encode(2);
  back.restoreEntry(["q"], 1, back.local, 3, null, 3, bytes, 0, bytes.length);
  back.restorePurge(["p"], 1, back.local, 2);
  back.finishRestore();
  assertEquals([back.local.purgedUpTo, treeOf(back)], [2, treeOf(A)]);
});
