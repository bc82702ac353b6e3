/** Status, conflicts, acknowledgement and tokens with real servers: one, and three on a broker with lines that can be cut. */

import { type Client, type Conflict, openClient, P, Path, type ServerStatus } from "../../mod.ts";
import { offerBroker } from "../../server/backend/broker.ts";
import { type Server, startServer } from "../../server/mod.ts";
import { assertEquals, assertIncludes, assertTrue } from "../support/assert.ts";
import { LineProxy } from "../support/line_proxy.ts";
import { converged } from "../support/convergence.ts";
import { runMoat } from "../support/moat_command.ts";
import { cleanEnv } from "../support/server_process.ts";

/** A server, its line to the broker, and a client. */
interface Member {
  readonly server: Server;
  readonly line: LineProxy;
  readonly client: Client;
}

/** Some servers on one broker. */
class House implements AsyncDisposable {
  readonly members: Member[] = [];
  readonly #stack = new AsyncDisposableStack();

  static async of(...names: string[]): Promise<House> {
    const house = new House();
    const broker = house.#stack.use((await offerBroker("127.0.0.1", 0))!);
    const directory = await Deno.makeTempDir();
    house.#stack.defer(() => Deno.remove(directory, { recursive: true }));
    for (const name of names) {
      const line = house.#stack.use(new LineProxy(broker.port));
      const server = house.#stack.use(
        await startServer({
          name,
          data: `${directory}/${name}`,
          listen: [{ port: 0 }],
          web: false,
          broker: { uri: line.uri },
          ...(house.members.length === 0 ? { init: "Testing" } : { join: true }),
        }),
      );
      const client = house.#stack.use(await openClient({ url: server.addresses[0], dynamicConfig: false }));
      house.members.push({ server, line, client });
    }
    return house;
  }

  get clients(): Client[] {
    return this.members.map(({ client }) => client);
  }

  /** Both sides write while the first server is cut off; then all are whole and quiet again. */
  async fight(left: () => Promise<unknown>, right: () => Promise<unknown>): Promise<void> {
    const [{ line }] = this.members;
    line.cut();
    await until(async () => !(await this.clients[0].status()).backend!.connected);
    await right();
    await left();
    line.open();
    await until(async () => (await this.clients[0].status()).backend!.connected);
    await converged(this.clients, 10_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** Waits until something is so. */
async function until(isSo: () => Promise<boolean>, maxMs = 10_000): Promise<void> {
  for (const end = performance.now() + maxMs; !(await isSo());) {
    if (performance.now() > end) throw new Error(`Not so after ${maxMs} ms: ${isSo}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

async function conflictsOf(client: Client): Promise<Conflict[]> {
  const found: Conflict[] = [];
  for await (const conflict of client.conflicts) found.push(conflict);
  return found;
}

async function moat(server: Server, ...args: string[]) {
  const { hostname, port } = new URL(server.addresses[0]);
  const home = await Deno.makeTempDir();
  try {
    return await runMoat(["--host", hostname, "--port", port, ...args], { env: cleanEnv(home) });
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

Deno.test("one server: status, and writes that reach the disk", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const options = { name: "solo", listen: [{ port: 0 }], web: false as const, init: "Testing", alone: true };
    await using server = await startServer({ ...options, data: `${directory}/solo` });
    await using client = await openClient({ url: server.addresses[0], dynamicConfig: false });
    assertEquals((await client.set(P("a"), 1, { ack: "disk" })).ack, "disk");
    const { ack, nodes, lost } = await client.set(P("a"), 2, { nodes: 1 });
    assertEquals([ack, nodes, lost], ["disk", 1, false]);
    assertEquals((await client.set(P("a"), 3, { nodes: 2, timeoutMs: 50 })).nodes, 1, "there is nobody else");
    await client.delete(P("a"));
    const status = await client.status();
    assertEquals([status.node, status.backend, status.peers, status.problems], ["solo", null, [], []]);
    assertEquals([status.entries, status.tombstones.count], [1, 1]);
    assertEquals([status.log?.fsync, status.log?.failure], ["everysec", null]);
    assertEquals(status.clients.connections, 1);
    assertTrue(status.log!.bytes > 0);
    const table = await moat(server, "status");
    assertEquals([table.code, table.stderr], [0, ""]);
    assertIncludes(table.stdout, /^node +solo, version /);
    assertEquals(JSON.parse((await moat(server, "-o", "json", "status")).stdout).node, "solo");
    const check = await moat(server, "status", "--check");
    assertEquals([check.code, check.stdout], [0, ""]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("three servers: who is here, and how many have a change on their disks", async () => {
  await using house = await House.of("one", "two", "three");
  const [one, two, three] = house.members;
  await converged(house.clients, 10_000);
  await until(async () => (await one.client.status()).network !== null);
  await converged(house.clients, 10_000);
  await until(async () => (await one.client.status()).peers.every(({ behind }) => behind === 0));
  const statuses: ServerStatus[] = await Promise.all(house.clients.map((client) => client.status()));
  assertEquals(new Set(statuses.map(({ network }) => network)).size, 1, "the network has one name");
  for (const { node, peers, partition, backend } of statuses) {
    assertEquals(peers.map((peer) => peer.state), ["here", "here"], node);
    assertEquals(peers.map(({ ahead }) => ahead), [0, 0], node);
    assertEquals([partition, backend?.connected], [false, true], node);
    assertTrue(peers.every((peer) => peer.ours && peer.addresses[0].startsWith("tcp://127.0.0.1:")));
  }
  const all = await one.client.set(P("safe"), 1, { nodes: 3 });
  assertEquals([all.nodes, all.lost], [3, false]);
  three.line.cut();
  await until(async () => !(await three.client.status()).backend!.connected);
  const some = await one.client.set(P("safe"), 2, { nodes: 3, timeoutMs: 1500 });
  assertEquals(some.nodes, 2, "nothing is taken back");
  const cut = await moat(three.server, "status", "--check");
  assertEquals(cut.code, 1);
  assertIncludes(cut.stdout, "There is no connection to the MQTT broker");
  three.line.open();
  await converged(house.clients, 15_000);
  assertEquals((await two.client.get(P("safe"))).value, 2);
  await three.server.stop();
  await until(async () => (await one.client.status()).peers.find(({ node }) => node === "three")?.state === "left");
  assertEquals((await moat(one.server, "internal", "forget", "three")).code, 0);
  await until(async () =>
    (await two.client.status()).peers.find(({ node }) => node === "three")?.state === "forgotten"
  );
  await two.client.delete(P("safe"));
});

Deno.test("three servers: what lost is the same everywhere, and can be taken or dropped", async () => {
  await using house = await House.of("one", "two", "three");
  const [one, two, three] = house.members;
  await converged(house.clients, 10_000);
  await using watch = two.client.watch(P(":.moat.kv.conflict"), { fetch: true });
  await house.fight(async () => {
    await one.client.set(P("room.temp"), 21);
    await one.client.set(P("room.light"), "on");
  }, async () => {
    for (let i = 0; i < 5; i++) await two.client.set(P("tick"), i);
    await two.client.set(P("room.temp"), 22);
    await two.client.set(P("room.light"), "off");
  });
  await until(async () => (await conflictsOf(three.client)).length === 2);
  await converged(house.clients, 10_000);
  const lists = await Promise.all(house.clients.map(conflictsOf));
  assertEquals(lists[1], lists[0]);
  assertEquals(lists[2], lists[0]);
  assertEquals(lists[0].map(({ path, writer, value }) => `${path} ${writer} ${value}`).sort(), [
    "room.light one on",
    "room.temp one 21",
  ]);
  let seen = 0;
  for await (const item of watch) if ("path" in item && ++seen === 2) break;
  const { stdout } = await moat(three.server, "conflict", "ls");
  assertIncludes(stdout, /room\.temp +21 +one +\d+ +22/);
  assertEquals((await moat(three.server, "conflict", "take", "room.temp")).code, 0);
  assertEquals((await moat(two.server, "conflict", "drop", "room.light")).code, 0);
  await converged(house.clients, 10_000);
  for (const client of house.clients) {
    assertEquals((await client.get(P("room.temp"))).value, 21);
    assertEquals((await client.get(P("room.light"))).value, "off");
    assertEquals(await conflictsOf(client), []);
  }
});

Deno.test("three servers: a preferred server gets its way, and a loss is said to who waits", async () => {
  await using house = await House.of("one", "two", "three");
  const [one, two] = house.members;
  const policy = await moat(one.server, "conflict", "policy", "home.#", "prefer:one");
  assertEquals(policy.code, 0);
  await converged(house.clients, 10_000);
  let waiting: Promise<{ nodes?: number; lost?: boolean }> | undefined;
  await house.fight(async () => {
    await one.client.set(P("home.temp"), 21);
    waiting = one.client.set(P("other"), "one", { nodes: 3, timeoutMs: 10_000 });
  }, async () => {
    for (let i = 0; i < 5; i++) await two.client.set(P("tick"), i);
    await two.client.set(P("home.temp"), 22);
    await two.client.set(P("other"), "two");
  });
  const { nodes, lost } = await waiting!;
  assertEquals([nodes, lost], [3, true]);
  await until(async () => (await two.client.get(P("home.temp"))).value === 21);
  await until(async () => (await conflictsOf(two.client)).length === 1);
  await converged(house.clients, 10_000);
  for (const client of house.clients) {
    assertEquals((await client.get(P("home.temp"))).value, 21);
    assertEquals((await conflictsOf(client)).map(({ path }) => String(path)), ["other"]);
  }
});

Deno.test("three servers: a watch goes on at another one", async () => {
  await using house = await House.of("one", "two", "three");
  const [one, two, three] = house.members;
  await converged(house.clients, 10_000);
  await one.client.set(P("w.a"), 1);
  await one.client.set(P("w.gone"), 1);
  let token: Uint8Array | undefined;
  for await (const item of one.client.stream("watch", { path: P("w"), fetch: true, tokens: true })) {
    if (item.token instanceof Uint8Array) token = item.token;
    if (item.state === "uptodate") break;
  }
  await one.client.delete(P("w.gone"));
  await converged(house.clients, 10_000);
  const items = await resumed(two.client, token!);
  assertEquals(items, ["gone deleted"]);
  // The third does not have yet what the second has seen: it waits, and then there is no more to tell.
  three.line.stall();
  await two.client.set(P("w.a"), 2);
  for await (const item of two.client.stream("watch", { path: P("w"), fetch: true, tokens: true })) {
    if (item.token instanceof Uint8Array) token = item.token;
    if (item.state === "uptodate") break;
  }
  const late = resumed(three.client, token!);
  await three.client.status(); // behind the request: that one is under way
  three.line.open();
  assertEquals(await late, []);
  // One that does not hear of it in time says that it is behind.
  three.line.cut();
  await two.client.set(P("w.a"), 3);
  for await (const item of two.client.stream("watch", { path: P("w"), fetch: true, tokens: true })) {
    if (item.token instanceof Uint8Array) token = item.token;
    if (item.state === "uptodate") break;
  }
  assertEquals(await resumed(three.client, token!), ["resync behind", "a 2"]);
});

Deno.test("three servers: messages that are not kept reach the clients of all", async () => {
  await using house = await House.of("one", "two", "three");
  const [one, two, three] = house.members;
  const heard = new AbortController();
  const monitors = [one, three].map(({ client }) => client.msgMonitor(P("room.+"), { signal: heard.signal }));
  const first = monitors.map((monitor) => monitor[Symbol.asyncIterator]().next());
  let isHeard = false;
  void Promise.all(first).then(() => isHeard = true);
  await until(async () => {
    await two.client.msgSend(P("room.hall"), { data: { on: true } });
    return isHeard;
  });
  for (const item of await Promise.all(first)) {
    assertEquals([String(item.value.topic), item.value.data], ["room.hall", { on: true }]);
  }
  heard.abort();
});

/** What a watch from a token sends until it is up to date. */
async function resumed(client: Client, token: Uint8Array): Promise<string[]> {
  const items: string[] = [];
  for await (const item of client.stream("watch", { path: P("w"), token })) {
    if (item.state === "resync") items.push(`resync ${item.reason}`);
    if (item.state === "uptodate") break;
    if (item.path instanceof Path) items.push(`${item.path} ${item.value ?? "deleted"}`);
  }
  return items;
}
