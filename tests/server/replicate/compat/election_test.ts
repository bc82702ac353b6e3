/** This server in the elections of the original, the recovery that they start, and the group that purges. */

import { Recoveries } from "../../../../server/replicate/compat/recovery.ts";
import { deleterSettings, mainSettings } from "../../../../wire/actor/settings.ts";
import { assertEquals, assertTrue } from "../../../support/assert.ts";
import { MixedNetwork } from "./mixed.ts";

const second = 1000;

Deno.test("a server tells no settings, and pings with its tock and tick", () => {
  const network = new MixedNetwork();
  const a = network.ours("a");
  a.put("x", 1);
  network.run(14 * second);
  const pings = network.since(0, "ping").filter(({ t }) => t === "ping");
  assertEquals(pings, [{ t: "ping", node: "a", value: [a.store.clock, a.store.local.tick], history: ["a"] }]);
  assertEquals([...network.since(0, "ping"), ...network.since(0, "del")].length, 1);
});

Deno.test("the ping tells the tick under the server's own name, `info.ticks` those of all writers", () => {
  const network = new MixedNetwork();
  const p = network.original("p");
  const a = network.ours("a");
  network.run(40 * second);
  const tick = a.store.writers.get("a")!.tick;
  a.turn(() => a.store.adoptWriter("a~abcdefgh"));
  a.put("x", 1);
  network.run(30 * second);
  const ping = network.since(0, "ping").findLast(({ t, node }) => t === "ping" && node === "a");
  assertEquals(ping.value[1], tick);
  const info = network.since(0, "info").findLast(({ node, ticks }) => node === "a" && ticks);
  assertEquals([info.ticks.a, info.ticks["a~abcdefgh"], info.tick], [tick, 1, tick]);
  assertEquals([p.get("x"), p.death], [1, undefined]);
});

Deno.test("a server that is not ready pings null, hears who can be copied from, and is not asked for anything", () => {
  const network = new MixedNetwork();
  network.original("p");
  const good: string[] = [];
  let isReady = false;
  const a = network.ours("a", {}, { isReady: () => isReady });
  a.replicator.watch((news) => news.kind === "peer" && news.peer.isReady && good.push(news.peer.node));
  network.run(30 * second);
  assertEquals(good[0], "p");
  assertEquals(a.replicator.peers.get("p")!.isReady, true);
  const pings = () => network.since(0, "ping").filter(({ t, node }) => t === "ping" && node === "a");
  assertTrue(pings().length > 0 && pings().every(({ value }) => value === null));
  isReady = true;
  network.run(30 * second);
  assertTrue(pings().at(-1).value !== null);
});

Deno.test("a higher version of the settings is adopted; with originals about, no settings are told", () => {
  const network = new MixedNetwork();
  const p = network.original("p", { settings: { ...mainSettings, version: 7, cycleMs: 12_000 } });
  const a = network.ours("a", { main: { ...mainSettings, version: 3 } });
  network.run(60 * second);
  assertEquals(p.death, undefined);
  assertEquals(network.since(0, "ping").filter(({ t }) => t === "vers").map(({ node }) => node), ["p"]);
  const q = network.original("q", { settings: { ...mainSettings, version: 8, cycleMs: 9000 } });
  network.run(second);
  q.stop();
  p.stop();
  const startMs = network.nowMs;
  network.run(60 * second);
  const times = network.heard.filter(({ word, message, atMs }) =>
    word === "ping" && message.t === "ping" && atMs > startMs
  )
    .map(({ atMs }) => atMs);
  assertTrue(times.length > 3 && times[3] - times[2] < 14_000);
  assertEquals(a.reports, []);
});

Deno.test("settings that were changed are told after a while, if no original can have higher ones", () => {
  const network = new MixedNetwork();
  network.ours("a", { main: { ...mainSettings, version: 3 } });
  network.run(33 * second);
  assertEquals(network.since(0, "ping").filter(({ t }) => t === "vers"), []);
  network.run(2 * second);
  assertEquals(network.since(0, "ping").filter(({ t }) => t === "vers").map(({ version }) => version), [3]);
});

Deno.test("another server of the same name is reported", () => {
  const network = new MixedNetwork();
  let clashes = 0;
  const a = network.ours("a");
  a.replicator.watch(({ kind }) => kind === "clash" && clashes++);
  network.run(5 * second);
  network.original("a");
  network.run(5 * second);
  assertEquals(clashes, 1);
  assertTrue(a.reports.some((line) => line.startsWith("Another server is called a")));
});

Deno.test("a live original of the same name stays alive, and is noticed by its pings", () => {
  const network = new MixedNetwork();
  const p = network.original("a");
  network.run(20 * second);
  let clashes = 0;
  const a = network.ours("z", {}, { name: "a" });
  a.replicator.watch(({ kind }) => kind === "clash" && clashes++);
  network.run(40 * second);
  assertEquals([p.death, clashes], [undefined, 1]);
  assertTrue(a.reports.some((line) => line.startsWith("Another server is called a")));
});

Deno.test("recovery: the steps come at the original's times", () => {
  const done: [number, string][] = [];
  let now = 0;
  const note = (what: string) => () => void done.push([now, what]);
  const answer = (prio: number) => void done.push([now, `answer ${prio}`]);
  const run = (prio: number, until: number, heard: (recoveries: Recoveries) => void = () => {}) => {
    done.length = 0;
    now = 0;
    const recoveries = new Recoveries(10_000, { ticks: note("ticks"), missing: note("missing"), answer });
    recoveries.begin(0, prio, ["l1", "l2", "both"], ["r1", "both"]);
    for (; now <= until; now += 500) {
      if (now === 2000) heard(recoveries);
      recoveries.time(now);
    }
    assertEquals(recoveries.isRunning, false);
    return [...done];
  };
  assertEquals(run(0, 20_000), [[0, "ticks"], [5000, "missing"], [5000, "answer 0"]]);
  assertEquals(run(1, 30_000), [[5000, "ticks"], [12_500, "missing"], [17_500, "answer 1"]]);
  const byOther = (step: 1 | 2, node: string) => (recoveries: Recoveries) => recoveries.heard(node, step);
  assertEquals(run(1, 30_000, byOther(1, "l1")), [[9500, "missing"], [14_500, "answer 1"]]);
  assertEquals(run(0, 30_000, byOther(2, "l2")), [[0, "ticks"], [2000, "answer 0"]]);
  for (const name of ["r1", "both"]) assertEquals(run(0, 30_000, byOther(2, name)).length, 3, name);
});

Deno.test("recovery: a meeting that is being dealt with is not dealt with again", () => {
  let ticks = 0;
  const recoveries = new Recoveries(10_000, { ticks: () => ticks++, missing: () => {}, answer: () => {} });
  recoveries.begin(0, 0, ["l1"], ["r1"]);
  recoveries.time(0);
  recoveries.begin(10, 0, ["l1"], ["l1"]);
  recoveries.begin(10, 0, ["l1"], []);
  recoveries.time(20);
  assertEquals(ticks, 1);
  recoveries.begin(30, 0, ["l1"], ["r2"]);
  recoveries.time(30);
  assertEquals(ticks, 2);
});

Deno.test("as a listed deleter a server pings null until its deletions are purged, then a tock before the next", () => {
  const network = new MixedNetwork();
  const a = network.ours("a", { deleter: { ...deleterSettings, cycleMs: 10_000, gapMs: 1000 } });
  const b = network.ours("b", { deleter: { ...deleterSettings, cycleMs: 10_000, gapMs: 1000 } });
  network.run(20 * second);
  a.put("x", 1);
  a.put(":n.actor.del", { nodes: ["a", "b"] });
  network.run(5 * second);
  b.disk = new Map(); // nothing is on its disk: nothing can be purged
  a.remove("x");
  network.run(200 * second);
  const values = () => network.since(0, "del").filter(({ t }) => t === "ping").map(({ value }) => value);
  assertTrue(values().length > 10);
  assertTrue(values().every((value) => value === null), JSON.stringify(values()));
  b.disk = undefined;
  network.run(300 * second);
  assertEquals(a.store.writers.get("a")!.tombstones.isEmpty, true);
  const [low, high] = values().at(-1)!;
  assertTrue(low <= high && high <= a.store.clock);
  const versions = network.since(0, "del").filter(({ t }) => t === "vers");
  assertEquals(versions, []);
  a.put(":n.actor.del", { nodes: ["b"] });
  network.run(second);
  const count = network.since(0, "del").filter(({ node }) => node === "a").length;
  network.run(60 * second);
  assertEquals(network.since(0, "del").filter(({ node }) => node === "a").length, count);
});

Deno.test("where clients connect is entered into the hostmap once an original is there", () => {
  const network = new MixedNetwork();
  const a = network.ours("a", {}, { addresses: () => ["tls://10.0.0.5:1", "tcp://10.0.0.5:27586"] });
  network.run(30 * second);
  assertEquals(a.get(":n.hostmap.a"), undefined);
  const p = network.original("p");
  network.run(30 * second);
  assertEquals(a.get(":n.hostmap.a"), ["10.0.0.5", 27586]);
  assertEquals(p.get(":n.hostmap.a"), ["10.0.0.5", 27586]);
  const tick = a.store.local.tick;
  network.run(60 * second);
  assertEquals(a.store.local.tick, tick);
});

Deno.test("deletions are purged when an original, too, has said that it has them", () => {
  const network = new MixedNetwork();
  const p = network.original("p");
  const [a, b] = [network.ours("a"), network.ours("b")];
  network.run(60 * second);
  a.put("x", 1);
  network.run(second);
  a.remove("x");
  network.run(200 * second);
  assertEquals([a.store.find(["x"], 1), b.store.find(["x"], 1)], [undefined, undefined]);
  assertEquals(p.get("x"), undefined);
  b.put("y", 1);
  network.run(second);
  p.stop();
  b.remove("y");
  network.run(200 * second);
  assertEquals(a.store.find(["y"], 1)?.isTombstone, true);
});

Deno.test("a client that asks about deletions is answered for what is purged here, and for nothing else", () => {
  const network = new MixedNetwork();
  const p = network.original("p");
  const [a] = [network.ours("a"), network.ours("b")];
  network.run(60 * second);
  a.put("x", 1);
  a.put("y", 1);
  network.run(second);
  const [deletion, live] = [a.store.local.tick + 1, a.store.local.tick];
  a.remove("x");
  network.run(200 * second);
  const startMs = network.nowMs;
  a.compat.checkDeleted(new Map([["a", [[1, a.store.local.tick]]]]));
  network.run(second);
  const infos = network.since(startMs, "info").filter(({ deleted }) => deleted);
  assertEquals(infos.map(({ deleted }) => deleted), [{ a: [deletion] }]);
  assertTrue(live !== deletion && p.get("y") === 1);
});
