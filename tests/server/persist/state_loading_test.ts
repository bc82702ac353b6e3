/** State files are read as far as they make sense, and what does not is told with its place. */
import { StateFileReader } from "../../../server/persist/state_file_reader.ts";
import { encodeInitRecord } from "../../../server/persist/state_record_writer.ts";
import { Encoder } from "../../../wire/msgpack/encoder.ts";
import { assertEquals, assertIncludes, assertTrue } from "../../support/assert.ts";
import { load, recordsOf, Writing } from "../../support/state_writing.ts";
import { valuesOf } from "../../support/stored_node.ts";

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
