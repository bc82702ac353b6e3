import { assertEquals } from "../../support/assert.ts";
import { P } from "../../../wire/path/template.ts";
import type { Value } from "../../../wire/value.ts";
import { Bench, type Message, type TestClient } from "./bench.ts";

async function set(client: TestClient, path: Value, value: Value): Promise<void> {
  await client.ask("set_value", { path, value, nchain: 0 });
}

/** What a watch says, without numbers and tocks. */
function seen(messages: readonly Message[]): Message[] {
  return messages.map(({ seq: _, tock: __, wseq: ___, ...message }) => message);
}

async function watched(bench: Bench, fields: Record<string, Value>): Promise<TestClient> {
  const client = await bench.connect();
  client.send({ seq: 1, action: "watch", ...fields });
  assertEquals((await client.next()).state, "start");
  return client;
}

Deno.test("watch: changes and deletions at and below, in their order", async () => {
  await using bench = new Bench();
  const writer = await bench.connect();
  await set(writer, P("t.old"), 0);
  const client = await watched(bench, { path: P("t") });
  await set(writer, P("t.a.b"), 10);
  await set(writer, P("t.a.z"), 11);
  await set(writer, P("t"), 12);
  await writer.ask("delete_value", { path: P("t.a.z") });
  await set(writer, P("u.other"), 1);
  assertEquals(seen(await client.pending()), [
    { value: 10, path: ["a", "b"], depth: 0 },
    { value: 11, path: ["z"], depth: 1 },
    { value: 12, path: [], depth: 0 },
    { path: ["a", "z"], depth: 0 },
  ]);
});

Deno.test("watch: each write of a burst is shown with its own value", async () => {
  await using bench = new Bench();
  const writer = await bench.connect();
  const client = await watched(bench, { path: P("a") });
  writer.send(...[1, 2, 3].map((value) => ({ seq: value, action: "set_value", path: P("a"), value })));
  assertEquals(seen(await client.pending()).map(({ value }) => value), [1, 2, 3]);
});

Deno.test("watch: fetch sends what is there, then uptodate, then changes", async () => {
  await using bench = new Bench();
  const writer = await bench.connect();
  await set(writer, P("t.a"), 1);
  await set(writer, P("t.b.c"), 2);
  const client = await watched(bench, { path: P("t"), fetch: true, nchain: 1 });
  await set(writer, P("t.a"), 3);
  const chain = (tick: number) => ({ node: "test1", tick, prev: null });
  assertEquals(seen(await client.pending()), [
    { value: 1, chain: chain(1), path: ["a"], depth: 0 },
    { value: 2, chain: chain(2), path: ["b", "c"], depth: 0 },
    { state: "uptodate" },
    { value: 3, chain: chain(3), path: ["a"], depth: 0 },
  ]);
  await writer.ask("delete_value", { path: P("t.a") });
  assertEquals(seen(await client.pending()), [{ chain: chain(4), path: [], depth: 1 }]);
});

Deno.test("watch: depths filter what is fetched and what changes", async () => {
  await using bench = new Bench();
  const writer = await bench.connect();
  for (const path of [P("t"), P("t.a"), P("t.a.b"), P("t.a.b.c")]) await set(writer, path, 1);
  const client = await watched(bench, { path: P("t"), fetch: true, min_depth: 1, max_depth: 2 });
  for (const path of [P("t"), P("t.a"), P("t.a.b"), P("t.a.b.c")]) await set(writer, path, 2);
  assertEquals(seen(await client.pending()), [
    { value: 1, path: ["a"], depth: 0 },
    { value: 1, path: ["b"], depth: 1 },
    { state: "uptodate" },
    { value: 2, path: [], depth: 1 },
    { value: 2, path: ["b"], depth: 1 },
  ]);
});

Deno.test("watch: from the root, a whole path is a Path; the internal tree is seen only from inside", async () => {
  await using bench = new Bench();
  const writer = await bench.connect();
  const root = await watched(bench, { path: [] });
  const inside = await watched(bench, { path: P(":n") });
  await writer.ask("set_internal", { path: P("x"), value: 1 });
  await set(writer, P("a"), 2);
  assertEquals(seen(await root.pending()), [{ value: 2, path: P("a"), depth: 0 }]);
  assertEquals(seen(await inside.pending()), [{ value: 1, path: ["x"], depth: 0 }]);
});

Deno.test("watch: of an entry that is not there, and what it leaves behind", async () => {
  await using bench = new Bench();
  const writer = await bench.connect();
  const client = await watched(bench, { path: P("not.yet"), fetch: true });
  assertEquals(seen(await client.pending()), [{ state: "uptodate" }]);
  await set(writer, P("not.yet"), 1);
  assertEquals(seen(await client.pending()), [{ value: 1, path: [], depth: 0 }]);
  const gone = await watched(bench, { path: P("never.here") });
  await gone.leave();
  assertEquals(bench.store.find(["never"], 1), undefined);
});

Deno.test("watch: two watchers with different wishes each get theirs", async () => {
  await using bench = new Bench();
  const writer = await bench.connect();
  const plain = await watched(bench, { path: P("t") });
  const same = await watched(bench, { path: P("t") });
  const deep = await watched(bench, { path: P("t.a"), nchain: 1 });
  const headed = await watched(bench, { path: P("t"), tokens: true });
  await set(writer, P("t.a.b"), 1);
  await set(writer, P("t.a.c"), 2);
  const expected = [{ value: 1, path: ["a", "b"], depth: 0 }, { value: 2, path: ["c"], depth: 1 }];
  assertEquals(seen(await plain.pending()), expected);
  assertEquals(seen(await same.pending()), expected);
  assertEquals(seen(await deep.pending()), [
    { value: 1, chain: { node: "test1", tick: 1, prev: null }, path: ["b"], depth: 0 },
    { value: 2, chain: { node: "test1", tick: 2, prev: null }, path: ["c"], depth: 0 },
  ]);
  assertEquals(seen(await headed.pending()), [
    { value: 1, path: ["a", "b"], depth: 0, head: ["test1", 1] },
    { value: 2, path: ["c"], depth: 1, head: ["test1", 2] },
  ]);
});

Deno.test("watch: what changes while a large tree is fetched is sent once, and never in an older version after a newer", async () => {
  await using bench = new Bench();
  const count = 20_000;
  for (let i = 0; i < count; i++) bench.store.write(bench.store.ensure(["big", i], 2), new Uint8Array([1]), 0, 1);
  bench.store.commit();
  const writer = await bench.connect();
  const client = await watched(bench, { path: P("big"), fetch: true });
  writer.send(
    { seq: 1, action: "set_value", path: P("big:0"), value: 2 },
    { seq: 2, action: "set_value", path: ["big", count - 1], value: 2 },
    { seq: 3, action: "delete_value", path: ["big", count - 2] },
    { seq: 4, action: "set_value", path: P("big.new"), value: 2 },
  );
  const versions = new Map<string, (Value | undefined)[]>();
  for (;;) {
    const { state, path, value } = await client.next();
    if (state === "uptodate") break;
    const name = String((path as Value[])[0]);
    versions.set(name, [...versions.get(name) ?? [], value]);
  }
  assertEquals(versions.get("0"), [1, 2]);
  assertEquals(versions.get(String(count - 1)), [2]);
  assertEquals(versions.get(String(count - 2)), [undefined]);
  assertEquals(versions.get("new"), [2]);
  assertEquals(versions.size, count + 1);
});

Deno.test("watch: while the window is full, changed entries wait, each once, in its newest version", async () => {
  await using bench = new Bench();
  const writer = await bench.connect();
  const client = await bench.connect();
  client.send({ seq: 0, qlen: 4 }, { seq: 1, action: "watch", path: P("a") });
  await client.next();
  for (const [key, value] of [["x", 1], ["x", 2], ["x", 3], ["y", 4], ["x", 5], ["z", 6]]) {
    await set(writer, ["a", key], value);
  }
  await writer.ask("delete_value", { path: ["a", "z"] });
  const shown = (messages: Message[]) => seen(messages).map(({ path, value }) => [path, value ?? null]);
  assertEquals(shown(await client.pending()), [[["x"], 1], [[], 2]]);
  client.send({ seq: 1, state: "ack", ack: 3 });
  assertEquals(shown(await client.pending()), [[[], 5], [["y"], 4], [["z"], null]]);
});

Deno.test("watch: who does not read in time gets an error and the end, and holds nobody", async () => {
  await using bench = new Bench();
  const writer = await bench.connect();
  const client = await bench.connect();
  client.send({ seq: 0, qlen: 4 }, { seq: 1, action: "watch", path: P("a") });
  await client.next();
  for (let i = 0; i < 5000; i++) {
    writer.send({ seq: i, action: "set_value", path: ["a", i], value: i, nchain: 0 });
  }
  assertEquals((await writer.take(5000)).every(({ changed }) => changed === true), true);
  const messages = await client.pending();
  assertEquals(messages.slice(-2).map(({ etype, state }) => etype ?? state), ["lagging", "end"]);
  assertEquals(bench.parts.fanout.watchers, 0);
  assertEquals((await client.ask("get_tock", {})).error, undefined);
});

Deno.test("watch: who does not read at all costs bounded memory", async () => {
  await using bench = new Bench();
  const writer = await bench.connect();
  const client = await watched(bench, { path: P("a") });
  client.duplex.isStalled = true;
  const value = new Uint8Array(1000);
  for (let i = 0; i < 4000; i++) writer.send({ seq: i, action: "set_value", path: ["a", i], value, nchain: 0 });
  await writer.take(4000);
  assertEquals(client.session.output.backlogBytes < 600_000, true, String(client.session.output.backlogBytes));
  client.duplex.resume();
  const keys = new Set<Value>();
  while (keys.size < 4000) keys.add((await client.next()).path![0 as never]);
  assertEquals(await client.pending(), []);
});

Deno.test("watch refuses bad fields", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  assertEquals((await client.ask("watch", {})).error, "AttributeError('path')");
  assertEquals((await client.ask("watch", { path: P("a"), min_depth: "x" })).etype, "request");
  assertEquals((await client.ask("watch", { path: P("a"), token: 5 })).etype, "request");
  assertEquals((await client.ask("watch", { path: ["a", null] })).etype, "value");
  assertEquals(bench.parts.fanout.watchers, 0);
});
