/** Traces behind the rule that "superseded" is believed as a pair only (DESIGN 4.7). */

import { Store } from "../../../server/core/store.ts";
import { assertEquals } from "../../support/assert.ts";
import { at, eventAt, put, treeOf, valueAt } from "./world.ts";
import { claim, copy, missing, nodes, send } from "./trace_nodes.ts";

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
