/**
 * A node dies at every single disk operation, in every way: what it acknowledged is there, nothing it refused is, and no
 * tick that ever left it is used for something else.
 */
import { DiskError } from "../../../server/persist/file_system.ts";
import type { FsyncPolicy, Level } from "../../../server/persist/surroundings.ts";
import { keysOf } from "../../../wire/path/keys.ts";
import { parsePath } from "../../../wire/path/parse.ts";
import { assertEquals, assertThrows, assertTrue } from "../../support/assert.ts";
import { Crash, MemoryDisk, type PowerCut } from "../../support/memory_disk.ts";
import { contentOf, StoredNode, valuesOf } from "../../support/stored_node.ts";

/** What a node acknowledged, and which ticks it showed to anybody. */
class Ghost {
  /** Newest acknowledged value by path, and the level it reached. */
  readonly acked = new Map<string, { value: number; level: Level }>();
  /** Newest value that was tried, by path. */
  readonly tried = new Map<string, number>();
  /** What each head stands for. */
  readonly heads = new Map<string, string>();

  /** Writes, and remembers what came of it. Returns false if the process died. */
  write(node: StoredNode, path: string, value: number, level: Level): boolean {
    this.tried.set(path, value);
    try {
      const head = node.set(path, value, level);
      this.learn(head, `${path}=${value}`);
      const reached = node.persistence.journal.durable === node.persistence.journal.written ? "disk" : "memory";
      this.acked.set(path, { value, level: reached });
      return true;
    } catch (error) {
      if (error instanceof Crash) return false;
      throw error;
    }
  }

  learn(head: string, content: string): void {
    assertEquals(this.heads.get(head) ?? content, content, `${head} is used twice`);
    this.heads.set(head, content);
  }

  /** Everything acknowledged is on the disk by now, if the node says so. */
  look(node: StoredNode): void {
    const { durable, written } = node.persistence.journal;
    if (durable === written) {
      for (const [path, { value }] of this.acked) this.acked.set(path, { value, level: "disk" });
    }
  }

  /** After a restart: everything acknowledged at one of these levels is there, or something that was tried later. */
  check(node: StoredNode, levels: Level[], where: string): void {
    const values = valuesOf(node.store);
    for (const [path, { value, level }] of this.acked) {
      if (!levels.includes(level)) continue;
      const found = values[path] as number | undefined;
      assertTrue(found === value || found === this.tried.get(path), `${where}: ${path} is ${found}, not ${value}`);
    }
    for (const path in values) assertTrue(this.tried.has(path), `${where}: ${path} was never written`);
  }
}

const policies: FsyncPolicy[] = ["always", "everysec", "no"];

/** A life with two snapshots and some syncs. Returns false if the process died. */
async function live(node: StoredNode, ghost: Ghost, disk: MemoryDisk): Promise<boolean> {
  let count = 0;
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 4; i++) {
      if (!ghost.write(node, `e${(i * 3 + round) % 5}`, ++count, i === 2 ? "disk" : "memory")) return false;
    }
    node.clock.advance(1500);
    await node.clock.settle();
    if (disk.isDead) return false;
    ghost.look(node);
    if (!ghost.write(node, `before${round}`, ++count, "memory")) return false;
    void node.persistence.snapshot();
    for (let i = 0; i < 12; i++) {
      for (let turn = 0; turn < 2; turn++) await Promise.resolve();
      if (disk.isDead || !ghost.write(node, `during${i}`, ++count, i === 8 ? "disk" : "memory")) return false;
    }
    await node.clock.settle();
    if (disk.isDead) return false;
    ghost.look(node);
  }
  const stopping = node.stop().catch((error) => {
    if (!(error instanceof Crash)) throw error;
  });
  await Promise.race([stopping, node.clock.settle()]);
  return !disk.isDead;
}

const cuts: Record<string, PowerCut> = {
  "nothing unsynced": {},
  "everything unsynced": { operations: (n) => n, tail: (n) => n },
  "half of it": { operations: (n) => n >> 1, tail: (n) => n >> 1 },
  "names, but no content": { operations: (n) => n },
  "content, but no names": { tail: (n) => n },
  "removals, but no names": { removals: true, tail: (n) => n },
  "names, and zeros": { operations: (n) => n, tail: (n) => n >> 2, zeros: () => true },
};

/** Runs a life that dies at each step in turn; `restart` gives the disk to go on with. */
async function dieEverywhere(
  fsync: FsyncPolicy,
  levels: Level[],
  bootId: string,
  restart: (disk: MemoryDisk) => MemoryDisk,
): Promise<number> {
  for (let step = 0;; step++) {
    const disk = new MemoryDisk();
    disk.crashAt = step;
    const ghost = new Ghost();
    const node = await StoredNode.start(disk, { fsync }).catch((error) => {
      if (!(error instanceof Crash)) throw error;
    });
    const survived = node !== undefined && await live(node, ghost, disk);
    let next = restart(disk);
    for (let again = 0; again < 2; again++) {
      const where = `step ${step} (${disk.trace.at(-1)}), start ${again}`;
      const second = await StoredNode.start(next, { fsync, bootId });
      ghost.check(second, levels, where);
      for (let i = 0; i < 2; i++) assertTrue(ghost.write(second, `e${i}`, 100 + again * 10 + i, "disk"), where);
      await second.persistence.rotated();
      next = next.kill();
    }
    if (survived) return step;
  }
}

for (const fsync of policies) {
  Deno.test(`killed at any step with ${fsync}: everything acknowledged is there, no tick is used twice`, async () => {
    const steps = await dieEverywhere(fsync, ["memory", "disk"], "boot1", (disk) => disk.kill());
    assertTrue(steps > 60, `${steps} steps`);
  });

  for (const [what, cut] of Object.entries(cuts)) {
    Deno.test(`power cut at any step with ${fsync}, on the disk is ${what}: all of level disk is there`, async () => {
      await dieEverywhere(fsync, ["disk"], "boot2", (disk) => disk.powerCut(cut));
    });
  }
}

Deno.test("killed at any step, then a run with always that loses power: it has everything, or another name", async () => {
  for (let step = 0;; step++) {
    const disk = new MemoryDisk();
    disk.crashAt = step;
    const ghost = new Ghost();
    const first = await StoredNode.start(disk, { fsync: "no" }).catch(() => undefined);
    const survived = first !== undefined && await live(first, ghost, disk);
    const next = disk.kill();
    const second = await StoredNode.start(next, { fsync: "always" });
    ghost.write(second, "e0", 100, "memory");
    const third = await StoredNode.start(next.powerCut(), { bootId: "boot2" });
    ghost.check(third, third.store.local.name === "n" ? ["memory", "disk"] : ["disk"], `step ${step}`);
    assertEquals(third.store.local.name, "n", `step ${step}`);
    if (survived) return;
  }
});

Deno.test("a full disk at any byte: the write is refused and taken back, reads go on, nothing half is left", async () => {
  for (let free = 0; free < 900; free++) {
    const disk = new MemoryDisk();
    disk.freeBytes = free + 64; // the first log's header, without which there is no start
    const node = await StoredNode.start(disk);
    let before = contentOf(node.store);
    let refused = false;
    for (let i = 0; i < 12 && !refused; i++) {
      try {
        node.set(`e${i % 5}`, `value ${i}`);
        before = contentOf(node.store);
      } catch (error) {
        assertTrue(error instanceof DiskError && error.reason === "full", String(error));
        refused = true;
      }
    }
    assertEquals(contentOf(node.store), before, `${free} bytes free`);
    assertEquals(node.persistence.failure?.reason, refused ? "full" : undefined);
    if (refused) assertThrows(() => node.set("e0", 1), DiskError);
    assertEquals(contentOf(node.store), before);
    const next = disk.kill();
    next.freeBytes = Infinity;
    const again = await StoredNode.start(next);
    assertEquals([contentOf(again.store), again.persistence.findings], [before, []], `${free} bytes free`);
  }
});

Deno.test("a full disk that has room again is written again; after an I/O error nothing is", async () => {
  for (const how of ["full", "io", "full, and the half write could not be taken back"]) {
    const disk = new MemoryDisk();
    const heard: string[] = [];
    const onFailure = (failure: DiskError) => heard.push(failure.reason);
    const node = await StoredNode.start(disk, { onFailure, onRecovery: () => heard.push("recovered") });
    node.set("a", 1);
    if (how === "io") disk.failAt = disk.steps;
    else disk.freeBytes = 5;
    if (how.length > 4) disk.failAt = disk.steps + 2; // one write, one more, and then the cut
    disk.failures = 1;
    assertThrows(() => node.set("b", 2), DiskError);
    node.clock.advance(6000);
    assertThrows(() => node.set("b", 2), DiskError);
    disk.freeBytes = Infinity;
    node.clock.advance(6000);
    if (how === "full") {
      assertEquals(heard, ["full", "recovered"]);
      assertEquals(node.set("b", 3), "n:2");
    } else {
      assertThrows(() => node.set("b", 2), DiskError);
      assertEquals(heard.length, 1);
    }
    const again = await StoredNode.start(disk.kill());
    assertEquals(valuesOf(again.store), how === "full" ? { a: 1, b: 3 } : { a: 1 }, how);
  }
});

Deno.test("a full disk while a snapshot is written: the node goes on, and the next snapshot is tried later", async () => {
  const reports: string[] = [];
  const disk = new MemoryDisk();
  const node = await StoredNode.start(disk, { report: (text) => reports.push(text) });
  for (let i = 0; i < 20; i++) node.set(`e${i}`, "x".repeat(50));
  disk.freeBytes = 500;
  await node.persistence.snapshot();
  assertEquals(reports.length, 1);
  assertTrue(disk.list().every((name) => !name.endsWith(".new")), String(disk.list()));
  node.set("e1", "still works");
  disk.freeBytes = Infinity;
  await node.persistence.snapshot();
  assertEquals(reports.length, 1, "too early");
  node.clock.advance(61_000);
  await node.persistence.snapshot();
  assertTrue(disk.list().some((name) => name.startsWith("snapshot")));
  const content = contentOf(node.store);
  assertEquals(contentOf((await StoredNode.start(disk.kill())).store), content);
});

Deno.test("an I/O error at any step: what was acknowledged is there, what was refused is not", async () => {
  for (let step = 0; step < 60; step++) {
    const disk = new MemoryDisk();
    const node = await StoredNode.start(disk, { fsync: step % 2 ? "always" : "everysec" });
    const ghost = new Ghost();
    disk.failAt = disk.steps + step;
    disk.failures = 1;
    const refused = new Set<number>();
    for (let i = 0; i < 12; i++) {
      try {
        ghost.write(node, `e${i % 5}`, i, i % 4 === 3 ? "disk" : "memory");
      } catch (error) {
        assertTrue(error instanceof DiskError);
        refused.add(i);
      }
      if (i === 5) await node.persistence.snapshot();
    }
    const next = disk.kill();
    const again = await StoredNode.start(next);
    const values = valuesOf(again.store);
    for (const [path, { value }] of ghost.acked) assertEquals(values[path], value, `step ${step}: ${path}`);
    for (const value of Object.values(values)) assertTrue(!refused.has(value as number), `step ${step}: ${value}`);
  }
});

Deno.test("a snapshot with a change in it that the log then refuses does not come into place", async () => {
  const disk = new MemoryDisk();
  const node = await StoredNode.start(disk);
  node.set("a", 1);
  const busy = node.persistence.snapshot();
  await Promise.resolve();
  const keys = keysOf(parsePath("refused"));
  for (let turn = 0; turn < 60; turn++) {
    if (turn === 5) node.store.write(node.store.ensure(keys, 1), Uint8Array.of(7), 0, 1);
    await Promise.resolve();
  }
  assertTrue(!disk.list().some((name) => /^snapshot-\d+$/.test(name)), String(disk.list()));
  disk.freeBytes = 0;
  assertThrows(() => node.commit(), DiskError);
  await busy;
  const next = disk.kill();
  next.freeBytes = Infinity;
  const again = await StoredNode.start(next);
  assertEquals([valuesOf(again.store), again.persistence.findings], [{ a: 1 }, []]);
});
