/** The client library against our own server in this process. */

import {
  type Client,
  type ClientOptions,
  ConnectionError,
  ConnectionLostError,
  NotFoundError,
  openClient,
  P,
  Path,
  RequestError,
  type TreeItem,
  type Watch,
  type WatchItem,
} from "../../mod.ts";
import { type Server, startServer } from "../../server/mod.ts";
import { assertEquals, assertRejects, assertTrue } from "../support/assert.ts";

const soon = { firstMs: 5, maxMs: 20, random: () => 0 };

function serve(port = 0, data: string | false = false): Promise<Server> {
  return startServer({ name: "test1", data, listen: [{ port }], web: { port: 0 }, init: "Test", alone: true });
}

function portOf(server: Server): number {
  return Number(new URL(server.addresses[0]).port);
}

async function withServer(test: (client: Client, server: Server) => Promise<void>, options: ClientOptions = {}) {
  await using server = await serve();
  await using client = await openClient({ port: portOf(server), ...options });
  await test(client, server);
}

async function withDirectory(test: (data: string) => Promise<void>): Promise<void> {
  const data = await Deno.makeTempDir({ prefix: "moat-test-" });
  try {
    await test(data);
  } finally {
    await Deno.remove(data, { recursive: true });
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function short(item: WatchItem): string {
  if (!("path" in item)) return item.reason ? `${item.state}: ${item.reason}` : item.state;
  return item.value === undefined ? `${item.path} deleted` : `${item.path}=${item.value}`;
}

/** Items up to the one that reads `last`. */
async function until(watch: Watch, last: string): Promise<string[]> {
  const items: string[] = [];
  while (items.at(-1) !== last) {
    const { value, done } = await watch.next();
    if (done) throw new Error(`It ended after ${items}`);
    items.push(short(value));
  }
  return items;
}

Deno.test("server: values of every kind, lists, trees, deletions", async () => {
  await withServer(async (client) => {
    assertEquals(client.node, "test1");
    assertEquals((await client.get(P(":"))).value, "Test");
    const paths = ["a", "a.b", "a.b:1", "a.b:vx.x", "a.c:t", "a:e"].map((text) => P(text));
    await Promise.all(paths.map((path, i) => client.set(path, { i, bytes: Uint8Array.of(i) })));
    const tree = await collect(client.tree(P("a"), { nchain: 1 }));
    assertEquals(tree.map(({ path }) => String(path)).sort(), [":", ":e", "b", "b:1", "b:vx.x", "c:t"]);
    assertEquals(tree[0].value, { i: 0, bytes: Uint8Array.of(0) });
    assertEquals(tree[0].chain?.node, "test1");
    assertEquals(
      String((await collect(client.tree(P("a"), { minDepth: 2, maxDepth: 2 }))).map((x) => x.path)),
      "b:1,c:t",
    );
    assertEquals((await client.list(P("a"))).map(String).sort(), ["", "b", "c"]);
    assertEquals([...(await client.list(P("a"), { withData: true })).keys()].sort(), ["", "b"]);
    await assertRejects(() => client.list(P("nope")), NotFoundError);
    await assertRejects(() => collect(client.tree(P("nope"))), NotFoundError);
    assertEquals(await client.deleteTree(P("a.b")), 3);
    const gone = await collect(client.deleteTree(P("a"), { nchain: 1 }));
    assertTrue(gone.some(({ path, prev }) => String(path) === ":e" && (prev as { i: number }).i === 5));
    assertTrue((await client.getTock()) > 0);
    const { nodes, node } = await client.state({ nodes: true });
    assertEquals([node, Object.keys(nodes as object)], ["test1", ["test1"]]);
  });
});

Deno.test("server: acknowledgement levels come back", async () => {
  await withDirectory(async (data) => {
    await using server = await serve(0, data);
    await using client = await openClient({ port: portOf(server) });
    assertEquals((await client.set(P("a"), 1)).ack, undefined);
    assertEquals((await client.set(P("a"), 2, { ack: "memory" })).ack, "memory");
    assertEquals((await client.delete(P("a"), { ack: "disk" })).ack, "disk");
  });
  await withServer(async (client) => assertEquals((await client.set(P("a"), 1, { ack: "disk" })).ack, "none"));
});

Deno.test("server: errors have their class and text", async () => {
  await withServer(async (client) => {
    const error = await assertRejects(() => client.request("nonsense"), RequestError, "nonsense");
    assertEquals(error.code, "action");
    await assertRejects(() => client.set(Path.of("a", null), 1), RequestError, "Null path element");
    assertEquals((await client.get(P(":"))).value, "Test");
  });
});

Deno.test("server: a big tree, and leaving it early", async () => {
  await withServer(async (client) => {
    const count = 5000;
    await Promise.all(Array.from({ length: count }, (_, i) => client.set(P`big.${i % 10}.${i}`, i)));
    assertEquals((await collect(client.tree(P("big")))).length, count);
    const some: TreeItem[] = [];
    for await (const item of client.tree(P("big"))) if (some.push(item) === 700) break;
    assertEquals(some.length, 700);
    const slow = client.tree(P("big"));
    const first = await slow.next();
    await client.set(P("x"), 1);
    assertTrue(!first.done);
    await slow.return();
  });
});

Deno.test("server: messages on topics", async () => {
  await withServer(async (client) => {
    await using monitor = client.msgMonitor(P("chat.+"));
    await client.msgSend(P("chat.room"), { data: { hello: 1 } });
    await client.msgSend(P("chat.room"), { raw: Uint8Array.of(0xc1) });
    const [first, second] = [(await monitor.next()).value, (await monitor.next()).value];
    assertEquals([String(first.topic), first.data], ["chat.room", { hello: 1 }]);
    assertEquals([second.raw, second.data, typeof second.error], [Uint8Array.of(0xc1), undefined, "string"]);
  });
});

Deno.test("server: root() moves the client below an entry", async () => {
  await withServer(async (client, server) => {
    await client.set(P("home.lamp"), 1);
    await using other = await openClient({ port: portOf(server) });
    assertEquals((await other.root(P("home"))).value, undefined);
    assertEquals((await other.get(P("lamp"))).value, 1);
  });
});

Deno.test("server: stop() by number, and an aborted watch", async () => {
  await withServer(async (client) => {
    const stop = new AbortController();
    const watch = client.watch(P("a"), { signal: stop.signal });
    await client.getTock();
    stop.abort(new Error("enough"));
    await assertRejects(() => watch.next(), Error, "enough");
    const tree = client.stream("watch", { path: P("a") });
    await client.getTock();
    assertEquals(await client.stop(tree.seq!), true);
    assertEquals(await client.stop(tree.seq!), false);
    assertEquals((await tree.next()).done, true);
  });
});

Deno.test("server: a reader that sleeps through many changes gets each entry's newest value", async () => {
  await withServer(async (client) => {
    const watch = client.watch(P("n"), { fetch: true });
    await until(watch, "uptodate");
    for (let round = 1; round <= 3; round++) {
      await Promise.all(Array.from({ length: 1000 }, (_, i) => client.set(P`n.${i}`, round)));
    }
    await client.set(P("n.last"), 1);
    const items = await until(watch, "last=1");
    const newest = new Map(items.map((item) => item.split("=") as [string, string]));
    assertEquals([...newest.values()].filter((text) => text === "3").length, 1000);
    await watch.return();
  });
});

Deno.test("server: a watch that lags far behind resyncs by itself and says so", async () => {
  await withServer(async (client) => {
    const watch = client.watch(P("n"), { fetch: true });
    await until(watch, "uptodate");
    const count = 6000;
    await Promise.all(Array.from({ length: count }, (_, i) => client.set(P`n.${i}`, i)));
    const items = await until(watch, "uptodate");
    const at = items.indexOf("resync: lagging");
    assertTrue(at >= 0, "no resync");
    assertEquals(new Set(items.slice(at + 1, -1)).size, count);
    await watch.return();
  });
});

Deno.test("server: a client over WebSocket does the same", async () => {
  await using server = await serve();
  await using client = await openClient({ url: server.web!.replace("http", "ws") });
  await using watch = client.watch(P("a"), { fetch: true });
  await until(watch, "uptodate");
  await client.set(P("a.b"), "x".repeat(100_000));
  await client.set(P("a"), 1);
  assertEquals((await until(watch, ":=1")).length, 2);
  assertEquals((await client.get(P("a.b"))).value, "x".repeat(100_000));
});

Deno.test("server: a client with reconnect lives through a restart; its watch goes on, its mirror is right", async () => {
  await withDirectory(restart);
});

async function restart(data: string): Promise<void> {
  let server = await serve(0, data);
  const port = portOf(server);
  await using client = await openClient({ port, reconnect: soon });
  await client.set(P("m.gone"), 1);
  await client.set(P("m.kept"), 1);
  const watch = client.watch(P("m"), { fetch: true });
  await until(watch, "uptodate");
  await client.set(P("m.seen"), 1);
  await until(watch, "seen=1");
  await using mirror = await client.mirror("m");
  const lost = Promise.withResolvers<void>();
  const watching = (async () => {
    for await (const { state } of client.connectionStates()) {
      if (state === "lost") return lost.resolve();
    }
  })();
  const before = server;
  await before.stop();
  await lost.promise;
  await watching;
  const waiting = client.set(P("m.later"), 1);

  // Somebody else is faster than our client.
  server = await serve(port, data);
  await using other = await openClient({ port });
  await other.delete(P("m.gone"));
  await other.set(P("m.fresh"), 1);
  await waiting;
  await client.set(P("m.end"), 1);
  const items = await until(watch, "end=1");
  assertTrue(!items.some((item) => item.startsWith("resync")), `${items}`);
  assertTrue(items.includes("gone deleted") && items.includes("fresh=1") && !items.includes("kept=1"), `${items}`);
  await mirror.waitUntil(() => mirror.has("end"));
  assertEquals([...mirror].map(({ key }) => key).sort(), ["end", "fresh", "kept", "later", "seen"]);
  await watch.return();
  await server.stop();
}

Deno.test("server: without reconnect a stop of the server ends everything with an error", async () => {
  const server = await serve();
  await using client = await openClient({ port: portOf(server) });
  const watch = client.watch(P("a"), { fetch: true });
  await until(watch, "uptodate");
  await server.stop();
  const end = await watch.next().catch((error) => error);
  assertTrue(end instanceof ConnectionLostError || end.done);
  await assertRejects(() => client.get(P("a")), ConnectionError);
});
