/** State files that the original wrote: every record, its place and its whole path are as they were recorded. */
import { ProtocolError } from "../../../wire/errors.ts";
import { parsePath } from "../../../wire/path/parse.ts";
import { decode } from "../../../wire/msgpack/decoder.ts";
import { Store } from "../../../server/core/store.ts";
import { StateFiles } from "../../../server/persist/state_files.ts";
import { StateLoader } from "../../../server/persist/state_loader.ts";
import { StateFileReader } from "../../../server/persist/state_file_reader.ts";
import type { StateRecord } from "../../../server/persist/state_record.ts";
import { assertEquals, assertInstance, assertTrue } from "../../support/assert.ts";
import { MemoryDisk } from "../../support/memory_disk.ts";
import { seededBytes, StoredNode, valuesOf } from "../../support/stored_node.ts";

const folder = new URL("../../vectors/", import.meta.url);
const names = [...Deno.readDirSync(folder)].map((entry) => entry.name).filter((name) => name.endsWith(".state")).sort();

interface Expected {
  off: number;
  len: number;
  full_path?: string;
  msg: {
    chain?: Link;
    node?: string;
    tick?: number;
    prev?: Link | null;
    tock: number;
    nodes?: Record<string, number>;
    known?: Record<string, (number | [number, number])[]>;
  };
}
interface Link {
  node: string;
  tick: number;
  prev?: Link | null;
}

function linksOf(link: Link | null | undefined): { node: string; tick: number }[] {
  return link ? [{ node: link.node, tick: link.tick }, ...linksOf(link.prev)] : [];
}

/** All records, read in chunks of `size` bytes. */
export function readAll(
  bytes: Uint8Array,
  size: number,
): { records: StateRecord[]; warnings: string[]; whole: boolean } {
  const records: StateRecord[] = [];
  const warnings: string[] = [];
  const reader = new StateFileReader((text) => warnings.push(text));
  for (let at = 0; at < bytes.length; at += size) {
    reader.push(bytes.subarray(at, at + size));
    for (let record = reader.next(); record; record = reader.next()) records.push(record);
  }
  return { records, whole: reader.finish(), warnings };
}

for (const name of names) {
  const bytes = Deno.readFileSync(new URL(name, folder));
  const lines = Deno.readTextFileSync(new URL(`${name}.txt`, folder)).trim().split("\n");
  const expected = lines.map((line) => JSON.parse(line) as Expected);

  Deno.test(`StateFileReader: ${name} has the recorded paths, chains, tocks and values, at any chunk size`, () => {
    for (const size of [1, 7, 100, bytes.length]) {
      const { records, warnings, whole } = readAll(bytes, size);
      assertEquals([warnings, whole, records.length], [[], true, expected.length]);
      records.forEach((record, i) => checkRecord(record, expected[i], bytes));
    }
  });
}

/** The tree that the records of a recorded file make, by their paths. */
function treeOf(expected: Expected[], bytes: Uint8Array): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  const tocks: Record<string, number> = {};
  for (const { off, len, msg, full_path } of expected) {
    if (full_path === undefined) continue;
    const path = parsePath(full_path).toString();
    if (msg.tock < (tocks[path] ?? 0)) continue;
    tocks[path] = msg.tock;
    const { value } = decode(bytes, off, off + len) as Record<string, unknown>;
    if (value === undefined) delete tree[path];
    else tree[path] = value;
  }
  return tree;
}

function loadInto(store: Store, records: StateRecord[]): string[] {
  const warnings: string[] = [];
  const loader = new StateLoader(store, (text) => warnings.push(text));
  for (const record of records) loader.take(record);
  loader.finish();
  store.commit();
  return warnings;
}

for (const name of names) {
  const bytes = Deno.readFileSync(new URL(name, folder));
  const lines = Deno.readTextFileSync(new URL(`${name}.txt`, folder)).trim().split("\n");
  const expected = lines.map((line) => JSON.parse(line) as Expected);

  Deno.test(`${name} shows the same tree as the recorded one, also after we saved it in our turn`, async () => {
    const node = await StoredNode.start(new MemoryDisk());
    assertEquals(loadInto(node.store, readAll(bytes, bytes.length).records), []);
    assertEquals(valuesOf(node.store), treeOf(expected, bytes) as never);
    const { clock, store } = node;
    const disk = new MemoryDisk();
    await new StateFiles({ store, clock, openDirectory: () => disk, onFailure: () => {} }).save("/x/saved", true);
    const again = new Store({ node: "again" });
    assertEquals(loadInto(again, readAll(disk.contentOf("saved"), 1000).records), []);
    assertEquals(valuesOf(again), valuesOf(store));
  });
}

Deno.test("StateFileReader: mutated files give records, warnings or one error with its place, never anything else", () => {
  const random = seededBytes(9);
  const bytes = Deno.readFileSync(new URL("log-dest.state", folder));
  for (let round = 0; round < 3000; round++) {
    const broken = bytes.slice();
    for (let i = 0; i < 3; i++) broken[(random(1)[0] << 8 | random(1)[0]) % broken.length] = random(1)[0];
    try {
      loadInto(new Store({ node: "n" }), readAll(broken, 500).records);
    } catch (error) {
      assertInstance(error, ProtocolError, `round ${round}: ${error}`);
      assertTrue(error.offset <= broken.length);
    }
  }
});

function checkRecord(record: StateRecord, { off, len, msg, full_path }: Expected, bytes: Uint8Array): void {
  assertEquals(record.tock, msg.tock);
  if (record.kind === "info") {
    assertEquals([record.node, full_path], [msg.node, undefined]);
    assertEquals(Object.fromEntries(record.nodes), msg.nodes);
    const known = [...record.known].map(([name, ranges]) => [name, ranges.toWire()]);
    assertEquals(Object.fromEntries(known), msg.known);
    return;
  }
  assertEquals(record.path.toString(), parsePath(full_path!).toString());
  assertEquals(linksOf(record.chain), linksOf(msg.chain ?? msg as Link));
  const whole = decode(bytes, off, off + len) as Record<string, unknown>;
  assertEquals(record.value === null ? undefined : decode(record.value), whole.value as never);
}
