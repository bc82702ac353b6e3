import type { SyncClaim, TickSets } from "../../../wire/message/sync.ts";
import { Store } from "../../../server/core/store.ts";
import { ClaimParts, type WholeClaim } from "../../../server/replicate/claim_parts.ts";
import { assertEquals } from "../../support/assert.ts";

type Sets = { [writer: string]: number[] };

function sets(all: Sets): TickSets {
  return new Map(
    Object.entries(all).map(([writer, ticks]) => [writer, ticks.map((tick): [number, number] => [tick, tick])]),
  );
}

function part(nr: number, part: number, known: Sets, have?: Sets, id = "one"): SyncClaim {
  return { t: "claim", node: "peer", id, for: "me", nr, part, known: sets(known), have: have && sets(have) };
}

function text(claim: WholeClaim | undefined): string | undefined {
  if (claim === undefined) return undefined;
  const sets = (ticks: WholeClaim["known"]) => [...ticks].map(([name, set]) => `${name}${[...set].join()}`).join(" ");
  return `${sets(claim.known)} / ${sets(claim.have)}`;
}

Deno.test("A claim of several parts counts when all are there, in any order", () => {
  const claims = new ClaimParts(new Store({ node: "me" }));
  assertEquals(text(claims.add(part(1, 0, { A: [1] }))), undefined);
  assertEquals(text(claims.add(part(1, 1, { A: [2] }, { A: [1, 2, 3] }))), "A1,2 / A1,2,3");
  assertEquals(text(claims.add(part(2, 2, { A: [5] }, { A: [5] }))), undefined);
});

Deno.test("What a peer said before counts with what it has now", () => {
  const claims = new ClaimParts(new Store({ node: "me" }));
  claims.add(part(1, 0, { A: [1] }, { A: [1, 2] }));
  assertEquals(text(claims.add(part(2, 0, { A: [2] }, { A: [1, 2, 3] }))), "A1,2 / A1,2,3");
});

Deno.test("A claim that comes after a newer one is passed over: what it says to have was had before that", () => {
  const claims = new ClaimParts(new Store({ node: "me" }));
  claims.add(part(2, 0, { B: [10] }, { B: [10], C: [15] }));
  assertEquals(text(claims.add(part(1, 0, { C: [7] }, { B: [10], C: [7] }))), undefined);
  assertEquals(text(claims.add(part(3, 0, {}, { B: [10], C: [15, 16] }))), "B10 / B10 C15,16");
});

Deno.test("What another process of that name said does not count", () => {
  const claims = new ClaimParts(new Store({ node: "me" }));
  claims.add(part(5, 0, { A: [1] }, { A: [1] }));
  assertEquals(text(claims.add(part(1, 0, { A: [2] }, { A: [1, 2] }, "another"))), "A2 / A1,2");
});

Deno.test("Two processes of one name that answer in turn do not undo what the other has said", () => {
  const claims = new ClaimParts(new Store({ node: "me" }));
  claims.add(part(7, 0, { A: [1] }, { A: [1, 2, 3] }, "one"));
  claims.add(part(3, 0, { A: [2] }, { A: [1, 2, 3] }, "two"));
  assertEquals(text(claims.add(part(8, 0, { A: [3] }, { A: [1, 2, 3] }, "one"))), "A1,3 / A1,2,3");
  assertEquals(text(claims.add(part(4, 0, { A: [1] }, { A: [1, 2, 3] }, "two"))), "A1,2 / A1,2,3");
});
