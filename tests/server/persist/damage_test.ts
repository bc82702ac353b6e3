/** Damaged files: what is intact is there, what is lost is named, and no tick is used twice. */
import { frameHeaderBytes } from "../../../server/persist/frame.ts";
import { fileHeaderBytes } from "../../../server/persist/file_header.ts";
import type { Finding } from "../../../server/persist/finding.ts";
import { assertEquals, assertIncludes, assertTrue } from "../../support/assert.ts";
import { MemoryDisk } from "../../support/memory_disk.ts";
import { contentOf, seededBytes, StoredNode, valuesOf } from "../../support/stored_node.ts";

const LOG = "log-00000001";

/** What a node wrote: each write's place in the log, its path and value, and its head. */
interface Written {
  from: number;
  to: number;
  path: string;
  value: string;
  head: string;
}

/** A killed node that made these writes. */
async function written(paths: string[]): Promise<{ disk: MemoryDisk; writes: Written[] }> {
  const disk = new MemoryDisk();
  const node = await StoredNode.start(disk);
  const writes: Written[] = [];
  for (const [i, path] of paths.entries()) {
    const from = node.persistence.journal.bytes;
    const head = node.set(path, `v${i}`);
    writes.push({ from, to: node.persistence.journal.bytes, path, value: `v${i}`, head });
  }
  return { disk: disk.kill(), writes };
}

function expectedOf(writes: Written[]): Record<string, string> {
  return Object.fromEntries(writes.map(({ path, value }) => [path, value]));
}

const paths = ["a.b", "a.c", "x", "a.b", "long.long.path:1:t", "x"];

Deno.test("a log cut anywhere gives every whole record, and names what is cut off", async () => {
  const { disk, writes } = await written(paths);
  const bytes = disk.contentOf(LOG);
  for (let size = 0; size <= bytes.length; size++) {
    const cut = disk.twin();
    cut.damage(LOG, (content) => content.slice(0, size));
    const node = await StoredNode.start(cut, { bootId: "boot2" });
    const whole = writes.filter(({ to }) => to <= size);
    assertEquals(valuesOf(node.store), expectedOf(whole), `at ${size}`);
    const isTorn = !writes.some(({ from, to }) => size === from || size === to);
    const at = size < fileHeaderBytes ? 0 : whole.at(-1)?.to ?? fileHeaderBytes;
    const expected: Finding[] = isTorn ? [{ kind: "torn", file: LOG, from: at, to: size, isLoss: false }] : [];
    assertEquals(node.persistence.findings, expected, `at ${size}`);
    assertTrue(node.set("after", 1).startsWith("n~"), "a cut log is what a power cut leaves");
    const again = await StoredNode.start(cut.kill(), { bootId: "boot2" });
    assertEquals(valuesOf(again.store), { ...expectedOf(whole), after: 1 });
    assertEquals(again.persistence.findings, []);
  }
});

Deno.test("any flipped bit of a log: everything intact is there, the damage is named, no tick is used twice", async () => {
  const { disk, writes } = await written(paths);
  const heads = new Set(writes.map(({ head }) => head));
  for (let bit = 0; bit < disk.contentOf(LOG).length * 8; bit++) {
    const flipped = disk.twin();
    flipped.flip(LOG, bit);
    const node = await StoredNode.start(flipped);
    const hit = writes.find(({ from, to }) => from * 8 <= bit && bit < to * 8);
    assertEquals(valuesOf(node.store), expectedOf(writes.filter((write) => write !== hit)), `bit ${bit}`);
    const finding: Finding = hit
      ? { kind: "damaged", file: LOG, from: hit.from, to: hit.to, isLoss: true }
      : { kind: "header", file: LOG, from: 0, to: fileHeaderBytes, isLoss: false };
    assertEquals(node.persistence.findings, [finding], `bit ${bit}`);
    const head = node.set("after", 1);
    assertTrue(!heads.has(head), `${head} was used before bit ${bit} flipped`);
    assertEquals(head.startsWith("n~"), hit !== undefined);
  }
});

Deno.test("after a loss only the heads that are here are had; everything else is missing", async () => {
  const { disk, writes } = await written(paths);
  disk.flip(LOG, writes[1].from * 8 + 100);
  const { store } = await StoredNode.start(disk);
  const writer = store.writers.get("n")!;
  assertEquals([writer.have.toWire(), writer.missing().toWire(), writer.tick], [[[4, 7]], [[1, 4]], 6]);
});

Deno.test("damage is told as file and byte range, with the consequence", async () => {
  const { disk, writes } = await written(paths);
  disk.flip(LOG, writes[1].from * 8 + 100);
  const { persistence, store } = await StoredNode.start(disk);
  const { from, to } = writes[1];
  assertEquals(persistence.remarks, [
    `${LOG}: dropped bytes ${from} to ${to - 1}, which are damaged`,
    `Changes are made under the new name ${store.local.name}, because part of the state is lost`,
  ]);
});

/** A node with two generations, killed; what it held. */
async function twoGenerations(): Promise<{ disk: MemoryDisk; content: ReturnType<typeof contentOf> }> {
  const disk = new MemoryDisk();
  const node = await StoredNode.start(disk);
  for (let i = 0; i < 5; i++) node.set(`a.e${i}`, i);
  node.set("a.e0", undefined);
  await node.persistence.snapshot();
  node.set("a.e1", "after 2");
  await node.persistence.snapshot();
  node.set("a.e2", "after 3");
  node.set("b", 1);
  const content = contentOf(node.store);
  return { disk: disk.kill(), content };
}

Deno.test("any flipped bit of the newest snapshot: nothing is lost, the damage is named, the name is kept", async () => {
  const { disk, content } = await twoGenerations();
  const name = "snapshot-00000003";
  for (let bit = 0; bit < disk.contentOf(name).length * 8; bit++) {
    const flipped = disk.twin();
    flipped.flip(name, bit);
    const { persistence, store } = await StoredNode.start(flipped);
    assertEquals(contentOf(store), content, `bit ${bit}`);
    assertEquals(persistence.findings.map(({ file, isLoss }) => [file, isLoss]), [[name, false]], `bit ${bit}`);
    assertEquals(store.local.name, "n");
    assertTrue(persistence.remarks[0].startsWith(`${name}: `));
  }
});

Deno.test("a snapshot cut anywhere, also between records, is noticed, and the older one is taken", async () => {
  const { disk, content } = await twoGenerations();
  const name = "snapshot-00000003";
  for (let size = 0; size < disk.contentOf(name).length; size++) {
    const cut = disk.twin();
    cut.damage(name, (bytes) => bytes.slice(0, size));
    const { persistence, store } = await StoredNode.start(cut);
    assertEquals(contentOf(store), content, `at ${size}`);
    assertEquals(persistence.findings.every(({ file, isLoss }) => file === name && !isLoss), true);
    assertTrue(persistence.findings.length > 0, `at ${size}`);
  }
});

Deno.test("the first snapshot can be replaced by the first log", async () => {
  const disk = new MemoryDisk();
  const node = await StoredNode.start(disk);
  node.set("a", 1);
  await node.persistence.snapshot();
  node.set("b", 2);
  const content = contentOf(node.store);
  const next = disk.kill();
  next.damage("snapshot-00000002", () => new Uint8Array(500));
  const { store, persistence } = await StoredNode.start(next);
  assertEquals(contentOf(store), content);
  assertEquals(persistence.findings.every(({ isLoss }) => !isLoss), true);
});

Deno.test("both snapshots damaged: what is intact in either is there", async () => {
  const { disk } = await twoGenerations();
  const [early, late] = ["snapshot-00000002", "snapshot-00000003"].map((name) => disk.contentOf(name).length);
  disk.flip("snapshot-00000002", (early - 60) * 8);
  disk.flip("snapshot-00000003", (late - 100) * 8);
  const { store, persistence } = await StoredNode.start(disk);
  assertEquals(valuesOf(store), { "a.e1": "after 2", "a.e2": "after 3", "a.e3": 3, "a.e4": 4, b: 1 });
  assertTrue(persistence.findings.some(({ isLoss }) => isLoss) && store.local.name.startsWith("n~"));
});

Deno.test("after a loss the higher rank stays: a snapshot can be ahead of the log", async () => {
  const disk = new MemoryDisk();
  const node = await StoredNode.start(disk);
  node.set("big", "x".repeat(70_000)); // the snapshot rests behind it
  node.set("y", 1);
  const busy = node.persistence.snapshot();
  while (!disk.list().includes("snapshot-00000002.new")) await Promise.resolve();
  node.set("y", 2);
  const from = node.persistence.journal.bytes;
  node.set("y", 3);
  await busy;
  const next = disk.kill();
  next.flip("log-00000002", from * 8 + 100);
  const { store, persistence } = await StoredNode.start(next);
  assertEquals([valuesOf(store).y, persistence.findings.length], [3, 1]);
});

Deno.test("a missing log is a loss that is named", async () => {
  for (const [name, expected] of [["log-00000003", "after 2"], ["log-00000002", "after 2"]]) {
    const { disk } = await twoGenerations();
    disk.remove(name);
    if (name === "log-00000002") disk.damage("snapshot-00000003", (bytes) => bytes.slice(0, 200));
    const { store, persistence } = await StoredNode.start(disk);
    assertIncludes(persistence.remarks.join("\n"), `${name}: the file is missing`);
    assertTrue(store.local.name.startsWith("n~"));
    if (name === "log-00000003") assertEquals(valuesOf(store)["a.e1"], expected);
  }
});

Deno.test("bytes changed, put in, taken out, anywhere in any file: it starts, and no tick is used twice", async () => {
  const { disk } = await twoGenerations();
  const heads = new Set(Array.from({ length: 9 }, (_, i) => `n:${i + 1}`));
  const random = seededBytes(4);
  const below = (n: number) => ((random(1)[0] << 16) + (random(1)[0] << 8) + random(1)[0]) % n;
  for (let round = 0; round < 400; round++) {
    const broken = disk.twin();
    const names = broken.list();
    const name = names[below(names.length)];
    broken.damage(name, (bytes) => {
      const at = below(bytes.length);
      const some = below(20);
      if (round % 3 === 0) return void bytes.set(random(Math.min(some, bytes.length - at)), at);
      const kept = round % 3 === 1 ? at : Math.min(bytes.length, at + some);
      return new Uint8Array([...bytes.subarray(0, at), ...random(round % 3 === 1 ? some : 0), ...bytes.subarray(kept)]);
    });
    const node = await StoredNode.start(broken, { bootId: "boot2" });
    assertTrue(!heads.has(node.set("after", round)), `round ${round}, ${name}`);
    assertEquals(valuesOf(node.store).b === 1 || node.persistence.findings.length > 0, true);
    const content = valuesOf(node.store);
    await node.persistence.rotated();
    assertEquals(valuesOf((await StoredNode.start(broken.kill())).store), content, `round ${round}, ${name}`);
  }
});

Deno.test("damage is healed: a snapshot follows the first write, and the next start finds nothing", async () => {
  const { disk, writes } = await written(paths);
  disk.flip(LOG, writes[1].from * 8 + 100);
  const node = await StoredNode.start(disk);
  const name = node.store.local.name;
  node.set("after", 1);
  await node.persistence.rotated();
  const content = contentOf(node.store);
  const again = await StoredNode.start(disk.kill());
  assertEquals([again.persistence.findings, again.store.local.name], [[], name]);
  assertEquals(contentOf(again.store), content);
});

Deno.test("a flipped bit in the identity or the mark of a clean stop loses nothing, and the name is not trusted", async () => {
  const disk = new MemoryDisk();
  const first = await StoredNode.start(disk);
  first.set("a", 1);
  const content = contentOf(first.store);
  await first.stop();
  for (const name of ["identity", "clean"]) {
    for (let bit = 0; bit < disk.contentOf(name).length * 8; bit++) {
      const flipped = disk.twin();
      flipped.flip(name, bit);
      const { store } = await StoredNode.start(flipped, { bootId: "boot2" });
      assertEquals(contentOf(store), content, `${name} bit ${bit}`);
      assertTrue(store.local.name.startsWith("n~"), `${name} bit ${bit}`);
    }
  }
});

Deno.test("a frame is small: its overhead is what the layout says", async () => {
  const { writes } = await written(["a"]);
  assertEquals(writes[0].to - writes[0].from, frameHeaderBytes + "\x97\x01\x01\xa1n\x01\x90\x91\xa1a\xa2v0".length);
});
