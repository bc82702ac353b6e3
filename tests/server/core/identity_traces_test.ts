/** Traces behind the rules of identity: no tick is used twice (DESIGN 4.6). */

import { rewriteHeads } from "../../../server/core/identity.ts";
import { Store } from "../../../server/core/store.ts";
import { assertEquals } from "../../support/assert.ts";
import { at, event, eventAt, put, valueAt } from "./world.ts";
import { copy, missing, nodes, send } from "./trace_nodes.ts";

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
