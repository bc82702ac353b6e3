import { assertEquals } from "../../support/assert.ts";
import { P } from "../../../wire/path/template.ts";
import { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import { Bench, type TestClient } from "../session/bench.ts";

/** t = 0, t.a = 1, t.a.b = 2, t.a.c = 3, t.d.e.f = 4, t.g = 5 */
async function withTree(body: (client: TestClient, bench: Bench) => Promise<void>): Promise<void> {
  await using bench = new Bench();
  const client = await bench.connect();
  const paths = [P("t"), P("t.a"), P("t.a.b"), P("t.a.c"), P("t.d.e.f"), P("t.g")];
  for (const [value, path] of paths.entries()) await client.ask("set_value", { path, value });
  await body(client, bench);
}

const item = (value: Value | undefined, path: Value, depth: number): Value =>
  value === undefined ? { path, depth } : { value, path, depth };

async function tree(client: TestClient, fields: Record<string, Value>, action = "get_tree"): Promise<Value[]> {
  const messages = await client.stream(action, fields);
  assertEquals(messages[0], { state: "start" });
  return messages.slice(1, -1);
}

Deno.test("get_tree: parents first, paths shortened against the item before", async () => {
  await withTree(async (client) => {
    assertEquals(await tree(client, { path: P("t") }), [
      item(0, [], 0),
      item(1, ["a"], 0),
      item(2, ["b"], 1),
      item(3, ["c"], 1),
      item(4, ["d", "e", "f"], 0),
      item(5, ["g"], 0),
    ]);
  });
});

Deno.test("get_tree: from the root, unshortened paths are Paths", async () => {
  await withTree(async (client) => {
    assertEquals((await tree(client, { path: [], max_depth: 2 })).slice(0, 3), [
      item(0, P("t"), 0),
      item(1, ["a"], 1),
      item(5, ["g"], 1),
    ]);
  });
});

Deno.test("get_tree: depths count from the path, empty shows what has no value", async () => {
  await withTree(async (client) => {
    assertEquals(await tree(client, { path: P("t"), max_depth: 0 }), [item(0, [], 0)]);
    assertEquals(await tree(client, { path: P("t"), min_depth: 2, max_depth: 2 }), [
      item(2, ["a", "b"], 0),
      item(3, ["c"], 1),
    ]);
    assertEquals(await tree(client, { path: P("t.d"), empty: true }), [
      item(undefined, [], 0),
      item(undefined, ["e"], 0),
      item(4, ["f"], 1),
    ]);
  });
});

Deno.test("get_tree: nchain adds chains, tombstones have none", async () => {
  await withTree(async (client) => {
    await client.ask("delete_value", { path: P("t.a.b") });
    assertEquals(await tree(client, { path: P("t.a"), nchain: 1, empty: true }), [
      { value: 1, chain: { node: "test1", tick: 2, prev: null }, path: [], depth: 0 },
      { chain: null, path: ["b"], depth: 0 },
      { value: 3, chain: { node: "test1", tick: 4, prev: null }, path: ["c"], depth: 0 },
    ]);
  });
});

Deno.test("get_tree: the internal tree is below the root only if empty", async () => {
  await withTree(async (client) => {
    await client.ask("set_internal", { path: P("x"), value: 9 });
    const plain = await tree(client, { path: [] });
    assertEquals(plain.length, 6);
    const all = await tree(client, { path: [], empty: true }) as { value?: Value; path: Value }[];
    assertEquals(all.filter(({ value }) => value === 9).length, 1);
    assertEquals(await tree(client, { path: P(":n"), nchain: 0 }), [item(9, ["x"], 0)]);
    assertEquals(await tree(client, { path: [] }, "get_tree_internal"), [item(9, ["x"], 0)]);
  });
});

Deno.test("get_tree: nothing there is an error in the stream; an empty internal tree is not", async () => {
  await withTree(async (client) => {
    assertEquals(await client.stream("get_tree", { path: P("nope") }), [
      { state: "start" },
      { error: "KeyError(P('nope'))", etype: "not_found" },
      { state: "end" },
    ]);
    assertEquals(await client.stream("get_tree_internal", { path: [] }), [{ state: "start" }, { state: "end" }]);
  });
});

Deno.test("get_tree: a large tree comes in slices, and other requests are answered between them", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  const count = 20_000;
  for (let i = 0; i < count; i++) {
    const entry = bench.store.ensure(["big", i], 2);
    bench.store.write(entry, new Uint8Array([7]), 0, 1);
  }
  bench.store.commit();
  client.send({ seq: 1, action: "get_tree", path: P("big") });
  while (client.duplex.sent.length < 2) await new Promise((done) => setImmediate(done));
  client.send({ seq: 2, action: "get_tock" });
  let items = 0, itemsBefore = 0;
  for (;;) {
    const message = await client.next();
    if (message.seq === 2) itemsBefore = items;
    else if (message.state === "end") break;
    else if (message.state === undefined) items++;
  }
  assertEquals(items, count);
  assertEquals(itemsBefore > 0 && itemsBefore < count, true, String(itemsBefore));
});

Deno.test("enum: names or values, of children with a value or of all", async () => {
  await withTree(async (client) => {
    const path = P("t");
    assertEquals((await client.ask("enum", { path })).result, ["a", "g"]);
    assertEquals((await client.ask("enumerate", { path, empty: true })).result, ["a", "d", "g"]);
    assertEquals((await client.ask("enum", { path, with_data: true })).result, { a: 1, g: 5 });
    assertEquals((await client.ask("enum", { path, with_data: true, empty: true })).result, { a: 1, d: null, g: 5 });
    assertEquals((await client.ask("enum", { path: P("t.g") })).result, []);
    assertEquals((await client.ask("enum", { path: P("nope") })).error, "KeyError(P('nope'))");
  });
});

Deno.test("enum: names of every kind; null is listed only if empty", async () => {
  await withTree(async (client) => {
    for (const path of [P("n:1"), P("n:t"), P("n:vx"), P("n:1,2")]) await client.ask("set_value", { path, value: 0 });
    await client.ask("set_internal", { path: P("x"), value: 1 });
    assertEquals((await client.ask("enum", { path: P("n") })).result, [1, true, new Uint8Array([0x78]), [1, 2]]);
    assertEquals((await client.ask("enum", { path: [], empty: true })).result, ["t", "n", null]);
    assertEquals((await client.ask("enum", { path: [] })).result, ["t"]);
    assertEquals((await client.ask("enum_internal", { path: [] })).result, ["x"]);
  });
});

Deno.test("delete_tree: everything at and below loses its value, and the count says how many", async () => {
  await withTree(async (client) => {
    assertEquals((await client.ask("delete_tree", { path: P("t.a") })).changed, 3);
    assertEquals(await tree(client, { path: P("t") }), [
      item(0, [], 0),
      item(4, ["d", "e", "f"], 0),
      item(5, ["g"], 0),
    ]);
    assertEquals((await client.ask("delete_tree", { path: P("t.a") })).changed, 0);
    assertEquals((await client.ask("delete_tree", { path: P("unknown") })).changed, 0);
    const refused = `ClientError("You can't delete the root node")`;
    assertEquals((await client.ask("delete_tree", { path: [] })).error, refused);
    assertEquals((await client.ask("delete_tree", { path: Path.root })).error, refused);
    assertEquals((await client.ask("get_value", { path: P("t.g") })).value, 5);
  });
});

Deno.test("delete_tree with nchain streams what was deleted", async () => {
  await withTree(async (client) => {
    assertEquals(await client.stream("delete_tree", { path: P("t.a"), nchain: 2 }), [
      { state: "start" },
      { node: "test1", tick: 7, prev: null, path: [], depth: 0, old_value: 1 },
      { node: "test1", tick: 8, prev: null, path: ["b"], depth: 0, old_value: 2 },
      { node: "test1", tick: 9, prev: null, path: ["c"], depth: 0, old_value: 3 },
      { state: "end" },
    ]);
  });
});

Deno.test("delete_tree: requests behind a large one wait for it", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  for (let i = 0; i < 5000; i++) {
    bench.store.write(bench.store.ensure(["big", i], 2), new Uint8Array([7]), 0, 1);
  }
  bench.store.commit();
  client.send(
    { seq: 1, action: "delete_tree", path: P("big") },
    { seq: 2, action: "set_value", path: P("big:7"), value: 1, nchain: 0 },
    { seq: 3, action: "enum", path: P("big") },
  );
  const replies = await client.take(3);
  assertEquals(replies[0].changed, 5000);
  assertEquals([replies[1].seq, replies[1].changed, "prev" in replies[1]], [2, true, false]);
  assertEquals(replies[2].result, [7]);
});

Deno.test("delete_tree can be stopped: what is not deleted yet stays", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  for (let i = 0; i < 5000; i++) {
    bench.store.write(bench.store.ensure(["big", i], 2), new Uint8Array([7]), 0, 1);
  }
  bench.store.commit();
  client.send({ seq: 1, action: "delete_tree", path: P("big"), nchain: 1 }, { seq: 2, action: "stop", task: 1 });
  const messages = [];
  for (;;) {
    const message = await client.next();
    messages.push(message);
    if (message.state === "end") break;
  }
  assertEquals(messages.some(({ seq, result }) => seq === 2 && result === true), true);
  const left = bench.store.liveCount;
  assertEquals(left > 0 && left < 5000, true, String(left));
});
