import { P } from "../../wire/path/template.ts";
import { NotFoundError, RequestError } from "../../wire/errors.ts";
import { ConnectionLostError } from "../../client/errors.ts";
import type { TreeItem } from "../../client/results.ts";
import { assertEquals, assertRejects } from "../support/assert.ts";
import { ScriptPeer, settled } from "../support/script_peer.ts";

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

Deno.test("tree() restores shortened paths, whichever way the server writes them", async () => {
  const { client, line } = await new ScriptPeer().open();
  const items = collect(client.tree(P("t"), { nchain: 1, minDepth: 0, maxDepth: 5, empty: true }));
  assertEquals(await line.receive(), {
    seq: 1,
    action: "get_tree",
    path: P("t"),
    nchain: 1,
    min_depth: 0,
    max_depth: 5,
    empty: true,
    qlen: 256,
  });
  line.send(
    { seq: 1, state: "start", wseq: 1 },
    { seq: 1, value: 12, chain: { node: "a", tick: 1, prev: null }, tock: 1, path: P(":"), depth: 0, wseq: 2 },
    { seq: 1, value: 1, tock: 2, path: ["a"], depth: 0, wseq: 3 },
    { seq: 1, value: 10, tock: 3, path: ["b", 5], depth: 1, wseq: 4 },
    { seq: 1, tock: 4, path: [], depth: 2, wseq: 5 },
    { seq: 1, state: "end", wseq: 6 },
  );
  const found = await items;
  assertEquals(found.map(({ path, value, tock }) => [String(path), value, tock]), [
    [":", 12, 1],
    ["a", 1, 2],
    ["a.b:5", 10, 3],
    ["a.b", undefined, 4],
  ]);
  assertEquals(found[0].chain, { node: "a", tick: 1, prev: null });
  await client.close();
});

Deno.test("tree() throws the server's error after the items before it", async () => {
  const { client, line } = await new ScriptPeer().open();
  const found: TreeItem[] = [];
  const reading = (async () => {
    for await (const item of client.tree(P("t"))) found.push(item);
  })();
  line.send(
    { seq: 1, state: "start" },
    { seq: 1, value: 1, path: ["a"], depth: 0 },
    { seq: 1, error: "KeyError(P('nope'))" },
    { seq: 1, state: "end" },
  );
  await assertRejects(() => reading, NotFoundError);
  assertEquals(found.length, 1);
  await client.close();
});

Deno.test("tree() throws at once if the server refuses without a stream", async () => {
  const { client, line } = await new ScriptPeer().open();
  const reading = collect(client.tree(P("t")));
  line.send({ seq: 1, error: "no such luck", etype: "action" });
  await assertRejects(() => reading, RequestError, "no such luck");
  await client.close();
});

Deno.test("leaving the loop stops the server, and what still comes is ignored", async () => {
  const { client, line } = await new ScriptPeer().open();
  const reading = (async () => {
    for await (const item of client.tree(P("t"))) if (item.value === 1) break;
  })();
  await line.request("get_tree");
  line.send({ seq: 1, state: "start" }, { seq: 1, value: 1, path: ["a"], depth: 0 });
  await reading;
  assertEquals(await line.receive(), { seq: 2, action: "stop", task: 1 });
  line.send(
    { seq: 1, value: 2, path: ["b"], depth: 0 },
    { seq: 2, result: true },
    { seq: 1, state: "end" },
    { seq: 3, tock: 9 },
  );
  assertEquals(await client.getTock(), 9);
  await client.close();
});

Deno.test("items are acknowledged when they are taken, so a slow reader holds the server back", async () => {
  const { client, line } = await new ScriptPeer().open({ messagesAheadMax: 12 });
  const tree = client.tree(P("t"));
  assertEquals((await line.receive()).qlen, 12);
  line.send({ seq: 1, state: "start", wseq: 1 });
  line.send(...Array.from({ length: 10 }, (_, i) => ({ seq: 1, value: i, path: [i], depth: 0, wseq: i + 2 })));
  await settled();
  assertEquals(line.unread, 0);
  for (let i = 0; i < 3; i++) await tree.next();
  await settled();
  assertEquals(line.unread, 0);
  await tree.next();
  assertEquals(await line.receive(), { seq: 1, state: "ack", ack: 5 });
  for (let i = 0; i < 5; i++) await tree.next();
  assertEquals(await line.receive(), { seq: 1, state: "ack", ack: 10 });
  await tree.return();
  await client.close();
});

Deno.test("a server that ignores the request's own window is acknowledged by the connection's", async () => {
  const { client, line } = await new ScriptPeer().open();
  const tree = client.tree(P("t"));
  await line.receive();
  line.send({ seq: 1, state: "start", wseq: 1 });
  line.send(...Array.from({ length: 8 }, (_, i) => ({ seq: 1, value: i, path: [i], depth: 0, wseq: i + 2 })));
  for (let i = 0; i < 8; i++) await tree.next();
  assertEquals(await line.receive(), { seq: 1, state: "ack", ack: 9 });
  await tree.return();
  await client.close();
});

Deno.test("a stream without flow control is bounded all the same", async () => {
  const { client, line } = await new ScriptPeer().open();
  const tree = client.tree(P("t"));
  await line.receive();
  line.send({ seq: 1, state: "start" });
  line.send(...Array.from({ length: 10_001 }, (_, i) => ({ seq: 1, value: i, path: [i], depth: 0 })));
  assertEquals((await line.receive()).action, "stop");
  const error = await assertRejects(() => collect(tree), RequestError, "10000 messages behind");
  assertEquals(error.code, "lagging");
  await client.close();
});

Deno.test("a lost connection fails a stream, also with reconnect, after what had come", async () => {
  const { client, line } = await new ScriptPeer().open({ reconnect: { firstMs: 100_000 } });
  const tree = client.tree(P("t"));
  line.send({ seq: 1, state: "start" }, { seq: 1, value: 1, path: ["a"], depth: 0 });
  line.drop();
  assertEquals((await tree.next()).value?.value, 1);
  await assertRejects(() => tree.next(), ConnectionLostError);
  assertEquals(await tree.next(), { done: true, value: undefined });
  await client.close();
});

Deno.test("a stream's signal ends it with its reason and stops the server", async () => {
  const { client, line } = await new ScriptPeer().open();
  const stop = new AbortController();
  const reading = collect(client.msgMonitor(P("chat"), { signal: stop.signal }));
  await line.request("msg_monitor");
  stop.abort(new Error("enough"));
  await assertRejects(() => reading, Error, "enough");
  assertEquals((await line.receive()).action, "stop");
  await assertRejects(() => collect(client.tree(P("t"), { signal: stop.signal })), Error, "enough");
  await client.close();
});

Deno.test("msgMonitor() yields undecodable messages with their error, and ends quietly with the client", async () => {
  const { client, line } = await new ScriptPeer().open();
  const reading = collect(client.msgMonitor(P("chat"), { raw: false }));
  await line.request("msg_monitor");
  line.send(
    { seq: 1, state: "start" },
    { seq: 1, topic: ["chat"], data: { a: 1 } },
    { seq: 1, topic: ["chat"], raw: Uint8Array.of(0xc1), error: "FormatError()" },
  );
  await settled();
  await client.close();
  assertEquals((await reading).map(({ topic, ...rest }) => [String(topic), rest]), [
    ["chat", { data: { a: 1 } }],
    ["chat", { raw: Uint8Array.of(0xc1), error: "FormatError()" }],
  ]);
});

Deno.test("msgSend() sends data or bytes", async () => {
  const { client, line } = await new ScriptPeer().open();
  const sent = Promise.all([
    client.msgSend(P("chat.room"), { data: 1 }),
    client.msgSend(P("chat"), { raw: Uint8Array.of(1) }),
  ]);
  assertEquals(await line.receive(), { seq: 1, action: "msg_send", topic: P("chat.room"), data: 1 });
  assertEquals(await line.receive(), { seq: 2, action: "msg_send", topic: P("chat"), raw: Uint8Array.of(1) });
  line.send({ seq: 1, tock: 1 }, { seq: 2, tock: 2 });
  await sent;
  await client.close();
});

Deno.test("deleteTree() counts, or tells one by one in either spelling of the chain", async () => {
  const { client, line } = await new ScriptPeer().open();
  const count = client.deleteTree(P("t"));
  const items = collect(client.deleteTree(P("t"), { nchain: 1 }));
  assertEquals(await line.receive(), { seq: 1, action: "delete_tree", path: P("t") });
  line.send(
    { seq: 1, changed: 4, tock: 9 },
    { seq: 2, state: "start" },
    { seq: 2, node: "a", tick: 3, prev: null, path: [], depth: 0, old_value: 1, tock: 10 },
    { seq: 2, chain: { node: "a", tick: 4 }, path: ["x"], depth: 0, tock: 11 },
    { seq: 2, state: "end" },
    { seq: 2, tock: 12 },
  );
  assertEquals(await count, 4);
  assertEquals((await items).map(({ path, ...rest }) => [String(path), rest]), [
    [":", { prev: 1, chain: { node: "a", tick: 3, prev: null }, tock: 10 }],
    ["x", { prev: undefined, chain: { node: "a", tick: 4 }, tock: 11 }],
  ]);
  await client.close();
});

Deno.test("stream() talks both ways: numbers its messages and waits for the server's acknowledgements", async () => {
  const { client, line } = await new ScriptPeer().open();
  await using stream = client.stream("auth_set", { typ: "_test" }, { both: true });
  assertEquals(await line.receive(), { seq: 1, action: "auth_set", typ: "_test", state: "start", wseq: 1 });
  assertEquals(stream.seq, 1);
  line.send({ seq: 1, state: "start", wseq: 1 }, { seq: 1, step: "GiveName", wseq: 2 });
  assertEquals((await stream.next()).value?.step, "GiveName");
  for (let i = 2; i <= 9; i++) await stream.send({ n: i });
  const tenth = stream.send({ n: 10 });
  for (let i = 2; i <= 9; i++) assertEquals(await line.receive(), { seq: 1, n: i, wseq: i });
  await settled();
  assertEquals(line.unread, 0);
  line.send({ seq: 1, state: "ack", ack: 4 });
  await tenth;
  assertEquals(await line.receive(), { seq: 1, n: 10, wseq: 10 });
  await stream.end();
  assertEquals(await line.receive(), { seq: 1, state: "end", wseq: 11 });
  line.send({ seq: 1, state: "end", wseq: 3 });
  assertEquals((await stream.next()).done, true);
  await client.close();
});

Deno.test("stop() ends a request by its number", async () => {
  const { client, line } = await new ScriptPeer().open();
  const stopped = client.stop(17);
  assertEquals(await line.receive(), { seq: 1, action: "stop", task: 17 });
  line.send({ seq: 1, result: false });
  assertEquals(await stopped, false);
  await client.close();
});
