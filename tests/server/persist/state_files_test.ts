/** State files in the original's format: what is saved is loaded again, and nothing else is ever overwritten. */
import { mayReplace } from "../../../server/persist/state_files.ts";
import { encodeInitRecord } from "../../../server/persist/state_record_writer.ts";
import { RequestError } from "../../../wire/errors.ts";
import { Encoder } from "../../../wire/msgpack/encoder.ts";
import { assertEquals, assertIncludes, assertRejects, assertTrue } from "../../support/assert.ts";
import { entriesOf, load, recordsOf, Writing } from "../../support/state_writing.ts";
import { valuesOf } from "../../support/stored_node.ts";

Deno.test("save: everything is in the file, deletions too, and what is superseded is known", async () => {
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
  // Where it is loaded, others may not have heard of the deletion: it must not count as purged.
  assertEquals(entriesOf(all.store), entriesOf(writing.node.store));
  assertTrue(!all.store.writer("n").tombstones.isEmpty, "the deletion is there");
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
    log: writing.node.disk.contentOf("log-00000001"),
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
