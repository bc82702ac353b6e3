/** The log: one write for each commit, synced when the policy says so, and nothing of a failed commit left. */
import { Store } from "../../../server/core/store.ts";
import { DiskError } from "../../../server/persist/file_system.ts";
import { beginFile, fileName, saltOf } from "../../../server/persist/generation.ts";
import { Journal } from "../../../server/persist/journal.ts";
import type { FsyncPolicy, Level } from "../../../server/persist/surroundings.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";
import { ManualClock } from "../../support/manual_clock.ts";
import { MemoryDisk } from "../../support/memory_disk.ts";
import { StoredNode, valuesOf } from "../../support/stored_node.ts";

/** A journal on a disk, and what is written with it. */
class Log {
  readonly disk = new MemoryDisk();
  readonly clock = new ManualClock();
  readonly store = new Store({ node: "n" });
  readonly failures: string[] = [];
  readonly journal: Journal;

  constructor(policy: FsyncPolicy) {
    this.journal = new Journal(this.begin(1), this.store.values, policy, this.clock, (failure) => {
      this.failures.push(failure.message);
    });
    this.disk.sync();
    this.disk.trace.length = 0;
  }
  begin(number: number) {
    const file = beginFile(this.disk, fileName("log", number), "log", number, 7);
    return { file, salt: saltOf("log", number, 7) };
  }
  /** Sets entries in one commit. */
  set(names: string, level: Level = "memory"): Level {
    for (const name of names) this.store.write(this.store.ensure([name], 1), Uint8Array.of(1), 0, 1);
    this.journal.append(this.store.effects);
    try {
      const reached = this.journal.commit(level);
      this.store.commit();
      return reached;
    } catch (error) {
      this.store.rollback();
      throw error;
    }
  }
  /** What was done to the disk since the last look. */
  steps(): string[] {
    return this.disk.trace.splice(0).map((step) => step.replace("log-0000000", "").replace(/ \d{2,}$/, ""));
  }
}

/** What is on the disk after a power cut. */
async function afterPowerCut(disk: MemoryDisk): Promise<string> {
  const { store } = await StoredNode.start(disk.powerCut());
  return Object.keys(valuesOf(store)).sort().join("");
}

Deno.test("Journal: a commit is one write, however many changes it has", () => {
  const log = new Log("no");
  log.set("abcdefgh");
  assertEquals(log.steps(), ["append 1"]);
  assertEquals([log.journal.written, log.journal.durable], [8, 0]);
});

Deno.test("Journal: with always every commit is on the disk before it returns", async () => {
  const log = new Log("always");
  assertEquals(log.set("a"), "disk");
  assertEquals(log.steps(), ["append 1", "sync 1"]);
  assertEquals(await afterPowerCut(log.disk), "a");
});

Deno.test("Journal: with everysec a commit is on the disk a second later, with one sync for all of that second", async () => {
  const log = new Log("everysec");
  assertEquals(log.set("a"), "memory");
  log.clock.advance(0);
  await log.clock.settle();
  assertEquals(log.steps(), ["append 1", "sync 1"], "the first one is synced at once");
  for (let i = 0; i < 10; i++) {
    log.set("b");
    log.clock.advance(99);
    await log.clock.settle();
  }
  assertEquals(log.steps(), Array(10).fill("append 1"));
  log.clock.advance(10);
  await log.clock.settle();
  assertEquals(log.steps(), ["sync 1"]);
  assertEquals([log.journal.written, log.journal.durable], [11, 11]);
  log.clock.advance(10_000);
  await log.clock.settle();
  assertEquals([log.steps(), log.clock.timers], [[], 0], "an idle node leaves the disk alone");
});

Deno.test("Journal: with no the disk is left to the system, but one who asks for it gets it", async () => {
  const log = new Log("no");
  log.set("a");
  log.clock.advance(10_000);
  await log.clock.settle();
  assertEquals(log.steps(), ["append 1"]);
  assertEquals(log.set("b", "disk"), "disk");
  assertEquals(await afterPowerCut(log.disk), "ab");
});

Deno.test("Journal: to ask for the disk with nothing new still waits for what was written before", async () => {
  const log = new Log("everysec");
  log.set("a");
  assertEquals(log.journal.commit("disk"), "disk");
  assertEquals(log.steps(), ["append 1", "sync 1"]);
  assertEquals(log.journal.commit("memory"), "disk");
  assertEquals(log.steps(), []);
  assertEquals(await afterPowerCut(log.disk), "a");
});

Deno.test("Journal: after the change to another file, on the disk means both files", async () => {
  for (const how of ["asked", "background"]) {
    const log = new Log("no");
    const next = log.begin(2);
    log.disk.sync();
    log.set("a");
    log.journal.rotate(next);
    if (how === "asked") assertEquals(log.set("b", "disk"), "disk");
    else await log.clock.settle();
    assertEquals(log.journal.durable, log.journal.written);
    assertEquals(await afterPowerCut(log.disk), how === "asked" ? "ab" : "a", how);
  }
});

Deno.test("Journal: the log before is on the disk before a snapshot may take its place, also if a sync was under way", async () => {
  const log = new Log("no");
  const next = log.begin(2);
  log.disk.sync();
  void log.journal.syncLater(); // begun before, so it knows nothing of what follows
  log.set("a");
  log.journal.rotate(next);
  await log.journal.olderSynced();
  assertEquals(await afterPowerCut(log.disk), "a");
});

Deno.test("Journal: after a failed sync nothing is believed any more", async () => {
  for (const policy of ["always", "everysec"] as const) {
    const log = new Log(policy);
    log.set("a", "disk");
    log.disk.failAt = log.disk.steps + 1; // the write succeeds, the sync does not
    log.disk.failures = 1;
    if (policy === "always") {
      assertThrows(() => log.set("b"), DiskError, "I/O error");
    } else {
      log.set("b");
      log.clock.advance(1000);
      await log.clock.settle();
    }
    assertThrows(() => log.set("c"), DiskError, "I/O error");
    assertEquals(log.failures.length, 1);
    assertEquals(log.clock.timers, 0);
  }
});

Deno.test("Journal: a failed write is taken back, also a half of it", () => {
  const log = new Log("no");
  log.set("a");
  const before = log.disk.contentOf(fileName("log", 1));
  log.disk.freeBytes = 5;
  assertThrows(() => log.set("bcd"), DiskError, "No space");
  assertEquals(log.disk.contentOf(fileName("log", 1)), before);
  assertEquals([log.journal.isWhole, log.journal.isPending, log.store.local.tick], [true, false, 1]);
});

Deno.test("Journal: if a failed write cannot even be taken back, it says so", () => {
  const log = new Log("no");
  log.disk.failAt = log.disk.steps;
  assertThrows(() => log.set("a"), DiskError);
  assertEquals(log.journal.isWhole, false);
});
