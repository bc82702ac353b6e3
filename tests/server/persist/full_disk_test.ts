/** A disk that refuses: nothing half is left, nothing refused comes back, and the node goes on as far as it can. */
import { DiskError } from "../../../server/persist/file_system.ts";
import { keysOf } from "../../../wire/path/keys.ts";
import { parsePath } from "../../../wire/path/parse.ts";
import { assertEquals, assertThrows, assertTrue } from "../../support/assert.ts";
import { Ghost } from "../../support/ghost.ts";
import { MemoryDisk } from "../../support/memory_disk.ts";
import { contentOf, StoredNode, valuesOf } from "../../support/stored_node.ts";

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
