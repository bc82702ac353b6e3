import { assertEquals, assertIncludes } from "../../support/assert.ts";
import { encode } from "../../../wire/msgpack/encoder.ts";
import { P } from "../../../wire/path/template.ts";
import type { Value } from "../../../wire/value.ts";
import { Bench, type TestClient } from "./bench.ts";

function concat(...messages: Value[]): Uint8Array {
  const parts = messages.map((message) => [...encode(message)]);
  return Uint8Array.from(parts.flat());
}

Deno.test("a session greets first, and says nothing else by itself", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  assertEquals(client.greeting, { seq: 0, version: [0, 1, 0], node: "test1", tick: 0, tock: 0, qlen: 10 });
  assertEquals(await client.pending(), []);
});

Deno.test("pipelined requests are answered in one piece, in their order", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  const before = client.duplex.sent.length;
  const requests = Array.from(
    { length: 200 },
    (_, seq) => ({ seq: seq + 1, action: "set_value", path: P("a"), value: seq }),
  );
  client.send(...requests);
  const replies = await client.take(200);
  assertEquals(replies.map(({ seq }) => seq), requests.map(({ seq }) => seq));
  assertEquals(client.duplex.sent.length - before, 1);
});

Deno.test("a client that sends very much at once does not keep the others waiting", async () => {
  await using bench = new Bench();
  const busy = await bench.connect();
  const other = await bench.connect();
  busy.send(...Array.from({ length: 20_000 }, (_, seq) => ({ seq, action: "get_tock" })));
  other.send({ seq: 1, action: "get_tock" });
  const { tock } = await other.next();
  assertEquals((tock as number) <= 2001, true, String(tock));
  assertEquals((await busy.take(20_000)).length, 20_000);
});

Deno.test("messages may be split at every byte", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  const bytes = concat(
    { seq: 1, action: "set_value", path: P("a.b"), value: { x: [1, "ü"] }, nchain: 0 },
    { seq: 2, action: "get_value", path: P("a.b") },
  );
  for (let cut = 1; cut < bytes.length; cut++) {
    client.duplex.feed(bytes.slice(0, cut), bytes.slice(cut));
    const [set, get] = await client.take(2);
    assertEquals([set.seq, typeof set.changed], [1, "boolean"], `cut at ${cut}`);
    assertEquals([get.seq, get.value], [2, { x: [1, "ü"] }], `cut at ${cut}`);
  }
  client.duplex.feed(...Array.from(bytes, (byte) => Uint8Array.of(byte)));
  assertEquals((await client.take(2)).length, 2);
});

Deno.test("every truncated prefix of a message is silently waited for, and its end ends the session", async () => {
  await using bench = new Bench();
  const bytes = concat({ seq: 1, action: "get_value", path: P("a") });
  for (let cut = 1; cut < bytes.length; cut += 3) {
    const client = await bench.connect();
    client.duplex.feed(bytes.slice(0, cut));
    client.duplex.finish();
    await client.leave();
    assertEquals(await client.pending(), []);
    assertEquals(client.duplex.isClosed, true);
  }
});

Deno.test("what is no msgpack gets an error without a number, and the connection ends", async () => {
  await using bench = new Bench();
  const garbage = [[0xc1], [0x81, 0xa1, 0xff, 1], [0x81, 0x80, 1], [0xd4, 3, 0xa5], [...Array(200).fill(0x91), 1]];
  for (const bytes of garbage) {
    const client = await bench.connect();
    client.send({ seq: 1, action: "set_value", path: P("a"), value: 1, nchain: 0 });
    client.duplex.feed(Uint8Array.from(bytes));
    const [reply, error] = await client.take(2);
    assertEquals(reply.seq, 1);
    assertEquals(Object.keys(error), ["error", "etype", "tock"]);
    assertIncludes(String(error.error), "ProtocolError: ");
    await client.leave();
    assertEquals(client.duplex.isClosed, true);
  }
});

Deno.test("messages without a number get one error each, and the connection goes on", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  const texts: [Value, string][] = [
    [{ action: "get_tock" }, "seq"],
    [42, "'int' object has no attribute 'seq'"],
    [[1, 2], "'tuple' object has no attribute 'seq'"],
    ["x", "'str' object has no attribute 'seq'"],
    [null, "'NoneType' object has no attribute 'seq'"],
    [true, "'bool' object has no attribute 'seq'"],
    [1.5, "'float' object has no attribute 'seq'"],
    [new Uint8Array(3), "'bytes' object has no attribute 'seq'"],
    [P("a"), "'ExtType' object has no attribute 'seq'"],
  ];
  for (const [message, text] of texts) {
    client.send(message);
    assertEquals(await client.next(), { error: text, etype: "request", tock: 0 });
  }
  assertEquals(await client.ask("get_tock"), { tock: 1 });
});

Deno.test("numbers are echoed as they came: negative, text, anything", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  for (const seq of [-3, "x", 2 ** 40, null, [1, 2], 1.5, new Uint8Array([7])] as Value[]) {
    client.send({ seq, action: "get_value", path: [] });
    assertEquals((await client.next()).seq, seq);
  }
});

Deno.test("a number as long as a book ends the connection", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  client.send({ seq: "x".repeat(300_000), action: "get_value", path: [] });
  assertIncludes(String((await client.next()).error), "too long");
  await client.leave();
  assertEquals(client.duplex.isClosed, true);
});

Deno.test("unknown and missing actions, and more messages where one is enough: an error, and the connection goes on", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  assertEquals((await client.ask("nonsense")).error, `ClientError("There is no action 'nonsense'")`);
  client.send({ seq: 50, path: [] });
  assertEquals((await client.next()).etype, "action");
  client.send({ seq: 51, action: 5 });
  assertEquals((await client.next()).etype, "action");
  assertEquals((await client.ask("get_value", { path: [], state: "start" })).etype, "request");
  assertEquals((await client.ask("__proto__")).etype, "action");
  assertEquals((await client.ask("get_tock")).tock, 1);
});

Deno.test("late messages of a stream that is over are no requests", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  client.send({ seq: 9, state: "ack", ack: 3 }, { seq: 9, state: "end" }, { seq: 9, error: "x" });
  assertEquals(await client.pending(), []);
});

Deno.test("unknown fields are passed over", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  const extra = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`x${i}`, { y: [i] }]));
  assertEquals((await client.ask("get_value", { path: [], ...extra, long_path: true })).error, undefined);
});

Deno.test("replies arrive whole when the system takes them in small pieces", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  await client.ask("set_value", { path: P("a"), value: "ü".repeat(500) });
  client.duplex.takesBytes = 7;
  client.send(...Array.from({ length: 20 }, (_, seq) => ({ seq, action: "get_value", path: P("a") })));
  const replies = await client.take(20);
  assertEquals(replies.map(({ seq, value }) => [seq, value]), replies.map((_, i) => [i, "ü".repeat(500)]));
});

Deno.test("a client that does not read is not read from, and costs bounded memory", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  await client.ask("set_value", { path: P("big"), value: new Uint8Array(100_000) });
  client.duplex.isStalled = true;
  const bytes = concat({ seq: 1, action: "get_value", path: P("big") });
  for (let i = 0; i < 200; i++) client.duplex.feed(bytes);
  await client.pending();
  assertEquals(client.session.output.backlogBytes < 500_000, true);
  assertEquals(client.duplex.reads < 20, true);
  client.duplex.resume();
  assertEquals((await client.take(200)).length, 200);
});

Deno.test("many requests in one piece stop in the middle while the client does not read", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  await client.ask("set_value", { path: P("big"), value: new Uint8Array(50_000) });
  client.duplex.isStalled = true;
  client.send(...Array.from({ length: 300 }, (_, seq) => ({ seq: seq + 1, action: "get_value", path: P("big") })));
  await client.pending();
  assertEquals(client.session.output.backlogBytes < 600_000, true);
  client.duplex.resume();
  assertEquals((await client.take(300)).map(({ seq }) => seq), Array.from({ length: 300 }, (_, i) => i + 1));
});

Deno.test("an action that fails by the server's own fault is answered, told, and harms nobody", async () => {
  const bench = new Bench();
  const client = await bench.connect();
  const { store } = bench;
  const find = store.find;
  store.find = () => {
    throw new TypeError("oops");
  };
  assertEquals(await client.ask("get_value", { path: P("a") }), {
    error: "ServerError('TypeError: oops')",
    etype: "internal",
    tock: 0,
  });
  store.find = find;
  assertEquals(await client.ask("get_value", { path: P("a") }), { tock: 0 });
  assertEquals(bench.defects.splice(0).length, 1);
  await bench[Symbol.asyncDispose]();
});

async function endOf(client: TestClient): Promise<Value[]> {
  client.duplex.finish();
  await client.leave();
  return (await client.pending()).map(({ seq, state, wseq }) => [seq, state, wseq ?? null]);
}

Deno.test("when the client says no more, its streams end, and then the connection", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  client.send({ seq: 0, qlen: 10 }, { seq: 1, action: "watch", path: P("a") }, {
    seq: 2,
    action: "watch",
    path: P("b"),
  });
  await client.take(2);
  assertEquals(await endOf(client), [[1, "end", 2], [2, "end", 2]]);
  assertEquals(client.duplex.isClosed, true);
  assertEquals(bench.store.find(["a"], 1), undefined);
  assertEquals(bench.parts.fanout.watchers, 0);
});
