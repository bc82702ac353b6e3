/**
 * Networks of servers of the original (Python) and of ours on a real mosquitto. The elections' times are short, and the same
 * on all. Whatever we do, the originals stay alive.
 */
import { type Client, P } from "../../mod.ts";
import { Path } from "../../wire/path/path.ts";
import { assertEquals } from "../support/assert.ts";
import { BridgedBrokers } from "../support/bridged_brokers.ts";
import { sees } from "../support/convergence.ts";
import { all, pause, Place, test } from "../support/mixed_place.ts";
import { Mosquitto } from "../support/mosquitto.ts";
import { shortTimes } from "../support/original_server.ts";
import { ServerProcess } from "../support/server_process.ts";
import { Workplace } from "../support/workplace.ts";

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

test("-i joins a network of originals only, and begins one where nobody is", async () => {
  await using place = await Place.make("p1", "o1", "o2");
  await using broker = await Mosquitto.start();
  const p1 = await place.original("p1", broker.uri, { args: ["-I", "Testing"] });
  const o1 = await place.ours("o1", broker.uri, { init: "Mine" });
  assertEquals((await o1.get(Path.root)).value, "Testing");
  await p1.set(P("a"), 1);
  await all([p1, o1], P("a"), 1);
  await using other = await Mosquitto.start();
  const o2 = await place.ours("o2", other.uri, { init: "Mine" });
  assertEquals((await o2.get(Path.root)).value, "Mine");
  assertEquals(place.reports.filter((line) => line.startsWith("o2: Waiting")), [
    "o2: Waiting 2.1 s for servers of the original, because there is a hostmap or a domain",
  ]);
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

function b(hex: string): Uint8Array {
  return Uint8Array.fromHex(hex);
}
