/** What is known of writers and their ticks. */

import { Store } from "../../../server/core/store.ts";
import { RequestError } from "../../../wire/errors.ts";
import { RangeSet } from "../../../server/core/range_set.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";
import { at, chainOf, checkDerived, dump, event, put } from "./world.ts";

function store(node = "me"): Store {
  return new Store({ node });
}

Deno.test("hear() makes what is between missing, and knows its own name", () => {
  const node = store();
  node.hear("A", 3);
  node.hear("A", 2);
  assertEquals(node.effects.map((effect) => effect.kind), ["heard"]);
  assertEquals(node.writer("A").missing().toWire(), [[1, 4]]);
  node.hear("me", 5);
  assertEquals(node.effects.map((effect) => effect.kind), ["heard", "heard", "alarm"]);
  assertEquals(put(node, "a", 1).tick, 6);
});

Deno.test("forget() gives up what is missing of a node under all its names, and of no other", () => {
  const node = store();
  node.hear("A", 2);
  node.hear("A~abcdefgh", 3);
  node.hear("AB", 4);
  node.forget("A");
  const report = node.state({ missing: true, given_up: true });
  assertEquals([...report.missing!].map(([name, ticks]) => [name, ticks.toWire()]), [["AB", [[1, 5]]]]);
  assertEquals([...report.given_up!].map(([name, ticks]) => [name, ticks.toWire()]), [["A", [[1, 3]]], ["A~abcdefgh", [[
    1,
    4,
  ]]]]);
  checkDerived(node);
});

Deno.test("state() reports as get_state does", () => {
  const node = store();
  put(node, "a", 1);
  put(node, "a", 2);
  put(node, "b", 1);
  node.merge(event("b", "A2 me3", 50));
  node.hear("Z", 1);
  node.writer("Y");
  const report = node.state({
    nodes: true,
    known: true,
    present: true,
    deleted: true,
    missing: true,
    remote_missing: true,
  });
  const plain = Object.fromEntries(
    Object.entries(report).map(([key, map]) => [
      key,
      [...(map as Map<string, RangeSet | number | null>)].map((
        [name, x],
      ) => [name, x instanceof RangeSet ? x.toWire() : x]),
    ]),
  );
  assertEquals(plain, {
    nodes: [["me", 3], ["A", 2], ["Z", 1], ["Y", null]],
    known: [["me", [1]]],
    present: [["me", [[2, 4]]], ["A", [2]]],
    deleted: [["A", [2]], ["me", [3]]],
    missing: [["A", [1]], ["Z", [1]]],
    remote_missing: [],
  });
  assertEquals(node.state({}), {});
});

Deno.test("dropWriter() removes a writer's links from all chains; not while it heads one", () => {
  const node = store();
  node.merge(event("a", "A1", 5, 1));
  assertThrows(() => node.dropWriter("A"), RequestError, "Node A has entry 1");
  node.merge(event("a", "B1 A1 C1", 6, 2));
  node.commit();
  const before = dump(node);
  node.dropWriter("A");
  assertEquals([chainOf(at(node, "a")), node.writers.has("A")], ["B1 C1", false]);
  node.rollback();
  assertEquals(dump(node), before);
  node.dropWriter("A");
  node.commit();
  assertEquals([chainOf(at(node, "a")), node.writers.has("A")], ["B1 C1", false]);
  node.dropWriter("nobody");
  checkDerived(node);
});
