/**
 * Networks of servers of the original (Python) and of ours on a real mosquitto. The elections' times are short, and the same
 * on all. Whatever we do, the originals stay alive.
 */
import { type Client, openClient, P } from "../../mod.ts";
import { type Server, startServer } from "../../server/mod.ts";
import type { ServerOptions } from "../../server/mod.ts";
import { Path } from "../../wire/path/path.ts";
import type { Value } from "../../wire/value.ts";
import { assertEquals } from "../support/assert.ts";
import { BridgedBrokers } from "../support/bridged_brokers.ts";
import { sees } from "../support/convergence.ts";
import { freePort } from "../support/free_port.ts";
import { hasMosquitto, Mosquitto } from "../support/mosquitto.ts";
import { OriginalServer, type OriginalStart, shortTimes } from "../support/original_server.ts";
import { ServerProcess } from "../support/server_process.ts";
import { Workplace } from "../support/workplace.ts";
import { findPython } from "../support/python.ts";

const found = await findPython();
const reason = "missing" in found ? found.missing : hasMosquitto ? undefined : "mosquitto is not installed";
if (reason !== undefined) console.log(`networks with the original are skipped: ${reason}`);
const ignore = reason !== undefined;
const python = "python" in found ? found.python : "";

/** A test's own network. */
class Place implements AsyncDisposable {
  readonly stack = new AsyncDisposableStack();
  readonly reports: string[] = [];
  readonly originals: OriginalServer[] = [];
  /** Client ports by name, fixed before anybody starts, so that all can know all. */
  readonly ports: Record<string, number> = {};

  private constructor(readonly directory: string) {}

  static async make(...names: string[]): Promise<Place> {
    const place = new Place(await Deno.makeTempDir({ prefix: "moat-test-" }));
    place.stack.defer(() => Deno.remove(place.directory, { recursive: true }));
    for (const name of names) place.ports[name] = freePort();
    return place;
  }

  async original(name: string, broker: string, more: Partial<OriginalStart> = {}): Promise<Client> {
    const server = await OriginalServer.spawn({
      ...more,
      python,
      name,
      broker,
      port: this.ports[name],
      hostmap: this.ports,
      directory: this.directory,
    });
    this.stack.use(server);
    this.originals.push(server);
    await server.running();
    return await this.client(this.ports[name]);
  }

  async ours(name: string, broker: string, more: Partial<ServerOptions> = {}): Promise<Client> {
    await this.server(name, broker, more);
    return await this.client(this.ports[name]);
  }

  async server(name: string, broker: string, more: Partial<ServerOptions> = {}): Promise<Server> {
    const hostmap = Object.fromEntries(
      Object.entries(this.ports).map(([node, port]): [string, [string, number]] => [node, ["127.0.0.1", port]]),
    );
    return this.stack.use(
      await startServer({
        name,
        listen: [{ port: this.ports[name] }],
        web: false,
        data: false,
        broker: { uri: broker },
        peers: { hostmap },
        originals: { ping: shortTimes },
        report: (line) => this.reports.push(`${name}: ${line}`),
        ...more,
      }),
    );
  }

  async client(port: number): Promise<Client> {
    return this.stack.use(await openClient({ port, dynamicConfig: false }));
  }

  /** All originals live. */
  mustLive(): void {
    for (const each of this.originals) each.mustLive();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stack.disposeAsync();
  }
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore, fn });
}

async function all(clients: readonly Client[], path: Path, value: Value | undefined, waitMs?: number): Promise<void> {
  await Promise.all(clients.map((client) => sees(client, path, value, waitMs)));
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("ours join theirs, and changes and deletions flow both ways", async () => {
  await using place = await Place.make("p1", "p2", "o1", "o2");
  await using broker = await Mosquitto.start();
  const p1 = await place.original("p1", broker.uri, { args: ["-I", "Testing"] });
  await p1.set(P("before"), { a: 1.5, b: [1, null, "x"] });
  const o1 = await place.ours("o1", broker.uri);
  assertEquals((await o1.get(Path.root)).value, "Testing");
  assertEquals((await o1.get(P("before"))).value, { a: 1.5, b: [1, null, "x"] });
  const p2 = await place.original("p2", broker.uri);
  const o2 = await place.ours("o2", broker.uri);
  const everybody = [p1, p2, o1, o2];
  for (const [i, client] of everybody.entries()) await client.set(P(`from.x${i}`), i);
  for (const i of everybody.keys()) await all(everybody, P(`from.x${i}`), i);
  await o1.set(P("from.x0"), "o1");
  await p2.set(P("from.x3"), "p2");
  await all(everybody, P("from.x0"), "o1");
  await all(everybody, P("from.x3"), "p2");
  await o2.delete(P("from.x0"));
  await p1.delete(P("from.x3"));
  await all(everybody, P("from.x0"), undefined);
  await all(everybody, P("from.x3"), undefined);
  place.mustLive();
});

test("theirs join ours", async () => {
  await using place = await Place.make("o1", "o2", "p1");
  await using broker = await Mosquitto.start();
  const o1 = await place.ours("o1", broker.uri, { init: "Ours" });
  const o2 = await place.ours("o2", broker.uri);
  for (let i = 0; i < 20; i++) await o1.set(P("n").child(i), `value ${i}`);
  await o2.set(P("n").child(3), "again");
  await o2.delete(P("n").child(4));
  const p1 = await place.original("p1", broker.uri);
  assertEquals((await p1.get(Path.root)).value, "Ours");
  for (let i = 0; i < 20; i++) {
    assertEquals((await p1.get(P("n").child(i))).value, i === 3 ? "again" : i === 4 ? undefined : `value ${i}`);
  }
  await p1.set(P("back"), 1);
  await all([o1, o2, p1], P("back"), 1);
  await o1.set(P("back"), 2);
  await all([o1, o2, p1], P("back"), 2);
  place.mustLive();
});

test("a split with writes on both sides heals", async () => {
  await using place = await Place.make("p1", "p2", "o1", "o2");
  await using brokers = await BridgedBrokers.start(place.directory);
  const { leftUri, rightUri } = brokers;
  const p1 = await place.original("p1", leftUri, { args: ["-I", "Testing"] });
  const o1 = await place.ours("o1", leftUri);
  const p2 = await place.original("p2", rightUri);
  const o2 = await place.ours("o2", rightUri);
  const everybody = [p1, p2, o1, o2];
  await p1.set(P("a"), 1);
  await o2.set(P("del.me"), "x");
  await all(everybody, P("a"), 1);
  await all(everybody, P("del.me"), "x");
  await pause(4000);
  brokers.split();
  await o2.set(P("right.o2"), 1);
  await p2.set(P("right.p2"), 2);
  await p2.set(P("a"), "right");
  await p1.set(P("a"), "left");
  await o1.set(P("left.o1"), 3);
  await p1.set(P("a"), "left");
  await p1.set(P("left.p1"), 4);
  await o1.delete(P("del.me"));
  await pause(6000);
  for (const client of [p1, o1]) {
    assertEquals([(await client.get(P("a"))).value, (await client.get(P("right.o2"))).value], ["left", undefined]);
  }
  for (const client of [p2, o2]) {
    assertEquals([(await client.get(P("a"))).value, (await client.get(P("left.o1"))).value], ["right", undefined]);
  }
  brokers.heal();
  const healMs = 30_000;
  await all(everybody, P("right.o2"), 1, healMs);
  await all(everybody, P("right.p2"), 2, healMs);
  await all(everybody, P("left.o1"), 3, healMs);
  await all(everybody, P("left.p1"), 4, healMs);
  await all(everybody, P("del.me"), undefined, healMs);
  await all(everybody, P("a"), "left", healMs);
  for (const client of everybody) await sees(client, P("a"), "left");
  place.mustLive();
});

test("bursts, and what would kill originals, do not", async () => {
  await using place = await Place.make("p1", "o1", "o2");
  await using broker = await Mosquitto.start();
  const p1 = await place.original("p1", broker.uri, { args: ["-I", "Testing"] });
  const o1 = await place.ours("o1", broker.uri);
  const o2 = await place.ours("o2", broker.uri);
  await Promise.all(Array.from({ length: 1500 }, async (_, i) => {
    await o1.set(P("left").child(i), i);
    await o2.set(P("right").child(i), { value: "x".repeat(i % 700) });
    await o1.set(P("one"), i);
  }));
  const internal = (path: Path, value?: Value) => {
    const fields = value === undefined ? {} : { value };
    return o1.request(value === undefined ? "delete_internal" : "set_internal", { path, ...fields });
  };
  await internal(P("codec.float"), {
    encode: "return str(value)",
    decode: "return float(value)",
    in: [["1.5", 1.5], ["2", 2], ["3.25", 3.25]],
    out: [[1.5, "1.5"], [2.5, "2.5"]],
  }).catch(() => {});
  for (const path of ["codec.float", "match.a", "acl.std", "actor.other", "codec"]) {
    await internal(P(path), "not this").catch(() => {});
    await internal(P(path)).catch(() => {});
  }
  await o1.request("set_value", { path: Path.of("a", null, "b"), value: 1 }).catch(() => {});
  await o2.set(P("big"), "y".repeat(300_000));
  await o2.set(P("last"), 1);
  await all([p1, o1, o2], P("last"), 1, 30_000);
  await all([p1, o1, o2], P("left").child(1499), 1499, 30_000);
  await all([p1, o1, o2], P("one"), (await o1.get(P("one"))).value, 30_000);
  for (const part of ["left", "right"]) {
    const there = await p1.list(P(part), { withData: true });
    const here = await o1.list(P(part), { withData: true });
    assertEquals([there.size, here.size], [1500, 1500]);
  }
  place.mustLive();
});

test("state files of either kind start servers of the other", async () => {
  await using place = await Place.make("p1", "p2", "p3", "o1");
  await using broker = await Mosquitto.start();
  const p1 = await place.original("p1", broker.uri, { args: ["-I", "Testing"] });
  await p1.set(P("a.b"), { x: 1.5, y: b("6162") });
  await p1.set(P("a.c"), "old");
  await p1.set(P("a.c"), "new");
  await p1.set(P("gone"), 1);
  await p1.delete(P("gone"));
  const theirs = `${place.directory}/theirs.state`;
  await p1.request("save", { path: theirs, full: true });
  await using other = await Mosquitto.start();
  const o1 = await place.ours("o1", other.uri, { load: [theirs] });
  const shown = async (client: Client) => [
    (await client.get(Path.root)).value,
    (await client.get(P("a.b"))).value,
    (await client.get(P("a.c"))).value,
    (await client.get(P("gone"))).value,
  ];
  assertEquals(await shown(o1), ["Testing", { x: 1.5, y: b("6162") }, "new", undefined]);
  await o1.set(P("d"), 1);
  await o1.set(P("e"), 1);
  await o1.delete(P("e"));
  const ours = `${place.directory}/ours.state`;
  await o1.request("save", { path: ours, full: true });
  await place.originals[0].stop("SIGKILL");
  place.originals.shift();
  await using third = await Mosquitto.start();
  // A server of the original serves from a file only if the file knows its name.
  const p3 = await place.original("p1", third.uri, { args: ["-l", ours] });
  assertEquals(await shown(p3), ["Testing", { x: 1.5, y: b("6162") }, "new", undefined]);
  assertEquals([(await p3.get(P("d"))).value, (await p3.get(P("e"))).value], [1, undefined]);
  place.mustLive();
});

test("an original that starts from an old file is noticed, and all end alike", async () => {
  await using place = await Place.make("p1", "p2", "o1");
  await using broker = await Mosquitto.start();
  const p1 = await place.original("p1", broker.uri, { args: ["-I", "Testing"] });
  await p1.set(P("a"), 1);
  const file = `${place.directory}/old.state`;
  await p1.request("save", { path: file, full: true });
  const p2 = await place.original("p2", broker.uri);
  const o1 = await place.ours("o1", broker.uri);
  for (let i = 0; i < 5; i++) await p1.set(P("x").child(i), i);
  await all([p2, o1], P("x:4"), 4);
  await place.originals[0].stop("SIGKILL");
  place.originals.shift();
  await pause(1000);
  const again = await place.original("p1", broker.uri, { args: ["-l", file] });
  await again.set(P("reused"), "tick");
  const everybody = [again, p2, o1];
  await all(everybody, P("reused"), "tick", 40_000);
  for (let i = 0; i < 5; i++) await all(everybody, P("x").child(i), i, 40_000);
  await o1.set(P("later"), 1);
  await all(everybody, P("later"), 1);
  place.mustLive();
});

test("a group of deleters: originals forget deletions when ours have purged them", async () => {
  await using place = await Place.make("p1", "p2", "o1");
  await using broker = await Mosquitto.start();
  const settings = "delete:\n  cycle: 1.5\n  gap: 0.3";
  const originals = { ping: shortTimes, delete: shortTimes };
  const p1 = await place.original("p1", broker.uri, { args: ["-I", "Testing"], settings });
  const o1 = await place.ours("o1", broker.uri, { originals });
  await p1.request("set_internal", { path: P("actor.del"), value: { nodes: ["p1", "o1"] } });
  await p1.set(P("gone"), 1);
  await sees(o1, P("gone"), 1);
  await p1.delete(P("gone"));
  await sees(o1, P("gone"), undefined);
  await o1.set(P("again"), 1);
  await o1.delete(P("again"));
  await o1.set(P("again"), 2);
  const deleted = async (client: Client) =>
    Object.keys((await client.state({ deleted: true })).deleted as object).length;
  const endMs = performance.now() + 90_000;
  while (await deleted(o1) + await deleted(p1) > 0 && performance.now() < endMs) await pause(500);
  assertEquals([await deleted(o1), await deleted(p1)], [0, 0]);
  await all([p1, o1], P("again"), 2);
  place.mustLive();
});

test("ours as a process, told its times as the original is told", async () => {
  await using place = await Place.make("p1", "o1");
  await using broker = await Mosquitto.start();
  await using home = await Workplace.make();
  const times = Object.entries(shortTimes).flatMap(([key, value]) => ["-C", `server.ping.${key}=${value}`]);
  const globals = ["kv", "-C", `server.mqtt.uri=${broker.uri}`, ...times];
  const p1 = await place.original("p1", broker.uri, { args: ["-I", "Testing"] });
  const hostmap = ["-C", `hostmap.p1=127.0.0.1:${place.ports.p1}`];
  const ours = { globals: [...globals, ...hostmap], env: home.env };
  const bind = ["--bind", `127.0.0.1:${place.ports.o1}`, "--web", "none", "o1"];
  const startedMs = performance.now();
  await using first = await ServerProcess.start({ ...ours, args: bind });
  assertEquals(performance.now() - startedMs < 10_000, true);
  const o1 = await place.client(place.ports.o1);
  assertEquals((await o1.get(Path.root)).value, "Testing");
  await p1.set(P("one"), 1);
  await sees(o1, P("one"), 1);
  first.kill("SIGKILL");
  await first.status;
  await p1.set(P("one"), 2);
  await p1.set(P("two"), 2);
  await using _second = await ServerProcess.start({ ...ours, args: bind });
  const again = await place.client(place.ports.o1);
  await all([p1, again], P("one"), 2);
  await all([p1, again], P("two"), 2);
  await again.set(P("three"), 3);
  await all([p1, again], P("three"), 3);
  place.mustLive();
});

test("a server of ours that bears the name of a live original does not kill it", async () => {
  await using place = await Place.make("p1", "o1");
  await using broker = await Mosquitto.start();
  const p1 = await place.original("p1", broker.uri, { args: ["-I", "Testing"] });
  place.ports.p1 = freePort();
  await place.server("p1", broker.uri, { init: "Other" });
  await pause(5000);
  await p1.set(P("alive"), 1);
  place.mustLive();
  assertEquals(place.reports.some((line) => line.includes("Another server is called p1")), true);
});

function b(hex: string): Uint8Array {
  return Uint8Array.fromHex(hex);
}
