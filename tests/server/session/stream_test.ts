import { assertEquals } from "../../support/assert.ts";
import { P } from "../../../wire/path/template.ts";
import type { Value } from "../../../wire/value.ts";
import { Bench, type Message, type TestClient } from "./bench.ts";

/** A bench with entries fl:0 … fl:29 and a client that said hello. */
async function withEntries(hello: Value, body: (client: TestClient, bench: Bench) => Promise<void>): Promise<void> {
  await using bench = new Bench();
  for (let i = 0; i < 30; i++) bench.store.write(bench.store.ensure(["fl", i], 2), new Uint8Array([i]), 0, 1);
  bench.store.commit();
  const client = await bench.connect();
  if (hello !== null) client.send(hello);
  await body(client, bench);
}

const numbers = (messages: readonly Message[]) => messages.map(({ wseq }) => wseq);

Deno.test("a window of N lets N - 1 messages go unacknowledged", async () => {
  await withEntries({ seq: 0, qlen: 10 }, async (client) => {
    client.send({ seq: 1, action: "get_tree", path: P("fl"), wseq: 1 });
    assertEquals(numbers(await client.pending()), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    client.send({ seq: 1, state: "ack", ack: 4 });
    assertEquals(numbers(await client.pending()), [10, 11, 12, 13]);
    client.send({ seq: 1, state: "ack", ack: 3 }, { seq: 1, state: "ack" }, { seq: 1, state: "ack", ack: "x" });
    assertEquals(await client.pending(), []);
    client.send({ seq: 1, state: "ack", ack: 1000 });
    assertEquals(numbers(await client.pending()), [14, 15, 16, 17, 18, 19, 20, 21, 22]);
  });
});

Deno.test("the client's window is at most the server's, and at least 2", async () => {
  for (const [qlen, first] of [[4, 3], [99, 9], [2, 1], [1, 1]]) {
    await withEntries({ seq: 0, qlen }, async (client) => {
      client.send({ seq: 1, action: "get_tree", path: P("fl") });
      assertEquals((await client.pending()).length, first, `qlen ${qlen}`);
    });
  }
});

Deno.test("without a hello, or with one that says nothing, there are no accounts", async () => {
  for (const hello of [null, { seq: 0 }, { seq: 0, qlen: 0 }, { seq: 0, qlen: null }] as Value[]) {
    await withEntries(hello, async (client) => {
      client.send({ seq: 1, action: "get_tree", path: P("fl") });
      const messages = await client.pending();
      assertEquals(messages.length, 32);
      assertEquals(messages.every(({ wseq }) => wseq === undefined), true);
    });
  }
});

Deno.test("a request may bring a window of its own", async () => {
  await withEntries(null, async (client) => {
    client.send({ seq: 1, action: "get_tree", path: P("fl"), qlen: 5 });
    assertEquals(numbers(await client.pending()), [1, 2, 3, 4]);
    client.send({ seq: 2, action: "get_tree", path: P("fl"), qlen: "x" });
    assertEquals((await client.next()).etype, "request");
  });
});

Deno.test("a hello that makes no sense is refused; a second one is a request", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  client.send({ seq: 0, qlen: "x" });
  assertEquals((await client.next()).etype, "request");
  client.send({ seq: 0, qlen: 10 });
  assertEquals((await client.next()).etype, "action");
  client.send({ seq: 0, action: "get_tock" });
  assertEquals((await client.next()).seq, 0);
});

Deno.test("single replies have no wseq", async () => {
  await withEntries({ seq: 0, qlen: 10 }, async (client) => {
    assertEquals("wseq" in await client.ask("get_value", { path: P("fl:1") }), false);
  });
});

Deno.test("stop answers, then the stream ends, however full its window is", async () => {
  await withEntries({ seq: 0, qlen: 4 }, async (client) => {
    client.send({ seq: 1, action: "get_tree", path: P("fl") });
    await client.take(3);
    client.send({ seq: 2, action: "stop", task: 1 }, { seq: 3, action: "stop", task: 1 });
    const [stopped, again, end] = await client.take(3);
    assertEquals([stopped.seq, stopped.result], [2, true]);
    assertEquals([again.seq, again.result], [3, false]);
    assertEquals([end.seq, end.state, end.wseq], [1, "end", 4]);
    client.send({ seq: 4, action: "stop", task: 1 });
    assertEquals((await client.next()).result, false);
  });
});

Deno.test("numbers of streams are compared by value or bytes: 1 and '1' are two", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  client.send({ seq: 1, action: "watch", path: P("a") }, { seq: "1", action: "watch", path: P("b") });
  assertEquals((await client.take(2)).map(({ seq }) => seq), [1, "1"]);
  client.send({ seq: 2, action: "stop", task: "1" });
  assertEquals((await client.take(2)).map(({ seq, state }) => [seq, state ?? null]), [[2, null], ["1", "end"]]);
});

Deno.test("the number of a running stream cannot be used again, unless its client said that more follows", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  client.send({ seq: 1, action: "watch", path: P("a") });
  await client.next();
  client.send({ seq: 1, action: "get_tock" });
  assertEquals((await client.next()).etype, "request");
  client.send({ seq: 2, action: "watch", path: P("a"), state: "start" });
  await client.next();
  client.send({ seq: 2, action: "get_tock" }, { seq: 2, x: 1 });
  assertEquals(await client.pending(), []);
  client.send({ seq: 2, state: "end" }, { seq: 2, x: 1 });
  assertEquals((await client.next()).etype, "request");
});

Deno.test("a client's end does not end a watch", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  client.send({ seq: 1, action: "watch", path: P("a") }, { seq: 1, state: "end" });
  assertEquals((await client.next()).state, "start");
  client.send({ seq: 2, action: "set_value", path: P("a"), value: 1 });
  assertEquals((await client.take(2)).map(({ seq }) => seq), [2, 1]);
});

Deno.test("two streams do not hold each other up", async () => {
  await withEntries({ seq: 0, qlen: 4 }, async (client) => {
    client.send({ seq: 1, action: "get_tree", path: P("fl") }, { seq: 2, action: "get_tree", path: P("fl") });
    const messages = await client.pending();
    assertEquals(messages.filter(({ seq }) => seq === 1).length, 3);
    client.send({ seq: 2, state: "ack", ack: 3 });
    assertEquals((await client.pending()).map(({ seq }) => seq), [2, 2, 2]);
  });
});

Deno.test("a connection has a limited number of streams", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  const watches = Array.from({ length: 10_001 }, (_, i) => ({ seq: i + 1, action: "watch", path: P("a") }));
  client.send(...watches);
  const messages = await client.take(10_001);
  assertEquals(messages.filter(({ etype }) => etype === "limit").length, 1);
  assertEquals(bench.parts.fanout.watchers, 10_000);
});
