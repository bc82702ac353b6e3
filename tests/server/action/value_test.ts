import { assertEquals } from "../../support/assert.ts";
import { Path } from "../../../wire/path/path.ts";
import { P } from "../../../wire/path/template.ts";
import { Ext, Float, type Value } from "../../../wire/value.ts";
import { Bench, type Message } from "../session/bench.ts";

Deno.test("get_value of nothing has no value, and a nil chain if one is asked for", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  assertEquals(await client.ask("get_value", { path: P("a.b") }), { tock: 0 });
  assertEquals(await client.ask("get_value", { path: P("a.b"), nchain: 2 }), { chain: null, tock: 0 });
});

Deno.test("set_value answers what was there, and get_value what is there", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  const path = P("a.b");
  const chain = (tick: number) => ({ node: "test1", tick, prev: null });
  assertEquals(await client.ask("set_value", { path, value: 1 }), { changed: true, chain: chain(1), tock: 1 });
  assertEquals(await client.ask("set_value", { path, value: 1 }), {
    changed: false,
    prev: 1,
    chain: chain(2),
    tock: 2,
  });
  assertEquals(await client.ask("set_value", { path, value: null, nchain: 0 }), { changed: true, prev: 1, tock: 3 });
  assertEquals(await client.ask("get_value", { path, nchain: 1 }), { value: null, chain: chain(3), tock: 3 });
});

Deno.test("values come back byte for byte", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  const values: Value[] = [
    new Float(42),
    42,
    2n ** 70n,
    -(2n ** 63n),
    new Uint8Array([0, 255]),
    "ü€😀",
    [],
    [[1], "x"],
    {},
    new Map<Value, Value>([[null, 1], [[1, 2], 2], [true, 3]]),
    P("a:1.b"),
    Path.from(["a"], "mark"),
    { p: P("x.y") },
    new Ext(42, new Uint8Array([1, 2, 3])),
    "x".repeat(100_000),
  ];
  for (const value of values) {
    await client.ask("set_value", { path: P("v"), value });
    assertEquals((await client.ask("get_value", { path: P("v") })).value, value);
  }
});

Deno.test("paths: texts, integers, floats, booleans, bytes and tuples name different entries; 1.0 is 1", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  const paths: Value[] = [
    P("n.1"),
    P("n:1"),
    P("n:1:.5"),
    P("n:t"),
    P("n:f"),
    P("n:v1"),
    P("n:1,2"),
    P("n:e"),
    ["n", 2 ** 40],
    P(":"),
  ];
  for (const [i, path] of paths.entries()) await client.ask("set_value", { path, value: i });
  for (const [i, path] of paths.entries()) assertEquals((await client.ask("get_value", { path })).value, i);
  assertEquals((await client.ask("get_value", { path: ["n", new Float(1)] })).value, 1);
});

Deno.test("delete_value: a tombstone has neither value nor chain, and every deletion is an event", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  const path = P("a");
  await client.ask("set_value", { path, value: 5 });
  assertEquals(await client.ask("delete_value", { path, nchain: 2 }), {
    changed: true,
    prev: 5,
    chain: { node: "test1", tick: 2, prev: null },
    tock: 2,
  });
  assertEquals(await client.ask("get_value", { path, nchain: 2 }), { chain: null, tock: 2 });
  assertEquals((await client.ask("delete_value", { path, nchain: 0 })).changed, false);
  assertEquals(await client.ask("delete_value", { path: P("never"), nchain: 0 }), { changed: false, tock: 4 });
  assertEquals(await client.ask("set_value", { path, value: 6, chain: null, nchain: 0 }), { changed: true, tock: 5 });
});

Deno.test("set_value of the original's NotGiven deletes", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  await client.ask("set_value", { path: P("a"), value: 5 });
  const notGiven = new Ext(4, new TextEncoder().encode("_"));
  assertEquals((await client.ask("set_value", { path: P("a"), value: notGiven, nchain: 0 })).prev, 5);
  assertEquals("value" in await client.ask("get_value", { path: P("a") }), false);
});

Deno.test("nchain: links are cut without prev, and end with prev nil", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  const path = P("a");
  const keys = ["a"];
  const merge = (node: string, tick: number, tock: number, prev: Message | null) =>
    bench.store.merge({
      keys,
      length: 1,
      chain: { node, tick, prev: prev as never },
      tock,
      bytes: new Uint8Array([tick]),
      start: 0,
      end: 1,
    });
  merge("b", 7, 5, { node: "c", tick: 3, prev: null });
  bench.store.commit();
  await client.ask("set_value", { path, value: 0 });
  const chain = async (nchain: number) => (await client.ask("get_value", { path, nchain })).chain;
  assertEquals(await chain(0), undefined);
  assertEquals(await chain(1), { node: "test1", tick: 1 });
  assertEquals(await chain(2), { node: "test1", tick: 1, prev: { node: "b", tick: 7 } });
  const whole = { node: "test1", tick: 1, prev: { node: "b", tick: 7, prev: { node: "c", tick: 3, prev: null } } };
  assertEquals(await chain(3), whole);
  assertEquals(await chain(-1), whole);
});

Deno.test("get_value by node and tick finds the entry that the event made", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  await client.ask("set_value", { path: P("a.b"), value: "x" });
  await client.ask("set_value", { path: P("a.b"), value: "y" });
  const found = await client.ask("get_value", { node: "test1", tick: 2, nchain: 1 });
  assertEquals(found, {
    value: "y",
    chain: { node: "test1", tick: 2, prev: null },
    tock: 2,
    path: P("a.b"),
  });
  assertEquals((await client.ask("get_value", { node: "nope", tick: 1 })).error, "KeyError('nope')");
  assertEquals((await client.ask("get_value", { node: "test1", tick: 1 })).error, "KeyError(1)");
  assertEquals((await client.ask("get_value", { node: "test1" })).error, "AttributeError('tick')");
});

Deno.test("get_value and set_value refuse bad fields, naming them", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  const error = async (action: string, fields: Record<string, Value>) => {
    const { error, etype } = await client.ask(action, fields);
    return [etype, error];
  };
  assertEquals(await error("get_value", {}), ["request", "AttributeError('path')"]);
  assertEquals(await error("set_value", { path: P("a") }), [
    "request",
    `ClientError("Call 'delete_value' if you want to clear the value")`,
  ]);
  assertEquals(await error("delete_value", { path: P("a"), value: 1 }), [
    "request",
    `ClientError("A deleted entry can't have a value")`,
  ]);
  assertEquals((await error("get_value", { path: "a.b" }))[0], "request");
  assertEquals((await error("get_value", { path: 5 }))[0], "request");
  assertEquals((await error("get_value", { path: [{}] }))[0], "request");
  assertEquals(await error("set_value", { path: ["a", null], value: 1 }), ["value", "ValueError('Null path element')"]);
  assertEquals(await error("get_value", { path: P("a"), nchain: "x" }), [
    "request",
    `ClientError("The field 'nchain' must be an integer")`,
  ]);
  assertEquals((await error("set_value", { path: Array(300).fill("a"), value: 1 }))[0], "value");
  assertEquals((await error("set_value", { path: ["x".repeat(20_000)], value: 1 }))[0], "value");
  assertEquals((await error("set_value", { path: P("a"), value: 1, ack: "moon" }))[0], "request");
  assertEquals(bench.store.liveCount, 0);
  assertEquals(bench.store.local.tick, 0);
});

Deno.test("set_value {ack} tells the level that a memory-only server can give: none", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  assertEquals(await client.ask("set_value", { path: P("a"), value: 1, ack: "disk", nchain: 0 }), {
    changed: true,
    tock: 1,
    ack: "none",
  });
});

Deno.test("the internal actions work below null, and set_value reaches the same entries", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  const path = P("foo.bar");
  assertEquals((await client.ask("set_internal", { path, value: 1 })).changed, true);
  assertEquals((await client.ask("get_internal", { path })).value, 1);
  assertEquals((await client.ask("get_value", { path: P(":n.foo.bar") })).value, 1);
  assertEquals((await client.ask("set_value", { path: P(":n.foo.bar"), value: 2 })).prev, 1);
  assertEquals((await client.ask("delete_internal", { path })).prev, 2);
  assertEquals((await client.ask("get_internal", { path: [null] })).error, "ValueError('Null path element')");
});
