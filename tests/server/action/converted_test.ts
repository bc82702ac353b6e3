import { assertEquals, assertIncludes } from "../../support/assert.ts";
import { breakDown, FakeSandbox, reject } from "../../support/fake_sandbox.ts";
import { P } from "../../../wire/path/template.ts";
import { Float, type Value } from "../../../wire/value.ts";
import { decode } from "../../../wire/msgpack/decoder.ts";
import { Bench, type Message, type TestClient } from "../session/bench.ts";

const codes = {
  toText: (value: Value) => String(value),
  toNumber: (value: Value) => Number.isNaN(Number(value)) ? reject("could not convert") : new Float(Number(value)),
  // Adds to what is there.
  "add # prev": (value: Value, { old }: { old?: Uint8Array }) =>
    (value as number) + (old === undefined ? 0 : decode(old) as number),
  odd: (value: Value) => (value as number) % 2 === 1 ? `odd ${value}` : reject("even"),
  float: (value: Value) => typeof value === "string" ? reject("no float") : null,
  function: () => breakDown("bad_result", "TypeError('a function')"),
  never: () => breakDown("timeout", "TimeoutError('50 ms')"),
};

/** A server with codecs, a client that sees texts at `monitor.#.value`, and one that sees what is stored. */
async function setUp(sandbox = new FakeSandbox(codes)): Promise<[Bench, TestClient, TestClient]> {
  const bench = new Bench({ sandbox });
  bench.put(P(":n.codec.float.str"), { encode: "toText", decode: "toNumber", in: [], out: [] });
  bench.put(P(":n.codec.sum"), { encode: null, decode: "add # prev", in: [], out: [] });
  bench.put(P(":n.codec.odd"), { encode: "odd", decode: null, in: [], out: [] });
  bench.put(P(":n.conv.texts.monitor.#.value"), { codec: P("float.str") });
  bench.put(P(":n.conv.texts.sums.+"), { codec: P("sum") });
  bench.put(P(":n.conv.texts.odd.+"), { codec: P("odd") });
  const [joe, root] = [await bench.connect(), await bench.connect()];
  joe.session.conversion = bench.parts.services.meta.conversion("texts");
  await bench.cycle.committed();
  return [bench, joe, root];
}

const set = (client: TestClient, path: string, value: Value, more: { readonly [key: string]: Value } = {}) =>
  client.ask("set_value", { path: P(path), value, nchain: 0, ...more });
const get = async (client: TestClient, path: string) => (await client.ask("get_value", { path: P(path) })).value;

Deno.test("what a user writes is decoded, and encoded again when it is read", async () => {
  const [bench, joe, root] = await setUp();
  await using _ = bench;
  await set(joe, "monitor.a.value", "99.5");
  await set(joe, "monitor.a.thing", "12.3");
  assertEquals([await get(joe, "monitor.a.value"), await get(root, "monitor.a.value")], ["99.5", 99.5]);
  assertEquals([await get(joe, "monitor.a.thing"), await get(root, "monitor.a.thing")], ["12.3", "12.3"]);
  const refused = await set(joe, "monitor.a.value", "abc");
  assertEquals([refused.error, refused.etype], ["ValueError('could not convert')", "value"]);
});

Deno.test("changed, idem and prev compare what is stored with what would be; prev of the reply is encoded", async () => {
  const [bench, joe, root] = await setUp();
  await using _ = bench;
  const reply = async (value: Value, more: { readonly [key: string]: Value } = {}) => {
    const { tock: _, ...rest } = await set(joe, "monitor.a.value", value, more);
    return rest;
  };
  assertEquals(await reply("1"), { changed: true });
  assertEquals(await reply("1.0"), { changed: false, prev: "1" });
  assertEquals(await reply("1.00", { idem: true }), { changed: false });
  assertEquals(await reply("2", { prev: "1.000" }), { changed: true });
  assertEquals((await reply("3", { prev: "1" })).etype, "chain");
  const deleted = await joe.ask("delete_value", { path: P("monitor.a.value"), nchain: 0 });
  assertEquals(deleted.prev, "2");
  assertEquals(await get(root, "monitor.a.value"), undefined);
});

Deno.test("a decoder sees the present value, also in a burst", async () => {
  const [bench, joe, root] = await setUp();
  await using _ = bench;
  for (const value of [1, 2, 3]) {
    joe.send({ action: "set_value", path: P("sums.x"), value, nchain: 0, seq: 100 + value });
  }
  await joe.take(3);
  assertEquals(await get(root, "sums.x"), 6);
});

Deno.test("a type checks the value that will be stored", async () => {
  const [bench, joe] = await setUp();
  await using _ = bench;
  bench.put(P(":n.type.float"), { code: "float" });
  bench.put(P(":n.match.monitor.#"), { type: P("float") });
  await bench.cycle.committed();
  assertEquals((await set(joe, "monitor.a.value", "99.5")).error, undefined);
  assertEquals((await set(joe, "monitor.a.thing", "99.5")).error, "ValueError('no float')");
});

/** Items of a stream as `path: value`. */
const lines = (items: readonly Message[]) =>
  items.filter(({ value }) => value !== undefined).map(({ path, value }) => `${path}: ${value} (${typeof value})`);

Deno.test("get_tree, enum and delete_tree show the converted view, in the order of the tree", async () => {
  const [bench, joe, root] = await setUp();
  await using _ = bench;
  for (let i = 0; i < 200; i++) await set(root, `monitor.m${i}.${i % 3 === 0 ? "thing" : "value"}`, i);
  const items = await joe.stream("get_tree", { path: P("monitor") });
  const stored = await root.stream("get_tree", { path: P("monitor") });
  assertEquals(items.map(({ path, depth }) => [path, depth]), stored.map(({ path, depth }) => [path, depth]));
  const values = items.filter(({ value }) => value !== undefined).map(({ value }) => value);
  assertEquals(values, Array.from({ length: 200 }, (_, i) => i % 3 === 0 ? i : String(i)));
  const { result } = await joe.ask("enum", { path: P("monitor.m1"), with_data: true });
  assertEquals(result, { value: "1" });
  const gone = await joe.stream("delete_tree", { path: P("monitor.m1"), nchain: 1 });
  assertEquals(gone.filter(({ old_value }) => old_value !== undefined).map(({ old_value }) => old_value), ["1"]);
});

Deno.test("a watch shows the converted view: what is there, then uptodate, then every change in its order", async () => {
  const sandbox = new FakeSandbox(codes);
  const [bench, joe, root] = await setUp(sandbox);
  await using _ = bench;
  for (let i = 0; i < 100; i++) await set(root, `monitor.m${i}.value`, i);
  joe.send({ action: "watch", path: P("monitor"), fetch: true, seq: 50 });
  const first = await joe.take(102);
  assertEquals([first[0].state, first[101].state], ["start", "uptodate"]);
  assertEquals(first.slice(1, 101).map(({ value }) => value), Array.from({ length: 100 }, (_, i) => String(i)));
  sandbox.hold();
  await set(root, "monitor.m0.value", 1000);
  await set(root, "monitor.m0.thing", 1001);
  await set(root, "monitor.m0.value", 1002);
  assertEquals(await joe.pending(), []);
  sandbox.letGo();
  assertEquals(lines(await joe.take(3)).map((line) => line.split(": ")[1]), [
    "1000 (string)",
    "1001 (number)",
    "1002 (string)",
  ]);
});

Deno.test("a value that its codec cannot encode: a read fails, a stream goes on and says so", async () => {
  const [bench, joe, root] = await setUp();
  await using _ = bench;
  await set(root, "odd.a", 1);
  await set(root, "odd.b", 2);
  assertEquals(await get(joe, "odd.a"), "odd 1");
  assertEquals((await joe.ask("get_value", { path: P("odd.b") })).error, "ValueError('even')");
  const items = await joe.stream("get_tree", { path: P("odd") });
  assertEquals(items.map(({ value, codec_error }) => value === undefined ? "" : `${value} ${codec_error ?? "-"}`), [
    "",
    "odd 1 -",
    "2 ValueError('even')",
    "",
  ]);
  // A write is not undone because what was there cannot be shown.
  const { changed, prev } = await set(joe, "odd.b", 3);
  assertEquals([changed, prev], [true, undefined]);
});

Deno.test("through a converter that is inactive nothing can be written; it works as soon as its codec is there", async () => {
  const [bench, joe, root] = await setUp();
  await using _ = bench;
  bench.put(P(":n.conv.texts.late"), { codec: P("late") });
  bench.put(P(":n.conv.texts.none"), 5);
  await bench.cycle.committed();
  const refused = await set(joe, "late", "1");
  assertEquals(
    refused.error,
    "RuntimeError('Cannot convert late: its converter texts.late is inactive: there is no codec late')",
  );
  assertIncludes(String((await set(joe, "none", "1")).error), "it names no codec");
  bench.put(P(":n.codec.late"), { decode: "toNumber" });
  await bench.cycle.committed();
  await set(joe, "late", "1");
  assertEquals(await get(root, "late"), new Float(1));
  bench.put(P(":n.codec.late"), { decode: "function" });
  await bench.cycle.committed();
  assertIncludes(
    String((await set(joe, "late", "1")).error),
    "Cannot decode late: its codec late returned what is no value: TypeError('a function')",
  );
  bench.put(P(":n.codec.late"), { decode: "never" });
  await bench.cycle.committed();
  assertIncludes(String((await set(joe, "late", "1")).error), "its codec late is inactive: TimeoutError");
});

Deno.test("root shows the converted value, and everything below goes on to be converted", async () => {
  const [bench, joe] = await setUp();
  await using _ = bench;
  await set(joe, "monitor.a.value", "1.5");
  assertEquals((await joe.ask("root", { path: P("monitor.a.value") })).value, "1.5");
  assertEquals((await joe.ask("get_value", { path: P(":") })).value, "1.5");
});

Deno.test("a token of a watch is good for the codecs by which its items were made: with others it begins anew", async () => {
  const [bench, joe, root] = await setUp();
  await using _ = bench;
  await set(root, "monitor.a.value", 1);
  joe.send({ action: "watch", path: P("monitor"), fetch: true, tokens: true, seq: 50 });
  const [, item, uptodate] = await joe.take(3);
  assertEquals([item.value, uptodate.state], ["1", "uptodate"]);
  const again = { action: "watch", path: P("monitor"), token: uptodate.token };
  joe.send({ ...again, seq: 51 });
  assertEquals((await joe.take(2)).map(({ state }) => state), ["start", "uptodate"]);
  bench.put(P(":n.codec.float.str"), { encode: "odd", decode: "toNumber" });
  await bench.cycle.committed();
  joe.send({ ...again, seq: 52 });
  const resumed = await joe.take(4);
  assertEquals(resumed.map(({ state, value }) => state ?? value), ["start", "resync", "odd 1", "uptodate"]);
});

Deno.test("a client that reads slowly gets each entry once, in its newest version, and nothing is lost", async () => {
  const [bench, joe, root] = await setUp();
  await using _ = bench;
  joe.send({ seq: 0, qlen: 4 });
  joe.send({ action: "watch", path: P("monitor"), seq: 50 });
  assertEquals((await joe.next()).state, "start");
  for (let i = 0; i < 300; i++) await set(root, `monitor.m${i % 100}.value`, i);
  const seen = new Map<string, Value>();
  let last: readonly Value[] = [];
  const isNewest = (i: number) => seen.get(`m${i}.value`) === String(200 + i);
  const all = Array.from({ length: 100 }, (_, i) => i);
  while (!all.every(isNewest)) {
    const { path, depth, value, wseq } = await joe.next();
    last = [...last.slice(0, depth as number), ...[...path as readonly Value[]]];
    seen.set(last.join("."), value);
    joe.send({ seq: 50, state: "ack", ack: wseq });
  }
  assertEquals(await joe.pending(), []);
});
