/** State files in the original's format: what is saved is loaded again, and nothing else is ever overwritten. */
import { Encoder } from "../../../wire/msgpack/encoder.ts";
import { Store } from "../../../server/core/store.ts";
import { StateFileReader } from "../../../server/persist/state_file_reader.ts";
import { mayReplace, StateFiles } from "../../../server/persist/state_files.ts";
import { StateLoader } from "../../../server/persist/state_loader.ts";
import type { StateRecord } from "../../../server/persist/state_record.ts";
import { encodeInitRecord } from "../../../server/persist/state_record_writer.ts";
import { RequestError } from "../../../wire/errors.ts";
import { assertEquals, assertIncludes, assertRejects, assertTrue } from "../../support/assert.ts";
import { MemoryDisk } from "../../support/memory_disk.ts";
import { contentOf, StoredNode, valuesOf } from "../../support/stored_node.ts";

/** A node whose clients write state files on a disk of their own. */
class Writing {
  readonly files = new MemoryDisk();
  readonly failures: string[] = [];
  readonly stateFiles: StateFiles;
  constructor(readonly node: StoredNode) {
    const { store, clock } = node;
    const openDirectory = () => this.files;
    this.stateFiles = new StateFiles({ store, clock, openDirectory, onFailure: (text) => this.failures.push(text) });
  }
  static async start(): Promise<Writing> {
    return new Writing(await StoredNode.start(new MemoryDisk()));
  }
  /** Sets a value and tells the logs, as a server does: when it is logged, before the store's commit. */
  set(path: string, value: number | string | undefined): void {
    const { store } = this.node;
    const commit = store.commit;
    store.commit = () => {
      this.stateFiles.changed(store.effects);
      store.commit = commit;
      return store.commit();
    };
    this.node.set(path, value);
  }
}

/** The records of a file. */
function recordsOf(bytes: Uint8Array, warnings: string[] = []): StateRecord[] {
  const reader = new StateFileReader((text) => warnings.push(text));
  reader.push(bytes);
  const records: StateRecord[] = [];
  for (let record = reader.next(); record; record = reader.next()) records.push(record);
  reader.finish();
  return records;
}

/** A new store with these files in it, and whether what they say is superseded was believed. */
function load(...files: Uint8Array[]): { store: Store; believed: boolean; warnings: string[] } {
  const warnings: string[] = [];
  const store = new Store({ node: "reader" });
  const loader = new StateLoader(store, (text) => warnings.push(text));
  for (const file of files) for (const record of recordsOf(file, warnings)) loader.take(record);
  const believed = loader.finish();
  store.commit();
  return { store, believed, warnings };
}

function entriesOf(store: Store): unknown {
  return contentOf(store).entries;
}

Deno.test("save: everything with a value is in the file, and what is superseded is known", async () => {
  const writing = await Writing.start();
  for (let i = 0; i < 10; i++) writing.set(`a.b:${i % 4}`, i);
  writing.set(":", "root");
  writing.set(":n.inner", "secret");
  writing.set("gone", 1);
  writing.set("gone", undefined);
  await writing.stateFiles.save("/x/all", true);
  await writing.stateFiles.save("/x/data", false);
  const all = load(writing.files.contentOf("all"));
  assertEquals(valuesOf(all.store), valuesOf(writing.node.store));
  assertEquals([all.believed, all.warnings], [true, []]);
  assertEquals(all.store.writer("n").have.toWire(), writing.node.store.local.have.toWire());
  assertEquals(all.store.clock, writing.node.store.clock);
  const { ":n.inner": _, ...data } = valuesOf(writing.node.store);
  const part = load(writing.files.contentOf("data"));
  assertEquals([valuesOf(part.store), part.believed], [data, false]);
  assertEquals(writing.files.list(), ["all", "data"]);
});

Deno.test("log: the state, then every change, each event once, however many changes meet the state being written", async () => {
  for (let pace = 1; pace < 30; pace += 4) {
    const writing = await Writing.start();
    for (let i = 0; i < 12; i++) writing.set(`a.e${i}`, `${i}`.repeat(20_000));
    const begun = writing.stateFiles.log("/x/log", true);
    for (let i = 0; i < 24; i++) {
      writing.set(`a.e${(i * 7) % 12}`, i);
      writing.set(`new.e${i}`, i);
      if (i % 5 === 0) writing.set(`a.e${(i * 3) % 12}`, undefined);
      for (let turn = 0; turn < pace; turn++) await Promise.resolve();
    }
    await begun;
    writing.set("last", 1);
    await writing.stateFiles.log(null, false);
    const records = recordsOf(writing.files.contentOf("log"));
    const heads = records.flatMap((record) =>
      record.kind === "entry" ? [`${record.chain.node}:${record.chain.tick}`] : []
    );
    assertEquals(heads.length, new Set(heads).size, "an event is there twice");
    const { store, believed } = load(writing.files.contentOf("log"));
    assertEquals([entriesOf(store), believed], [entriesOf(writing.node.store), true], `pace ${pace}`);
  }
});

Deno.test("log: a full one and its increments make one file, without a gap where one ends and the next begins", async () => {
  const writing = await Writing.start();
  let count = 0;
  for (let i = 0; i < 5; i++) writing.set(`a.e${i}`, ++count);
  writing.set("only in the full one", 1);
  for (const [name, fetch] of [["0", true], ["1", false], ["2", false]] as const) {
    const begun = writing.stateFiles.log(`/x/${name}`, fetch);
    for (let i = 0; i < 10; i++) {
      writing.set(`a.e${i % 7}`, ++count);
      if (i % 3 === 0) writing.set(`a.e${(i + 1) % 7}`, undefined);
      await Promise.resolve();
    }
    await begun;
  }
  await writing.stateFiles.close();
  const parts = ["0", "1", "2"].map((name) => writing.files.contentOf(name));
  const joined = new Uint8Array(parts.flatMap((part) => [...part]));
  assertEquals(entriesOf(load(joined).store), entriesOf(writing.node.store));
  assertEquals(entriesOf(load(...parts.toReversed()).store), entriesOf(writing.node.store));
  assertEquals(load(parts[2]).believed, false, "an increment alone does not have what replaced the rest");
});

Deno.test("log: changes are in the file after a second, or a hundred of them; info comes again", async () => {
  const writing = await Writing.start();
  await writing.stateFiles.log("/x/log", false);
  const count = () => recordsOf(writing.files.contentOf("log")).length;
  writing.set("a", 1);
  assertEquals(count(), 1);
  writing.node.clock.advance(999);
  assertEquals(count(), 1);
  writing.node.clock.advance(1);
  assertEquals(count(), 2);
  for (let i = 0; i < 100; i++) writing.set("a", i);
  assertEquals(count(), 102);
  writing.node.clock.advance(61_000);
  writing.set("a", 1);
  writing.node.clock.advance(1000);
  assertEquals(recordsOf(writing.files.contentOf("log")).slice(-2).map(({ kind }) => kind), ["entry", "info"]);
  for (let i = 0; i < 1001; i++) writing.set("a", i);
  writing.node.clock.advance(1000);
  const records = recordsOf(writing.files.contentOf("log"));
  assertEquals(records.filter(({ kind }) => kind === "info").length, 3);
});

Deno.test("log: a disk that becomes full ends the log and nothing else", async () => {
  const writing = await Writing.start();
  await writing.stateFiles.log("/x/log", true);
  writing.files.freeBytes = 10;
  writing.set("a", 1);
  writing.node.clock.advance(1000);
  assertEquals(writing.failures.length, 1);
  assertIncludes(writing.failures[0], "/x/log");
  writing.set("a", 2);
  writing.node.clock.advance(1000);
  writing.files.freeBytes = Infinity;
  await writing.stateFiles.log("/x/log2", true);
  await writing.stateFiles.close();
  assertEquals(valuesOf(load(writing.files.contentOf("log2")).store), { a: 2 });
});

Deno.test("log: a start that fails leaves the old file and the old log as they are", async () => {
  const writing = await Writing.start();
  writing.set("a", "x".repeat(1000));
  await writing.stateFiles.save("/x/file", true);
  await writing.stateFiles.log("/x/old", false);
  const before = writing.files.contentOf("file");
  writing.files.freeBytes = 300;
  const error = await assertRejects(() => writing.stateFiles.log("/x/file", true), RequestError, "No space");
  assertEquals(error.code, "file");
  writing.files.freeBytes = Infinity;
  assertEquals([writing.files.contentOf("file"), writing.files.list()], [before, ["file", "old"]]);
  writing.set("b", 1);
  await writing.stateFiles.close();
  assertEquals(valuesOf(load(writing.files.contentOf("old")).store), { b: 1 });
});

Deno.test("save and log overwrite state files and empty ones, nothing else", async () => {
  const writing = await Writing.start();
  writing.set("a", 1);
  await writing.stateFiles.save("/x/state", true);
  await writing.stateFiles.save("/x/state", true);
  writing.files.put("empty", new Uint8Array(0));
  await writing.stateFiles.save("/x/empty", true);
  const init = new Encoder();
  encodeInitRecord(init, "n");
  writing.files.put("init", init.take());
  await writing.stateFiles.save("/x/init", true);
  const others: Record<string, Uint8Array> = {
    text: new TextEncoder().encode("passwd: x\n".repeat(100)),
    json: new TextEncoder().encode('{"nodes": {}, "tock": 1}'),
    map: Uint8Array.of(0x81, 0xa1, 0x61, 1),
    number: Uint8Array.of(7),
    log: (writing.node.disk as MemoryDisk).contentOf("log-00000001"),
    binary: Uint8Array.from({ length: 70_000 }, (_, i) => i === 0 ? 0x8f : i * i),
  };
  for (const [name, bytes] of Object.entries(others)) {
    writing.files.put(name, bytes);
    for (const what of ["save", "log"] as const) {
      const error = await assertRejects(() => writing.stateFiles[what](`/x/${name}`, true), RequestError);
      assertEquals(error.message, `Cannot overwrite /x/${name}: it is not a state file`);
    }
    assertEquals(writing.files.contentOf(name), bytes);
  }
  for (const path of ["", "/", "/x/", "/x/.", "/x/.."]) {
    await assertRejects(() => writing.stateFiles.save(path, true), RequestError, "no file name");
  }
  assertTrue(!mayReplace(writing.files, ""), "a directory");
});

Deno.test("load: a last record that is cut off is told, everything before is there", async () => {
  const writing = await Writing.start();
  for (let i = 0; i < 5; i++) writing.set(`a.e${i}`, i);
  await writing.stateFiles.save("/x/file", true);
  const bytes = writing.files.contentOf("file");
  let most = 0;
  for (let size = 0; size < bytes.length; size++) {
    const warnings: string[] = [];
    const records = recordsOf(bytes.slice(0, size), warnings);
    assertTrue(records.length >= most, `at ${size}`);
    most = records.length;
    const whole = new StateFileReader(() => {});
    whole.push(bytes.slice(0, size));
    while (whole.next());
    const isCut = whole.bytes < size;
    const expected = `The last record, at byte ${whole.bytes}, is cut off: ${size - whole.bytes} bytes are dropped`;
    assertEquals(warnings, isCut ? [expected] : [], `at ${size}`);
  }
});

Deno.test("load: deletions count, and a path that is shortened against one is right", () => {
  const encoder = new Encoder();
  const record = (fields: Record<string, unknown>) => encoder.value(fields as never);
  record({ nodes: { o: 4 }, known: {}, deleted: {}, node: "o", tock: 9 });
  record({ value: 1, chain: { node: "o", tick: 1, prev: null }, tock: 2, path: ["a", "b", "gone"], depth: 0 });
  record({ value: 2, chain: { node: "o", tick: 2, prev: null }, tock: 3, path: ["x"], depth: 2 });
  record({ node: "o", tick: 3, prev: null, tock: 4, path: ["gone"], depth: 2 });
  record({ node: "o", tick: 4, prev: null, value: 4, tock: 5, path: ["z"], depth: 2 });
  record({ info: { nodes: { o: 5 }, known: { o: [5] }, node: "o", tock: 12 } });
  encoder.nil();
  const { store, believed, warnings } = load(encoder.take());
  assertEquals(valuesOf(store), { "a.b.x": 2, "a.b.z": 4 });
  assertEquals([store.clock, store.writer("o").have.toWire(), believed, warnings], [12, [[1, 6]], true, []]);
});

Deno.test("load: records that make no sense are skipped and told, with their place; broken bytes end it", () => {
  const encoder = new Encoder();
  const record = (fields: unknown) => encoder.value(fields as never);
  const good = { value: 1, chain: { node: "o", tick: 1, prev: null }, tock: 2, path: ["a"], depth: 0 };
  record(good);
  record(7);
  record({});
  record({ ...good, path: "text" });
  record({ ...good, chain: null, path: ["b"] });
  record({ ...good, tock: -1, path: ["b"] });
  record({ ...good, chain: { node: "o", tick: 2, prev: { node: "o", tick: 1, prev: null } }, path: ["b"] });
  record({ ...good, tock: 2 ** 52, path: ["b"] });
  record({ ...good, path: ["x", null] });
  record({ nodes: [1], tock: 1 });
  record({ ...good, chain: { node: "o", tick: 3 }, path: ["c"] });
  const { store, warnings } = load(encoder.take());
  assertEquals([valuesOf(store), warnings.length], [{ a: 1, c: 1 }, 9]);
  const bytes = Uint8Array.of(...encoder.take(), 0xc1, 1, 2, 3);
  const reader = new StateFileReader(() => {});
  reader.push(bytes);
  let records = 0;
  try {
    while (reader.next()) records++;
  } catch (error) {
    assertIncludes((error as Error).message, `at byte ${bytes.length - 4}`);
    records += 100;
  }
  assertTrue(records > 100);
});

Deno.test("dump init: byte for byte the original's", () => {
  const encoder = new Encoder();
  encodeInitRecord(encoder, "test1");
  assertEquals(encoder.take(), Deno.readFileSync(new URL("../../vectors/dump-init.state", import.meta.url)));
});
