/** When a node may go on under its writer name, and when it must take a new one. */
import { assertEquals, assertIncludes, assertNotEquals, assertTrue } from "../../support/assert.ts";
import { MemoryDisk } from "../../support/memory_disk.ts";
import { StoredNode, valuesOf } from "../../support/stored_node.ts";
import type { PersistenceOptions } from "../../../server/persist/persistence.ts";

/** A directory in which a node wrote `a`, and its stop. */
async function lived(stop: "clean" | "killed", options: Partial<PersistenceOptions> = {}): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  const node = await StoredNode.start(disk, options);
  node.set("a", 1, "disk");
  if (stop === "clean") await node.stop();
  return disk.kill();
}

/** The name a node writes under, and why. */
async function nameIn(disk: MemoryDisk, options: Partial<PersistenceOptions> = {}): Promise<[string, string?]> {
  const node = await StoredNode.start(disk, options);
  assertEquals(valuesOf(node.store).a, 1, "state is kept in any case");
  const [name] = node.set("b", 2).split(":");
  const { renewedBecause, isFromElsewhere } = node.persistence;
  const isPowerCut = renewedBecause?.startsWith("the machine stopped") ?? false;
  assertEquals(
    isFromElsewhere,
    renewedBecause !== undefined && !isPowerCut,
    "only a power cut took nothing that counts",
  );
  return [name.replace(/~[a-z2-7]{8}$/, "~new"), renewedBecause];
}

const boot1 = { bootId: "boot1" };
const boot2 = { bootId: "boot2" };
const unknown = { bootId: undefined };
const kept: [string, string?] = ["n", undefined];

Deno.test("identity: a clean stop keeps the name, also over a boot, also if the boot is not known", async () => {
  for (const options of [boot1, boot2, unknown]) assertEquals(await nameIn(await lived("clean", options), boot2), kept);
  assertEquals(await nameIn(await lived("clean", boot1), unknown), kept);
});

Deno.test("identity: a killed process keeps the name on the same boot", async () => {
  assertEquals(await nameIn(await lived("killed", boot1), boot1), kept);
});

Deno.test("identity: a power cut takes a new name, unless every write had waited for the disk", async () => {
  const why = "the machine stopped before everything was on the disk";
  assertEquals(await nameIn((await lived("killed", boot1)).powerCut(), boot2), ["n~new", why]);
  assertEquals(await nameIn(await lived("killed", boot1), unknown), ["n~new", why]);
  assertEquals(await nameIn(await lived("killed", unknown), unknown), ["n~new", why]);
  assertEquals(await nameIn((await lived("killed", { ...boot1, fsync: "always" })).powerCut(), boot2), kept);
  assertEquals(await nameIn(await lived("killed", { ...boot1, fsync: "no" }), boot2), ["n~new", why]);
});

Deno.test("identity: a policy counts from its own run on; what the run before left unsynced is synced first", async () => {
  let disk = new MemoryDisk();
  (await StoredNode.start(disk, { fsync: "no" })).set("a", 1);
  disk = disk.kill();
  const second = await StoredNode.start(disk, { fsync: "always" });
  second.set("c", 3);
  disk = disk.powerCut();
  assertEquals(await nameIn(disk, boot2), kept);
});

Deno.test("identity: a cold copy of a cleanly stopped directory takes a new name, the original keeps its own", async () => {
  const disk = await lived("clean");
  const copy = disk.copy();
  assertEquals(await nameIn(copy), ["n~new", "the state directory is a copy or comes from a backup"]);
  assertEquals(await nameIn(disk), kept);
});

Deno.test("identity: an old backup that is put back into the same directory takes a new name", async () => {
  for (const stop of ["clean", "killed"] as const) {
    const disk = await lived(stop);
    const backup = new Map(disk.list().map((name) => [name, disk.contentOf(name)]));
    const node = await StoredNode.start(disk);
    node.set("later", 1);
    const next = disk.kill();
    for (const name of next.list()) if (name !== "identity") next.remove(name);
    // As cp does: over the old files where they exist, as new files where not.
    for (const [name, bytes] of backup) {
      if (next.stat(name)) next.damage(name, () => bytes);
      else next.put(name, bytes);
    }
    assertEquals((await nameIn(next))[0], "n~new", stop);
  }
});

Deno.test("identity: the state of another node takes a new name", async () => {
  assertEquals(await nameIn(await lived("clean"), { node: "m" }), ["m~new", "the state is that of n"]);
});

Deno.test("identity: without its identity, or with that of another run, a directory is not trusted", async () => {
  const bare = await lived("clean");
  bare.remove("identity");
  assertEquals(await nameIn(bare), ["n~new", "the state directory has no readable identity"]);
  const shorter = await lived("clean");
  shorter.damage("log-00000001", (bytes) => bytes.slice(0, -11)); // the clock, the last record
  assertEquals((await nameIn(shorter, boot2))[0], "n~new");
});

Deno.test("identity: a new name is kept by the next proven start, and never chosen twice", async () => {
  let disk = (await lived("killed")).powerCut();
  const names = new Set<string>();
  for (let cut = 2; cut < 6; cut++) {
    const first = await StoredNode.start(disk, { bootId: `boot${cut}` });
    first.set("b", cut, "disk");
    const { name } = first.store.local;
    disk = disk.kill();
    const second = await StoredNode.start(disk, { bootId: `boot${cut}` });
    assertEquals([second.store.local.name, second.store.local.tick], [name, 1]);
    assertEquals(second.store.local.lifeId, first.store.local.lifeId);
    await second.stop();
    disk = disk.kill();
    const third = await StoredNode.start(disk, { bootId: `boot${cut}b` });
    assertEquals(third.store.local.name, name);
    third.set("c", cut);
    disk = disk.powerCut();
    names.add(name);
  }
  assertEquals(names.size, 4);
});

Deno.test("identity: a start that writes nothing changes nothing: the mark of the clean stop stays good", async () => {
  let disk = await lived("clean");
  const before = disk.list().map((name) => disk.contentOf(name));
  for (let i = 0; i < 3; i++) {
    const node = await StoredNode.start(disk, { bootId: `idle${i}` });
    assertEquals(node.store.local.name, "n");
    if (i === 1) await node.stop();
    disk = i === 2 ? disk.powerCut() : disk.kill();
    assertEquals(disk.list().map((name) => disk.contentOf(name)), before);
  }
  assertEquals(await nameIn(disk, boot2), kept);
});

Deno.test("identity: an unproven start that wrote nothing leaves no trust behind for the next", async () => {
  let disk = (await lived("killed")).powerCut();
  await StoredNode.start(disk, boot2);
  disk = disk.kill();
  assertEquals((await nameIn(disk, boot2))[0], "n~new");
});

Deno.test("identity: the mark of a clean stop is void before the first write is made", async () => {
  const disk = await lived("clean");
  const node = await StoredNode.start(disk, boot2);
  disk.trace.length = 0;
  node.set("b", 1);
  const written = disk.trace.findIndex((step) => step.startsWith("append log"));
  const renamed = disk.trace.indexOf("rename identity.new identity");
  const durable = disk.trace.indexOf("sync directory", renamed);
  assertTrue(0 <= renamed && renamed < durable && durable < written, disk.trace.join("\n"));
  assertEquals((await nameIn(disk.powerCut(), { bootId: "boot3" }))[0], "n~new");
});

Deno.test("identity: another writer name in the middle of a run is on the disk before its first write", async () => {
  let disk = await lived("clean");
  const node = await StoredNode.start(disk);
  node.set("b", 1);
  node.store.adoptWriter("n~somebody");
  node.set("b", 2);
  const lifeId = node.store.local.lifeId;
  disk = disk.kill();
  const next = await StoredNode.start(disk);
  assertEquals([next.store.local.name, next.store.local.lifeId], ["n~somebody", lifeId]);
  assertNotEquals(lifeId, null);
});

Deno.test("identity: renewWriter() takes a new name, which counts from 1 and is kept", async () => {
  const disk = new MemoryDisk();
  const node = await StoredNode.start(disk);
  node.set("a", 1);
  node.persistence.renewWriter();
  assertIncludes(node.store.local.name, /^n~[a-z2-7]{8}$/);
  assertEquals(node.set("a", 2), `${node.store.local.name}:1`);
  assertEquals((await StoredNode.start(disk.kill())).store.local.name, node.store.local.name);
});

Deno.test("identity: the lives of former names are remembered, and those of others that were learned", async () => {
  let disk = new MemoryDisk();
  const first = await StoredNode.start(disk, boot1);
  first.set("a", 1, "disk");
  first.store.hear("other", 3);
  first.store.learnLife(first.store.writer("other"), "life of other");
  first.commit("disk");
  const { lifeId } = first.store.local;
  for (const bootId of ["boot2", "boot3", "boot4"]) {
    disk = disk.powerCut();
    const node = await StoredNode.start(disk, { bootId });
    node.set("b", bootId, "disk");
  }
  const { store } = await StoredNode.start(disk.powerCut(), { bootId: "boot5" });
  assertEquals([store.writers.get("n")!.lifeId, store.writers.get("other")!.lifeId], [lifeId, "life of other"]);
  assertNotEquals(lifeId, null);
});
