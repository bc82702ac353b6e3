import { isConflictPath } from "../../../../server/core/conflicts.ts";
import { walk } from "../../../../server/core/walk.ts";
import type { Store } from "../../../../server/core/store.ts";
import type { ElementKey } from "../../../../wire/path/keys.ts";
import { decode } from "../../../../wire/msgpack/decoder.ts";
import { field, isMap } from "../../../../wire/message/decoded_map.ts";
import type { Value } from "../../../../wire/value.ts";
import { assertEquals, assertTrue } from "../../../support/assert.ts";
import { at, chainOf, event, put } from "../../core/world.ts";
import { makeStore, Network, type Node } from "../network.ts";

/** `path: value (writer tick)` of each record. */
function records(store: Store): string[] {
  const lines: string[] = [];
  for (const entry of walk(store.root, { empty: true, meta: true })) {
    const keys: ElementKey[] = [];
    if (!entry.hasValue || !isConflictPath(keys, entry.readKeys(keys))) continue;
    const value = decode(store.values.read(entry.value));
    if (!isMap(value)) continue;
    const text = (name: string) => String(field(value, name) as Value);
    lines.push(`${text("path")}: ${text("value")} (${text("node")} ${text("tick")})`);
  }
  return lines.sort();
}

/** Three servers that know each other. */
function three(): { network: Network; nodes: Node[] } {
  const network = new Network();
  const nodes = ["a", "b", "c"].map((name) => network.add(name));
  network.run(6000);
  return { network, nodes };
}

/** Both sides of a split write, then it ends. */
function fight(network: Network, left: () => void, right: () => void): void {
  network.split("a", "b c");
  network.run(100);
  left();
  right();
  network.run(2000);
  network.heal();
  network.run(4000);
}

function eachHas(nodes: readonly Node[], expected: string[]): void {
  for (const { store, member } of nodes) {
    assertEquals(records(store), expected, member);
    assertEquals(store.conflicts.size, 0, member);
  }
}

Deno.test("what loses is recorded, once, and everywhere alike", () => {
  const { network, nodes } = three();
  const [a, b] = nodes;
  const before = nodes.map(({ store }) => store.local.tick);
  fight(network, () => a.put("x", "left"), () => {
    b.put("y", 1);
    b.put("x", "right");
  });
  assertEquals(nodes.map((node) => node.get("x")), ["right", "right", "right"]);
  eachHas(nodes, [`x: left (a ${before[0] + 1})`]);
  const written = nodes.map(({ store }, i) => store.local.tick - before[i]);
  assertEquals(written, [2, 2, 0], "the first of them has written the record");
});

Deno.test("equal values are no conflict, and neither is a fight over a record", () => {
  const { network, nodes } = three();
  const [a, b] = nodes;
  fight(network, () => a.put("x", 1), () => b.put("x", 1));
  eachHas(nodes, []);
  fight(network, () => a.put("x", 2), () => b.put("x", 3));
  assertEquals(records(a.store).length, 1);
  const path = `:.moat.kv.conflict.${records(a.store)[0].match(/\((\w) (\d+)\)/)!.slice(1).join(":")}`;
  assertTrue(a.get(path) !== undefined, path);
  fight(network, () => a.remove(path), () => b.put(path, "changed"));
  network.run(1000);
  for (const { store } of nodes) assertEquals(store.conflicts.size, 0);
});

Deno.test("a deletion that loses is recorded, too", () => {
  const { network, nodes } = three();
  const [a, b] = nodes;
  a.put("x", 1);
  network.run(100);
  fight(network, () => a.remove("x"), () => {
    b.put("y", 1);
    b.put("x", 2);
  });
  assertEquals(records(nodes[2].store), [`x: undefined (a ${a.store.local.tick - 1})`]);
  assertEquals(nodes.map((node) => node.get("x")), [2, 2, 2]);
});

Deno.test("a write at the path of a pending conflict records it before", () => {
  const { network, nodes } = three();
  const [a, b, c] = nodes;
  network.split("a b", "c");
  network.run(100);
  c.put("x", "left");
  const lost = c.store.local.tick;
  b.put("y", 1);
  b.put("x", "right");
  network.fate = (from) => from === "c" ? [] : [1]; // else the others notice it, and are first
  network.heal();
  b.put("x", "right again");
  network.until(() => c.store.conflicts.size > 0, 3000);
  network.fate = () => [1];
  c.put("x", "later");
  assertEquals(records(c.store), [`x: left (c ${lost})`]);
  assertEquals(c.store.conflicts.size, 0);
  network.run(4000);
  eachHas([a, b, c], [`x: left (c ${lost})`]);
  assertEquals(a.get("x"), "later");
});

Deno.test("a record that was deleted does not come back", () => {
  const { network, nodes } = three();
  const [a, b] = nodes;
  fight(network, () => a.put("x", 1), () => b.put("x", 2));
  const [record] = records(a.store);
  assertTrue(record !== undefined);
  const [, writer, tick] = record.match(/\((\w) (\d+)\)/)!;
  b.remove(`:.moat.kv.conflict.${writer}:${tick}`);
  network.run(5000);
  eachHas(nodes, []);
  const fourth = network.add("d");
  network.run(5000);
  eachHas([...nodes, fourth], []);
});

Deno.test("internal entries have their records in the internal tree", () => {
  const { network, nodes } = three();
  const [a, b] = nodes;
  fight(network, () => a.put(":n.user.joe", "secret"), () => b.put(":n.user.joe", "other"));
  for (const { store } of nodes) {
    const [record] = records(store);
    assertTrue(record.startsWith(":n.user.joe: "), record);
    assertEquals(at(store, ":.moat.kv.conflict"), undefined);
  }
});

Deno.test("prefer: the named server writes what it lost again, and nothing is recorded", () => {
  const { network, nodes } = three();
  const [a, b, c] = nodes;
  c.put(":.moat.kv.conflict_policy.x.#", "prefer a");
  network.run(100);
  fight(network, () => {
    a.put("x.y", "left");
    a.put("z", "left");
  }, () => {
    b.put("w", 1);
    b.put("x.y", "right");
    b.put("z", "right");
  });
  network.run(3000);
  assertEquals(nodes.map((node) => node.get("x.y")), ["left", "left", "left"]);
  assertTrue(/^a\d+ b\d+$/.test(chainOf(at(c.store, "x.y"))), chainOf(at(c.store, "x.y")));
  for (const { store } of nodes) assertEquals(records(store).map((line) => line[0]), ["z"]);
});

Deno.test("prefer: others record what a server lost that is not there", () => {
  const { network, nodes } = three();
  const [a, b, c] = nodes;
  c.put(":.moat.kv.conflict_policy.x", "prefer b");
  network.run(100);
  network.split("a", "b c");
  network.run(100);
  a.put("v", 0);
  a.put("x", "left");
  b.put("x", "right");
  network.run(500);
  network.kill(b);
  b.replicator.stop();
  network.run(100);
  network.heal();
  network.run(6000);
  assertEquals([a.get("x"), c.get("x")], ["left", "left"]);
  assertEquals(records(c.store), [`x: right (b ${b.store.local.tick})`]);
});

Deno.test("too many records: the lowest rank goes, and is counted; keep-both is exempt", () => {
  const { network, nodes } = three();
  const [a, b, c] = nodes;
  c.put(":.moat.kv.conflict_policy.kept", "keep-both");
  network.run(100);
  let kept = 0;
  for (let i = 0; i < 18; i++) {
    fight(network, () => {
      a.put("x", `left ${i}`);
      a.put("kept", `left ${i}`);
    }, () => {
      b.put("y", i);
      b.put("x", `right ${i}`);
      b.put("kept", `right ${i}`);
    });
    kept++;
  }
  for (const { store } of nodes) {
    const lines = records(store);
    assertEquals(lines.filter((line) => line.startsWith("x: ")).length, 16);
    assertEquals(lines.filter((line) => line.startsWith("kept: ")).length, kept);
    assertTrue(!lines.some((line) => line.startsWith("x: left 0 ")), lines[0]);
  }
  assertEquals(nodes.reduce((sum, { replicator }) => sum + replicator.conflicts.dropped, 0), 2);
});

Deno.test("a conflict that was pending when the server stopped is recorded after the start, also alone", () => {
  const store = makeStore("a", "life of a");
  put(store, "x", "mine");
  store.merge(event("x", "B1", 50, "theirs"));
  store.commit();
  assertEquals(store.conflicts.size, 1);
  const network = new Network();
  const a = network.add("a", { store });
  network.run(100);
  assertEquals([records(a.store), a.store.conflicts.size], [["x: mine (a 1)"], 0]);
});

Deno.test("while recovery goes on, nothing is recorded; a recovery without end does not count", () => {
  const network = new Network();
  const store = makeStore("a", "life of a");
  put(store, "x", "mine");
  store.hear("dead", 7);
  store.merge(event("x", "B1", 50, "theirs"));
  store.commit();
  const a = network.add("a", { store });
  network.run(20_000);
  assertEquals(records(a.store), []);
  network.run(15_000);
  assertEquals(records(a.store), ["x: mine (a 1)"]);
});
