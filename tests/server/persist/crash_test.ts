/** A node dies at every single disk operation, in every way: what it acknowledged is there, and no tick is used twice. */
import type { FsyncPolicy, Level } from "../../../server/persist/surroundings.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";
import { Ghost } from "../../support/ghost.ts";
import { Crash, MemoryDisk, type PowerCut } from "../../support/memory_disk.ts";
import { StoredNode } from "../../support/stored_node.ts";

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
