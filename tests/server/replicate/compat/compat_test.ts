/** Servers of ours among servers that follow the original's rules. */

import { assertEquals, assertTrue } from "../../../support/assert.ts";
import { MixedNetwork } from "./mixed.ts";

const second = 1000;

Deno.test("changes and deletions flow both ways", () => {
  const network = new MixedNetwork();
  const p1 = network.original("p1");
  const p2 = network.original("p2");
  const a = network.ours("a");
  const b = network.ours("b");
  network.run(40 * second);
  p1.set("one", 1);
  a.put("two", 2);
  b.put("x.y", "z");
  network.run(second);
  for (const node of [a, b, p1, p2]) {
    assertEquals([node.get("one"), node.get("two"), node.get("x.y")], [1, 2, "z"]);
  }
  a.put("one", 11);
  p2.set("two", 22);
  p2.delete("x.y");
  network.run(second);
  for (const node of [a, b, p1, p2]) {
    assertEquals([node.get("one"), node.get("two"), node.get("x.y")], [11, 22, undefined]);
  }
  assertEquals([p1.death, p2.death], [undefined, undefined]);
  assertEquals([a.reports, b.reports], [[], []]);
});

Deno.test("a split with writes on both sides heals, as among originals", () => {
  const network = new MixedNetwork(3);
  const p1 = network.original("p1");
  const p2 = network.original("p2");
  const a = network.ours("a");
  const b = network.ours("b");
  network.run(60 * second);
  p1.set("a", 1);
  network.run(second);
  network.split("p1 a", "p2 b");
  network.run(60 * second);
  p1.set("a", "left");
  a.put("l", 1);
  a.put("l", 2);
  p2.set("r", 3);
  network.run(10);
  b.put("r", 4);
  b.put("del", 1);
  network.run(second);
  b.remove("del");
  network.run(60 * second);
  network.heal();
  for (const backend of network.backends.values()) backend.attach();
  network.run(90 * second);
  for (const node of [a, b, p1, p2]) {
    assertEquals([node.get("a"), node.get("l"), node.get("r"), node.get("del")], ["left", 2, 4, undefined]);
  }
  assertEquals([p1.death, p2.death], [undefined, undefined]);
  for (const node of [a, b]) assertEquals(node.replicator.missing.size, 0);
  for (const node of [p1, p2]) {
    for (const [name, each] of node.nodes) assertTrue(node.missing(each).isEmpty, `${node.name} misses ${name}`);
  }
});
