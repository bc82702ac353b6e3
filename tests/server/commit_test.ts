import { assertEquals, assertFalse, assertIncludes, assertTrue } from "../support/assert.ts";
import { MemoryDisk } from "../support/memory_disk.ts";
import { StoredNode } from "../support/stored_node.ts";
import type { Log } from "../../server/commit.ts";
import type { Effect } from "../../server/core/effect.ts";
import { P } from "../../wire/path/template.ts";
import { Bench, type Message, type TestClient } from "./session/bench.ts";

/** A log that notes what it is told, and fails when it is to. */
class NotingLog implements Log {
  readonly notes: string[] = [];
  isBroken = false;

  append(effects: readonly Effect[]): void {
    this.notes.push(`append ${effects.length}`);
  }

  commit(level: "memory" | "disk"): "memory" | "disk" {
    this.notes.push(`commit ${level}`);
    if (this.isBroken) throw new Error("disk full");
    return level;
  }
}

const set = (seq: number, path: string, value: number, more = {}) => ({
  seq,
  action: "set_value",
  path: [path],
  value,
  nchain: 0,
  ...more,
});

Deno.test("everything of one turn is logged in one write, before any reply", async () => {
  const log = new NotingLog();
  await using bench = new Bench({ log });
  const [a, b] = [await bench.connect(), await bench.connect()];
  const sentBefore = a.duplex.sent.length + b.duplex.sent.length;
  let sentAtCommit = -1;
  const commit = log.commit.bind(log);
  log.commit = (level) => {
    sentAtCommit = a.duplex.sent.length + b.duplex.sent.length;
    return commit(level);
  };
  a.send(set(1, "x", 1), set(2, "y", 2));
  b.send(set(1, "z", 3));
  await a.take(2);
  await b.next();
  assertEquals(log.notes, ["append 3", "commit memory"]);
  assertEquals(sentAtCommit, sentBefore);
});

Deno.test("turns that change nothing do not touch the log", async () => {
  const log = new NotingLog();
  await using bench = new Bench({ log });
  const client = await bench.connect();
  await client.ask("get_value", { path: P("a") });
  await client.stream("get_tree", { path: [] });
  assertEquals(log.notes, []);
});

Deno.test("ack: the reply says the level, and disk makes this turn wait for it", async () => {
  const log = new NotingLog();
  await using bench = new Bench({ log });
  const client = await bench.connect();
  client.send(set(1, "a", 1, { ack: "memory" }));
  assertEquals((await client.next()).ack, "memory");
  client.send(set(2, "a", 2, { ack: "disk" }), set(3, "a", 3), set(4, "a", 3, { ack: "memory", idem: true }));
  assertEquals((await client.take(3)).map(({ ack }) => ack ?? null), ["disk", null, "memory"]);
  client.send(set(5, "a", 4));
  assertEquals("ack" in await client.next(), false);
  const commits = log.notes.filter((note) => note.startsWith("commit"));
  assertEquals(commits, ["commit memory", "commit disk", "commit memory"]);
});

Deno.test("ack disk of a value that is there already makes sure of it", async () => {
  const log = new NotingLog();
  await using bench = new Bench({ log });
  const client = await bench.connect();
  client.send(set(1, "a", 1));
  client.send(set(2, "a", 1, { ack: "disk", idem: true }));
  assertEquals((await client.take(2))[1], { changed: false, tock: 1, ack: "disk", seq: 2 });
  assertEquals(log.notes, ["append 1", "commit memory", "append 0", "commit disk"]);
});

Deno.test("fsync always: every reply has waited for the disk, and connections share one sync", async () => {
  const log = new NotingLog();
  await using bench = new Bench({ log, always: true });
  const clients = await Promise.all([bench.connect(), bench.connect(), bench.connect()]);
  for (const client of clients) client.send(set(1, "a", 1, { ack: "memory" }));
  const replies = await Promise.all(clients.map((client) => client.next()));
  assertEquals(replies.map(({ ack }) => ack), ["disk", "disk", "disk"]);
  assertEquals(log.notes, ["append 3", "commit memory"]);
});

async function broken(): Promise<{ bench: Bench; log: NotingLog; client: TestClient; watcher: TestClient }> {
  const log = new NotingLog();
  const bench = new Bench({ log });
  const client = await bench.connect();
  const watcher = await bench.connect();
  client.send(set(1, "a", 1));
  await client.next();
  watcher.send({ seq: 1, action: "watch", path: [], fetch: true });
  await watcher.take(3);
  log.isBroken = true;
  return { bench, log, client, watcher };
}

Deno.test("a turn that cannot be logged leaves no trace: all its requests fail, and nobody hears of it", async () => {
  const { bench, client, watcher } = await broken();
  client.send(
    set(2, "a", 2),
    { seq: 3, action: "get_value", path: ["a"] },
    set(4, "b.new", 3),
    { seq: 5, action: "nonsense" },
    { seq: 6, action: "delete_value", path: ["a"] },
  );
  const replies = await client.take(5);
  assertEquals(replies.map(({ seq }) => seq), [2, 3, 4, 5, 6]);
  assertEquals(replies.map(({ etype }) => etype), ["read_only", "read_only", "read_only", "action", "read_only"]);
  assertIncludes(String(replies[0].error), "cannot write its log and refuses changes: disk full");
  assertEquals(await watcher.pending(), []);
  assertEquals((await client.ask("get_value", { path: P("a"), nchain: 1 })).value, 1);
  assertEquals(bench.store.local.tick, 1);
  assertEquals(bench.store.find(["b.new"], 1), undefined);
  await bench[Symbol.asyncDispose]();
});

Deno.test("after that the server is read-only: changes are refused, reads and watches go on", async () => {
  const { bench, log, client, watcher } = await broken();
  client.send(set(2, "a", 2));
  await client.next();
  log.isBroken = false;
  const refused = [
    await client.ask("set_value", { path: P("a"), value: 3 }),
    await client.ask("delete_value", { path: P("a") }),
    await client.ask("set_internal", { path: P("a"), value: 3 }),
    await client.ask("delete_tree", { path: P("a") }),
    await client.ask("update", { path: P("a"), value: 3, node: "x", tick: 1, tock: 99 }),
    await client.ask("kill_node", { node: "test1" }),
    await client.ask("fake_info", { ticks: { x: 5 } }),
  ];
  assertEquals(refused.map(({ etype }) => etype), Array(7).fill("read_only"));
  assertEquals((await client.ask("get_value", { path: P("a") })).value, 1);
  assertEquals((await client.stream("get_tree", { path: [] })).length, 3);
  assertEquals((await client.ask("set_value", { path: P("a"), value: 1, idem: true })).changed, false);
  assertEquals(await watcher.pending(), []);
  assertEquals(bench.store.local.tick, 1);
  assertTrue(bench.cycle.refusal);
  await bench[Symbol.asyncDispose]();
});

Deno.test("a large delete_tree whose log breaks in the middle says so", async () => {
  const log = new NotingLog();
  await using bench = new Bench({ log });
  const client = await bench.connect();
  for (let i = 0; i < 3000; i++) bench.store.write(bench.store.ensure(["big", i], 2), new Uint8Array([7]), 0, 1);
  bench.store.commit();
  const append = log.append.bind(log);
  let appends = 0;
  log.append = (effects) => {
    append(effects);
    log.isBroken = ++appends === 2;
  };
  assertEquals((await client.ask("delete_tree", { path: P("big") })).etype, "read_only");
  const left = bench.store.liveCount;
  assertTrue(left > 1900 && left < 2100, String(left));
});

Deno.test("a full disk: the server turns read-only, and what was acknowledged is there after a restart", async () => {
  const disk = new MemoryDisk();
  const node = await StoredNode.start(disk);
  const bench = new Bench({ node: "n", store: node.store, log: node.persistence });
  const client = await bench.connect();
  const acknowledged: number[] = [];
  disk.freeBytes = 10_000;
  let refusal: Message | undefined;
  for (let i = 0; refusal === undefined; i++) {
    client.send({ ...set(i, `k${i}`, i), value: new Uint8Array(100) });
    const reply = await client.next();
    if (reply.error === undefined) acknowledged.push(i);
    else refusal = reply;
  }
  assertEquals(refusal.etype, "read_only");
  assertTrue(acknowledged.length > 10);
  assertEquals((await client.ask("get_value", { path: P("k3") })).value, new Uint8Array(100));
  await bench[Symbol.asyncDispose]();
  disk.freeBytes = Infinity;
  const survivor = disk.kill();
  const again = await StoredNode.start(survivor);
  for (const i of acknowledged) assertTrue(again.store.find([`k${i}`], 1)?.hasValue, String(i));
  assertFalse(again.store.find([`k${acknowledged.length}`], 1)?.hasValue);
  await again.stop();
});
