/** New servers copy their first state from others, whatever happens on the way. In one process, on a broker of their own. */

import { type Client, KvError, openClient, P, Path } from "../../../mod.ts";
import { type Server, type ServerOptions, startServer } from "../../../server/mod.ts";
import { MqttBackend } from "../../../server/backend/mqtt.ts";
import { JoinMark } from "../../../server/start/join_mark.ts";
import { assertEquals, assertIncludes, assertRejects, assertTrue } from "../../support/assert.ts";
import { converged, sees } from "../../support/convergence.ts";
import { freePort } from "../../support/free_port.ts";
import { LineProxy } from "../../support/line_proxy.ts";
import { encodeSync, readSync, ticksField } from "../../../wire/message/sync.ts";
import { Encoder } from "../../../wire/msgpack/encoder.ts";

/** Servers that find each other, and nobody else. */
class Cluster implements AsyncDisposable {
  readonly lines = new Map<string, string[]>();
  readonly port = freePort();
  readonly #stack = new AsyncDisposableStack();

  /** What a server is started with. */
  options(name: string, options: ServerOptions = {}): ServerOptions {
    const lines: string[] = [];
    this.lines.set(name, lines);
    return {
      name,
      data: false,
      listen: [{ port: 0 }],
      web: false,
      broker: { embeddedPort: this.port },
      report: (line) => lines.push(line),
      ...options,
    };
  }

  async start(name: string, options: ServerOptions = {}): Promise<Server> {
    return this.#stack.use(await startServer(this.options(name, options)));
  }

  async client(server: Server): Promise<Client> {
    return this.#stack.use(await openClient({ url: server.addresses[0], dynamicConfig: false }));
  }

  /** What a server said. */
  said(name: string): string {
    return this.lines.get(name)!.join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

async function fill(client: Client, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, i) => client.set(Path.of("x", i), `${i} `.repeat(5))));
}

const portOf = (server: Server) => Number(new URL(server.addresses[0]).port);

/** A server whose clients' port the others reach by a line of its own. */
async function startBehind(cluster: Cluster, line: LineProxy, name: string, options: ServerOptions = {}) {
  const server = await cluster.start(name, { peers: { announce: ["127.0.0.1", line.port] }, ...options });
  line.target = portOf(server);
  return server;
}

Deno.test("a copy has tombstones, too, and nothing is missing afterwards", async () => {
  await using cluster = new Cluster();
  const one = await cluster.client(await cluster.start("one", { init: "Root" }));
  await fill(one, 100);
  await Promise.all(Array.from({ length: 50 }, (_, i) => one.delete(Path.of("x", i))));
  await one.set(P("x:1"), "again");
  await one.set(P("x:1"), "and again");
  const two = await cluster.client(await cluster.start("two"));
  const { missing } = await two.state({ missing: true });
  assertEquals(missing, {});
  await converged([one, two], 5000);
  assertIncludes(cluster.said("two"), /^Copied 1\d\d entries from one/m);
  const deleted = (await two.state({ deleted: true })).deleted as Record<string, unknown>;
  assertTrue(deleted.one !== undefined, "tombstones are remembered");
});

Deno.test("a copy that breaks off is begun anew, and what came stays", async () => {
  await using cluster = new Cluster();
  await using line = new LineProxy(undefined);
  const one = await cluster.client(await startBehind(cluster, line, "one", { init: "Root" }));
  await fill(one, 3000);
  line.breakAfter(100_000);
  const two = await cluster.client(await cluster.start("two"));
  assertIncludes(cluster.said("two"), /^Cannot copy from one at 127\.0\.0\.1:\d+: [^]*\nCopied /m);
  await converged([one, two], 5000);
});

Deno.test("a server that cannot be copied from does not keep a new one from copying from the next", async () => {
  await using cluster = new Cluster();
  await using line = new LineProxy(undefined);
  await startBehind(cluster, line, "one", { init: "Root" });
  const two = await cluster.client(await cluster.start("two"));
  line.cut();
  await fill(two, 10);
  const three = await cluster.client(await cluster.start("three"));
  await sees(three, P("x:9"), "9 ".repeat(5));
  assertIncludes(cluster.said("three"), /^Copied \d+ entries from two/m);
});

Deno.test("where no port can be reached, the state comes by the backend", async () => {
  await using cluster = new Cluster();
  const dead = freePort();
  const one = await cluster.client(
    await cluster.start("one", { init: "Root", peers: { announce: ["127.0.0.1", dead] } }),
  );
  await fill(one, 500);
  await one.delete(P("x:7"));
  const two = await cluster.client(await cluster.start("two"));
  assertIncludes(cluster.said("two"), "by way of the backend");
  assertEquals((await two.get(P("x:499"))).value, "499 ".repeat(5));
  await converged([one, two], 5000);
});

Deno.test("whoever answers at a server's place under another name is not copied from", async () => {
  await using cluster = new Cluster();
  await using strange = new Cluster();
  const stranger = await strange.start("stranger", { init: "Strange" });
  const announce: [string, number] = ["127.0.0.1", portOf(stranger)];
  await cluster.start("one", { init: "Root", peers: { announce } });
  const two = await cluster.client(await cluster.start("two"));
  assertIncludes(cluster.said("two"), "there is the server stranger, not one");
  assertEquals((await two.get(Path.root)).value, "Root");
});

Deno.test("what is written while a new server copies reaches it", async () => {
  await using cluster = new Cluster();
  const one = await cluster.client(await cluster.start("one", { init: "Root" }));
  await fill(one, 5000);
  let isOver = false;
  const writing = (async () => {
    for (let i = 0; !isOver; i++) {
      await one.set(Path.of("y", i % 100), i);
      if (i % 3 === 0) await one.delete(Path.of("y", i % 50));
    }
  })();
  const two = await cluster.client(await cluster.start("two"));
  isOver = true;
  await writing;
  await converged([one, two], 5000);
});

Deno.test("a server that is stopped while it copies does not serve what came, but copies anew", async () => {
  await using cluster = new Cluster();
  const directory = await Deno.makeTempDir({ prefix: "moat-kv-" });
  try {
    await using line = new LineProxy(undefined);
    const one = await cluster.client(await startBehind(cluster, line, "one", { init: "Root" }));
    await fill(one, 3000);
    line.breakAfter(100_000);
    const stop = new AbortController();
    const options = cluster.options("two", { data: directory, signal: stop.signal });
    const report = (text: string) => text.startsWith("Cannot copy") && stop.abort();
    await assertRejects(() => startServer({ ...options, report }), DOMException);
    assertTrue(new JoinMark(directory).isSet);
    const two = await cluster.client(await cluster.start("two", { data: directory }));
    assertIncludes(cluster.said("two"), /^Copied \d+ entries from one/m);
    assertTrue(!new JoinMark(directory).isSet);
    await converged([one, two], 5000);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("a node that comes back without its state writes under a new name, and reuses no tick", async () => {
  await using cluster = new Cluster();
  const one = await cluster.client(await cluster.start("one", { init: "Root" }));
  const first = await cluster.start("two");
  const old = await cluster.client(first);
  assertEquals((await old.set(P("a"), 1, { nchain: 1 })).chain!.node, "two");
  await sees(one, P("a"), 1);
  await old.close();
  await first.stop();
  const two = await cluster.client(await cluster.start("two"));
  assertEquals((await two.get(P("a"))).value, 1);
  assertIncludes((await two.set(P("a"), 2, { nchain: 1 })).chain!.node, /^two~[a-z2-7]{8}$/);
  await sees(one, P("a"), 2);
  await converged([one, two], 5000);
});

/** Another process of the name `two` that says once, or always, what it has when it hears that name. */
async function echo(cluster: Cluster, isAlive: boolean): Promise<AsyncDisposable> {
  const backend = await MqttBackend.open({ uri: `mqtt://127.0.0.1:${cluster.port}` });
  let isSaid = false;
  backend.monitor(["moat", "kv", "sync"], (payload) => {
    const message = readSync(payload);
    if (message?.node !== "two" || message.id === "another" || (isSaid && !isAlive)) return;
    isSaid = true;
    const out = new Encoder(256);
    encodeSync(out, "have", { node: "two", id: "another" }, { writer: "two~elsewhere", have: ticksField(new Map()) });
    backend.publish(["moat", "kv", "sync"], out.view());
  });
  return backend;
}

Deno.test("a live server of the same name keeps another one from starting; a late message of a dead one does not", async () => {
  await using cluster = new Cluster();
  await cluster.start("one", { init: "Root" });
  {
    await using _dead = await echo(cluster, false);
    const two = await cluster.start("two");
    await two.stop();
  }
  await using _alive = await echo(cluster, true);
  await assertRejects(() => cluster.start("two"), KvError, "Another server of the name two");
});
