/** Traces behind the rules of deletion and membership (DESIGN 4.5). */

import { encode } from "../../../wire/mod.ts";
import { Store } from "../../../server/core/store.ts";
import { assertEquals } from "../../support/assert.ts";
import { at, chainOf, checkDerived, event, eventAt, put, remove, treeOf, valueAt } from "./world.ts";
import { claim, copy, nodes, purge, resyncAll, send, statement } from "./trace_nodes.ts";

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
