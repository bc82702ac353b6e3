import { assertEquals, assertTrue } from "../../support/assert.ts";
import { encode } from "../../../wire/msgpack/encoder.ts";
import { P } from "../../../wire/path/template.ts";
import type { Value } from "../../../wire/value.ts";
import { Bench, type Message, type TestClient } from "./bench.ts";

async function set(client: TestClient, path: Value, value: Value): Promise<void> {
  await client.ask("set_value", { path, value, nchain: 0 });
}

/** Watches up to `uptodate`; returns what came before it, and the token. */
async function fetched(bench: Bench, fields: Record<string, Value>): Promise<{ items: Message[]; token: Uint8Array }> {
  const client = await bench.connect();
  client.send({ seq: 1, action: "watch", fetch: true, tokens: true, ...fields });
  const items: Message[] = [];
  for (;;) {
    const { seq: _, tock: __, ...message } = await client.next();
    if (message.state === "uptodate") {
      await client.leave();
      return { items: items.slice(1), token: message.token as Uint8Array };
    }
    items.push(message);
  }
}

const path = P("t");

Deno.test("a token brings what has changed since, deletions too, once, in its newest version", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  for (const key of ["a", "b", "c", "d"]) await set(client, ["t", key], 1);
  const { items, token } = await fetched(bench, { path });
  assertEquals(items.map(({ head }) => head), [["test1", 1], ["test1", 2], ["test1", 3], ["test1", 4]]);
  await set(client, ["t", "b"], 2);
  await set(client, ["t", "b"], 3);
  await client.ask("delete_value", { path: ["t", "c"] });
  await set(client, ["t", "new"], 4);
  await set(client, ["other"], 5);
  const resumed = await fetched(bench, { path, token });
  assertEquals(resumed.items, [
    { value: 3, path: ["b"], depth: 0, head: ["test1", 6] },
    { path: ["c"], depth: 0, head: ["test1", 7] },
    { value: 4, path: ["new"], depth: 0, head: ["test1", 8] },
  ]);
  assertEquals((await fetched(bench, { path, token: resumed.token })).items, []);
});

Deno.test("events carry their head, and later tokens cover them", async () => {
  await using bench = new Bench();
  const writer = await bench.connect();
  const client = await bench.connect();
  client.send({ seq: 1, action: "watch", path, fetch: true, tokens: true });
  await client.take(2);
  await set(writer, ["t", "a"], 1);
  assertEquals((await client.next()).head, ["test1", 1]);
  const later = await client.next(); // within a second or two
  assertEquals(later.state, "token");
  assertEquals((await fetched(bench, { path, token: later.token })).items, []);
  await set(writer, ["t", "a"], 2);
  assertEquals((await fetched(bench, { path, token: later.token })).items.length, 1);
});

async function resync(bench: Bench, fields: Record<string, Value>): Promise<Message> {
  const { items } = await fetched(bench, fields);
  return items[0];
}

Deno.test("a token of another path, depth or root is not taken: resync, and the whole state", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  await set(client, ["t", "a"], 1);
  const { token } = await fetched(bench, { path });
  const whole = { value: 1, path: ["a"], depth: 0, head: ["test1", 1] };
  for (
    const fields of [{ path, max_depth: 1 }, { path, min_depth: 1 }, { path, empty: true }] as Record<string, Value>[]
  ) {
    const { items } = await fetched(bench, { ...fields, token });
    assertEquals(items[0], { state: "resync", reason: "scope" });
    assertEquals(items.at(-1), whole);
  }
  assertEquals(await resync(bench, { path: P("t.a"), token }), { state: "resync", reason: "scope" });
  const other = await bench.connect();
  await other.ask("root", { path: P("x") });
  other.send({ seq: 7, action: "watch", path, token });
  assertEquals((await other.take(2))[1].reason, "scope");
});

Deno.test("what is no token, or one of another network with the same names, is foreign", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  await set(client, ["t", "a"], 1);
  const bad: Uint8Array[] = [
    new Uint8Array(),
    Uint8Array.of(0xc1),
    encode(5),
    encode([1, new Uint8Array(3)]),
    encode([2, new Uint8Array(3), {}]),
    encode([1, "x", {}]),
  ];
  for (const token of bad) assertEquals(await resync(bench, { path, token }), { state: "resync", reason: "foreign" });
  await using another = new Bench();
  another.store.local.lifeId = "another";
  const { token } = await fetched(another, { path });
  await set(await another.connect(), ["t", "a"], 1);
  const { token: later } = await fetched(another, { path });
  assertEquals(await resync(bench, { path, token: later }), { state: "resync", reason: "foreign" });
  assertTrue(token.length > 0);
});

Deno.test("a token that is ahead of this server is waited for, then it begins anew", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  for (let i = 0; i < 3; i++) await set(client, ["t", "a"], i);
  const { token } = await fetched(bench, { path });
  await using behind = new Bench();
  await set(await behind.connect(), ["t", "a"], 0);
  assertEquals(await resync(behind, { path, token }), { state: "resync", reason: "behind" });
  const waiting = fetched(behind, { path, token });
  const writer = await behind.connect();
  for (let i = 1; i < 3; i++) await set(writer, ["t", "a"], i);
  assertEquals((await waiting).items, []);
});

Deno.test("a deletion that is forgotten since, and that the owner may have missed: resync", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  await set(client, ["t", "a"], 1);
  const { token } = await fetched(bench, { path });
  await client.ask("delete_value", { path: ["t", "a"] });
  const { token: knows } = await fetched(bench, { path });
  bench.store.purge(bench.store.local, 2);
  bench.store.commit();
  assertEquals(await resync(bench, { path, token }), { state: "resync", reason: "purged" });
  assertEquals((await fetched(bench, { path, token: knows })).items, []);
});

Deno.test("a watch with tokens that lags begins anew by itself, and ends with the newest state", async () => {
  await using bench = new Bench();
  const writer = await bench.connect();
  const client = await bench.connect();
  client.send({ seq: 1, action: "watch", path: P("a"), fetch: true, tokens: true });
  await client.take(2);
  client.duplex.isStalled = true;
  const count = 9000;
  for (let i = 0; i < count; i++) {
    writer.send({ seq: i, action: "set_value", path: ["a", i], value: new Uint8Array(100), nchain: 0 });
  }
  await writer.take(count);
  assertTrue(client.session.output.backlogBytes < 600_000);
  client.duplex.resume();
  let keys = new Set<number>();
  for (;;) {
    const message = await client.next();
    if (message.state === "resync") {
      assertEquals(message.reason, "lagging");
      keys = new Set();
    } else if (message.state === "uptodate") break;
    else keys.add((message.path as number[])[0]);
  }
  assertEquals(keys.size, count);
});

Deno.test("tokens without fetch: no uptodate, but heads", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  client.send({ seq: 1, action: "watch", path, tokens: true });
  assertEquals((await client.next()).state, "start");
  client.send({ seq: 2, action: "set_value", path, value: 1 });
  const [, event] = await client.take(2);
  assertEquals(event.head, ["test1", 1]);
});
