/** Writes and what they do to a tree. */

import { decode, encode } from "../../../wire/mod.ts";
import { RequestError } from "../../../wire/errors.ts";
import { Store } from "../../../server/core/store.ts";
import { P } from "../../../wire/path/template.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";
import { at, chainOf, checkDerived, dump, keys, put, remove, valueAt } from "./world.ts";

function store(node = "me"): Store {
  return new Store({ node });
}

Deno.test("A store begins empty, with its own writer and nothing heard", () => {
  const node = store();
  assertEquals([node.clock, node.local.name, node.local.tick, node.entryCount, node.liveCount], [0, "me", 0, 1, 0]);
  assertEquals(node.root.path(), P(":"));
  assertEquals(new Store({ node: "me", writer: "me~abcdefgh" }).local.node, "me");
});

Deno.test("write() counts ticks and tocks, and its change says what was before", () => {
  const node = store();
  const first = put(node, "a.b", 1);
  const second = put(node, "a.b", "two");
  assertEquals([first.tick, first.tock, first.oldWriter, first.local], [1, 1, null, true]);
  assertEquals([second.tick, second.tock, second.oldTick, second.oldTock], [2, 2, 1, 1]);
  assertEquals([...node.values.read(second.oldValue)], [1]);
  assertEquals(node.commit(), [first, second]);
  assertEquals([node.effects.length, valueAt(node, "a.b"), chainOf(at(node, "a.b"))], [0, "two", "me2"]);
  assertEquals([node.local.have.toWire(), node.local.present().toWire()], [[[1, 3]], [2]]);
});

Deno.test("write() goes above every tock heard, also one from a message without an event", () => {
  const node = store();
  node.hearTock(100);
  node.hearTock(7);
  assertEquals(put(node, "a", 1).tock, 101);
});

Deno.test("The root can have a value; intermediate entries have none", () => {
  const node = store();
  put(node, ":", "Testing");
  put(node, "a.b.c", 1);
  assertEquals(valueAt(node, ":"), "Testing");
  assertEquals([at(node, "a.b")?.hasValue, at(node, "a.b")?.isTombstone, at(node, "a.b")?.tock], [false, false, 1]);
  assertEquals(at(node, "a.b.c")?.path(), P("a.b.c"));
  assertEquals(node.find(keys("b.c"), 2, at(node, "a")!), at(node, "a.b.c"));
});

Deno.test("ensure() refuses null but as the first element", () => {
  const node = store();
  node.ensure([null, "x"], 2);
  const error = assertThrows(() => node.ensure(["a", null], 2), RequestError, "Null path element");
  assertEquals(error.code, "value");
  const before = dump(node);
  assertThrows(() => node.ensure(["new", "x", null, "y"], 4), RequestError);
  assertEquals(dump(node), before, "nothing is made on the way");
});

Deno.test("1 and true and '1' are three children; integral floats are integers", () => {
  const node = store();
  for (const [key, value] of [[1, "int"], [true, "bool"], ["1", "text"]] as const) {
    node.write(node.ensure([key], 1), encode(value), 0, encode(value).length);
  }
  assertEquals([1, true, "1"].map((key) => decode(node.values.read(node.root.child(key)!.value))), [
    "int",
    "bool",
    "text",
  ]);
});

Deno.test("delete() leaves a tombstone with the chain; children stay; writing again ranks above", () => {
  const node = store();
  put(node, "a", 1);
  put(node, "a.b", 2);
  remove(node, "a");
  assertEquals([at(node, "a")?.isTombstone, chainOf(at(node, "a")), valueAt(node, "a.b")], [true, "me3", 2]);
  assertEquals(node.local.tombstones.toWire(), [3]);
  const change = put(node, "a", 3);
  assertEquals([change.tock, change.oldTock, node.local.tombstones.toWire()], [4, 3, []]);
  checkDerived(node);
});
