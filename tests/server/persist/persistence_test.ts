/** The state directory: what was written is there again. */
import { RangeSet } from "../../../server/core/range_set.ts";
import { encode } from "../../../wire/msgpack/encoder.ts";
import { keysOf } from "../../../wire/path/keys.ts";
import { parsePath } from "../../../wire/path/parse.ts";
import type { Value } from "../../../wire/value.ts";
import type { IncomingChain } from "../../../server/core/chain.ts";
import { assertEquals, assertRejects, assertTrue } from "../../support/assert.ts";
import { DiskError } from "../../../server/persist/file_system.ts";
import { MemoryDisk } from "../../support/memory_disk.ts";
import { contentOf, seededBytes, StoredNode, valuesOf } from "../../support/stored_node.ts";

function chain(...links: [string, number][]): IncomingChain {
  const [[node, tick], ...rest] = links;
  return { node, tick, prev: rest.length === 0 ? null : chain(...rest) };
}

/** An event from elsewhere. */
function receive(node: StoredNode, path: string, value: Value | undefined, tock: number, ...links: [string, number][]) {
  const keys = keysOf(parsePath(path));
  const bytes = value === undefined ? null : encode(value);
  node.store.merge({
    keys,
    length: keys.length,
    chain: chain(...links),
    tock,
    bytes,
    start: 0,
    end: bytes?.length ?? 0,
  });
}

/** Something of every kind that a log can hold. */
function liveThrough(node: StoredNode): void {
  node.set("a.b", 1);
  node.set("a.c", { x: [1, 2, "é"] });
  node.set(":", "root");
  node.set("a.b", 2);
  node.set("gone", "x");
  node.set("gone", undefined);
  node.set("odd:1:t:-7:1:.5:ve:y00ff:1,'a'", null);
  node.set(":n.inner", true);
  receive(node, "a.d", "theirs", 50, ["m", 1]);
  receive(node, "a.d", "later", 51, ["k", 4], ["m", 1]);
  node.commit();
  receive(node, "a.b", "wins", 90, ["z", 3]); // a.b=2 loses: a conflict
  receive(node, "a.c", "loses", 1, ["z", 4]);
  node.commit();
  node.store.hear("q", 7);
  node.store.giveUp("q", RangeSet.range(2, 3));
  node.commit();
  node.store.purge(node.store.local, node.store.local.tombstones.first(0));
  node.commit();
}

Deno.test("Persistence: everything that happened is there again after a kill, a clean stop, and from a snapshot", async () => {
  let disk = new MemoryDisk();
  const first = await StoredNode.start(disk);
  liveThrough(first);
  const content = contentOf(first.store);
  assertTrue((content.conflicts as string[]).length > 0);
  disk = disk.kill();
  const second = await StoredNode.start(disk);
  assertEquals(contentOf(second.store), content);
  assertEquals(second.persistence.remarks, []);
  second.set("more", 1);
  const more = contentOf(second.store);
  await second.persistence.snapshot();
  assertEquals(disk.list(), ["identity", "log-00000001", "log-00000002", "snapshot-00000002"]);
  await second.stop();
  const third = await StoredNode.start(disk, { bootId: "boot2" });
  assertEquals(contentOf(third.store), more);
  assertEquals([third.persistence.remarks, third.store.local.name], [[], "n"]);
  disk.damage("log-00000001", () => new Uint8Array(0)); // not needed any more
  await third.stop();
  const fourth = await StoredNode.start(disk, { bootId: "boot3" });
  assertEquals(contentOf(fourth.store), more);
});

Deno.test("Persistence: an empty directory is new, also when it was opened before without a write", async () => {
  let disk = new MemoryDisk();
  for (let i = 0; i < 3; i++) {
    const node = await StoredNode.start(disk, { bootId: `boot${i}` });
    assertEquals([node.persistence.isNew, node.store.local.name], [true, "n"]);
    if (i === 0) await node.stop();
    else disk = disk.kill();
  }
});

Deno.test("Persistence: old generations go, two are kept", async () => {
  let disk = new MemoryDisk();
  const node = await StoredNode.start(disk);
  for (let i = 1; i <= 4; i++) {
    node.set("a", i);
    await node.persistence.snapshot();
  }
  node.set("a", "last");
  assertEquals(disk.list().slice(1), [
    "log-00000004",
    "log-00000005",
    "snapshot-00000004",
    "snapshot-00000005",
  ]);
  disk = disk.kill();
  const again = await StoredNode.start(disk);
  assertEquals(valuesOf(again.store), { a: "last" });
});

Deno.test("Persistence: a log that has become long is replaced, once", async () => {
  let disk = new MemoryDisk();
  const node = await StoredNode.start(disk, { logBytesMin: 2000 });
  for (let i = 0; i < 100; i++) {
    node.set(`a.e${i}`, "x".repeat(30));
    await node.clock.settle();
  }
  const content = contentOf(node.store);
  const { logs } = { logs: disk.list().filter((name) => name.startsWith("log")) };
  assertTrue(logs.length <= 3 && logs.at(-1)! > "log-00000002", String(logs));
  disk = disk.kill();
  assertEquals(contentOf((await StoredNode.start(disk)).store), content);
});

Deno.test("Persistence: a directory in use says by whom, and the way out", async () => {
  const disk = new MemoryDisk();
  const first = await StoredNode.start(disk, { holder: "process 17" });
  const error = await assertRejects(() => StoredNode.start(disk), DiskError, "process 17");
  assertTrue(error.message.includes("or use another state directory"));
  await first.stop();
  await StoredNode.start(disk);
});

Deno.test("Persistence: writes while a snapshot is made are all there, wherever the snapshot is", async () => {
  for (let writes = 1; writes < 40; writes += 3) {
    let disk = new MemoryDisk();
    const node = await StoredNode.start(disk);
    for (let i = 0; i < 300; i++) node.set(`a.e${i}`, i);
    const busy = node.persistence.snapshot();
    for (let i = 0; i < writes; i++) {
      node.set(`a.e${i * 7}`, `new${i}`);
      if (i % 2) node.set(`a.e${i * 5 + 1}`, undefined);
      node.set(`b.e${i}`, i);
      await Promise.resolve();
    }
    await busy;
    const content = contentOf(node.store);
    disk = disk.kill();
    assertEquals(contentOf((await StoredNode.start(disk)).store), content);
  }
});

Deno.test("Persistence: a log cut anywhere never has the winner of a conflict without the loser", async () => {
  for (const winnerTock of [90, 1]) {
    const disk = new MemoryDisk();
    const node = await StoredNode.start(disk);
    node.set("x", 0);
    node.set("a", "ours");
    receive(node, "a", "theirs", winnerTock, ["z", 3]);
    node.commit();
    const bytes = disk.contentOf("log-00000001");
    for (let size = 100; size <= bytes.length; size++) {
      const cut = disk.twin();
      cut.damage("log-00000001", (content) => content.slice(0, size));
      const { store } = await StoredNode.start(cut);
      const hasHeard = store.writers.get("z")?.have.has(3) === true;
      assertEquals([...store.conflicts].length, hasHeard ? 1 : 0, `cut at ${size} of ${bytes.length}`);
    }
  }
});

Deno.test("Persistence: random lives with purges, in trees of odd elements, are there again from log and snapshot", async () => {
  const elements = ["a", "b", ":3", ":-9", ":t", ":f", ":1:.5", ":vx", ":1,'a'", "long".repeat(20), ":e"];
  for (let seed = 1; seed <= 25; seed++) {
    const random = seededBytes(seed);
    const below = (n: number) => (random(1)[0] << 8 | random(1)[0]) % n;
    const path = () => Array.from({ length: 1 + below(4) }, () => elements[below(2 + seed % 10)]);
    const disk = new MemoryDisk();
    const node = await StoredNode.start(disk);
    for (let i = 0; i < 120; i++) {
      const text = path().join(".").replaceAll(".:", ":");
      node.set(text, below(3) === 0 ? undefined : i);
      const { local } = node.store;
      if (i % 7 === 0 && !local.tombstones.isEmpty) {
        node.store.purge(local, local.tombstones.first(below(local.tombstones.rangeCount)));
        node.commit();
      }
      if (i === 60 && seed % 2) await node.persistence.snapshot();
    }
    const content = contentOf(node.store);
    const again = await StoredNode.start(disk.kill());
    assertEquals(contentOf(again.store), content, `seed ${seed}`);
    assertEquals(again.store.entryCount, node.store.entryCount, `seed ${seed}`);
  }
});

Deno.test("Persistence: thousands of branches, whose remembered places meet, come back each with its own", async () => {
  const disk = new MemoryDisk();
  const node = await StoredNode.start(disk);
  for (let round = 0; round < 2; round++) for (let i = 0; i < 4000; i++) node.set(`a.branch${i}.leaf${round}`, i);
  const content = valuesOf(node.store);
  assertEquals(valuesOf((await StoredNode.start(disk.kill())).store), content);
});
