import { assertEquals } from "../../support/assert.ts";
import { P } from "../../../wire/path/template.ts";
import type { Value } from "../../../wire/value.ts";
import { Bench } from "../session/bench.ts";

const b7 = { node: "b", tick: 7, prev: null };

Deno.test("get_tock gives a number that nobody had", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  const first = (await client.ask("get_tock")).tock as number;
  await client.ask("set_value", { path: P("a"), value: 1 });
  const second = (await client.ask("get_tock")).tock as number;
  assertEquals([first, second], [1, 3]);
});

Deno.test("get_state: what is asked for, and nothing else", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  for (let i = 0; i < 5; i++) await client.ask("set_value", { path: P("a"), value: i });
  await client.ask("delete_value", { path: P("b") });
  await client.ask("update", { path: P("c"), value: 5, chain: b7, tock: 50 });
  const all = { nodes: true, superseded: true, present: true, deleted: true, missing: true, remote_missing: true };
  assertEquals(await client.ask("get_state"), { node: "test1", tock: 50 });
  assertEquals(await client.ask("get_state", { ...all, node_drop: true, debug: true }), {
    nodes: { test1: 6, b: 7 },
    known: { test1: [[1, 5]] },
    present: { test1: [[5, 7]], b: [7] },
    deleted: { test1: [6] },
    missing: { b: [[1, 7]] },
    remote_missing: {},
    node_drop: [],
    debug: {},
    node: "test1",
    tock: 50,
  });
  assertEquals(Object.keys(await client.ask("get_state", { known: true })), ["known", "node", "tock"]);
});

Deno.test("enum_node: ticks that entries refer to, or made the newest change of", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  for (const path of [P("a"), P("b"), P("c"), P("a")]) await client.ask("set_value", { path, value: 1 });
  await client.ask("update", { path: P("b"), value: 5, tock: 50, chain: { ...b7, prev: { node: "test1", tick: 2 } } });
  assertEquals((await client.ask("enum_node", { node: "test1" })).result, [2, 3, 4]);
  assertEquals((await client.ask("enum_node", { node: "test1", current: true })).result, [3, 4]);
  assertEquals((await client.ask("enum_node", { node: "test1", max: 1 })).result, [2]);
  assertEquals((await client.ask("enum_node", { node: "zork" })).error, "KeyError('zork')");
  assertEquals((await client.ask("enum_node", {})).error, "AttributeError('node')");
  assertEquals((await client.ask("enum_node", { node: 5 })).etype, "request");
});

Deno.test("kill_node forgets a node that made no entry's newest change", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  await client.ask("update", { path: P("b"), value: 5, tock: 50, chain: b7 });
  assertEquals((await client.ask("kill_node", { node: "b" })).error, "ServerError('Node b has entry 7')");
  await client.ask("set_value", { path: P("b"), value: 6 });
  assertEquals(await client.ask("kill_node", { node: "b" }), { tock: 51 });
  assertEquals((await client.ask("kill_node", { node: "b" })).error, "KeyError('b')");
  assertEquals((await client.ask("get_value", { path: P("b"), nchain: 5 })).chain, {
    node: "test1",
    tick: 1,
    prev: null,
  });
  assertEquals((await client.ask("kill_node", { node: "test1" })).error, "ServerError('Node test1 has entry 1')");
});

Deno.test("update takes an event as if a server had sent it; what is older changes nothing", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  const path = P("u.x");
  assertEquals(await client.ask("update", { path, value: 5, node: "o", tick: 7, prev: null, tock: 50 }), {
    value: 5,
    chain: { node: "o", tick: 7, prev: null },
    tock: 50,
  });
  const older = { path, value: 4, chain: { node: "p", tick: 1, prev: null }, tock: 40 };
  assertEquals(await client.ask("update", older), { result: false, tock: 50 });
  assertEquals((await client.ask("get_value", { path })).value, 5);
  assertEquals(await client.ask("update", { path, chain: { node: "o", tick: 8, prev: null }, tock: 60 }), {
    chain: null,
    tock: 60,
  });
});

Deno.test("update refuses what is no event", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  const path = P("u");
  assertEquals((await client.ask("update", { value: 5, chain: b7, tock: 5 })).error, "AttributeError('path')");
  assertEquals((await client.ask("update", { path, value: 5, tock: 5 })).etype, "request");
  assertEquals((await client.ask("update", { path, value: 5, chain: b7 })).etype, "request");
  assertEquals((await client.ask("update", { path, value: 5, chain: b7, tock: 2 ** 50 })).etype, "value");
  assertEquals((await client.ask("update", { path, value: 5, chain: { node: "b", tick: 0 }, tock: 5 })).etype, "value");
  assertEquals(bench.store.clock, 0);
});

Deno.test("fake_info: ticks are heard of, superseded ticks are had, nodes are dropped", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  await client.ask("fake_info", { ticks: { b: 9 }, missing: { c: [3] }, node: "?" });
  const ask = async () => {
    const { missing, known, remote_missing } = await client.ask("get_state", {
      missing: true,
      known: true,
      remote_missing: true,
    });
    return { missing, known, remote_missing };
  };
  assertEquals(await ask(), { missing: { b: [[1, 10]] }, known: {}, remote_missing: { c: [3] } });
  await client.ask("fake_info", { superseded: { b: [[1, 5]] }, deleted: { b: [7] } });
  assertEquals(await ask(), {
    missing: { b: [[5, 7], [8, 10]] },
    known: { b: [[1, 5], 7] },
    remote_missing: { c: [3] },
  });
  await client.ask("fake_info", { node_drop: ["b"] });
  assertEquals((await ask()).known, {});
});

Deno.test("fake_info cannot push this node's own counter, nor anybody's beyond reason", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  const bad: Record<string, Value>[] = [
    { superseded: { test1: [[1, 100]] } },
    { ticks: { test1: 99 } },
    { known: { z: [2 ** 50] } },
  ];
  for (const fields of bad) {
    assertEquals((await client.ask("fake_info", fields)).etype, "value");
  }
  assertEquals((await client.ask("fake_info", { known: 5 })).etype, "request");
  assertEquals(bench.store.local.tick, 0);
  assertEquals(await client.ask("fake_info_send", { known: { z: [1] } }), { tock: 0 });
  assertEquals((await client.ask("fake_info_send", { known: { z: "x" } })).etype, "request");
});

Deno.test("fake_info gives up what was heard of a node, however much it is", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  const tick = 2 ** 53 - 2;
  await client.ask("update", { path: P("c"), value: 5, chain: { node: "liar", tick, prev: null }, tock: 50 });
  assertEquals(await client.ask("fake_info", { known: { liar: [[1, tick]] } }), { tock: 50 });
  assertEquals((await client.ask("get_state", { missing: true })).missing, {});
  assertEquals((await client.ask("fake_info", { known: { liar: [tick + 1] } })).etype, "value");
});

Deno.test("check_deleted is answered", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  assertEquals(await client.ask("check_deleted", { nodes: { test1: [[100, 103]] } }), { tock: 0 });
  assertEquals((await client.ask("check_deleted")).error, "AttributeError('nodes')");
  assertEquals((await client.ask("check_deleted", { nodes: [] })).etype, "request");
});
