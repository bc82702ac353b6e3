import { assertEquals, assertIncludes } from "../../support/assert.ts";
import { Random } from "../../support/random.ts";
import { breakDown, FakeSandbox, reject } from "../../support/fake_sandbox.ts";
import type { Value } from "../../../wire/value.ts";
import { P } from "../../../wire/path/template.ts";
import { AclBench } from "./acl_bench.ts";
import { Bench, type TestClient } from "../session/bench.ts";

const codes = {
  int: (value: Value) => Number.isInteger(value) ? null : reject("not an integer"),
  percent: (value: Value) => 0 <= (value as number) && (value as number) <= 100 ? null : reject("not a percentage"),
  rising: (value: Value, { old }: { old?: Uint8Array }) =>
    old === undefined || old[0] < (value as number) ? null : reject("does not rise"),
  forever: () => breakDown("timeout", "TimeoutError('longer than 50 ms')"),
};

/** Stores a type that the fake sandbox knows, and a match for it; both without validation, as a peer would. */
function define(bench: Bench, pattern: string, type: string, record: { readonly [key: string]: Value }): void {
  bench.put(P(`:n.type.${type}`), record);
  bench.put(P(`:n.match.${pattern}`), { type: P(type) });
}

const set = (client: TestClient, path: string, value: Value) => client.ask("set_value", { path: P(path), value });

Deno.test("a typed write has to pass the types above its own first", async () => {
  await using bench = new Bench({ sandbox: new FakeSandbox(codes) });
  define(bench, "any", "int", { code: "int" });
  define(bench, "stats.#.quota", "int.percent", { code: "percent" });
  const client = await bench.connect();
  assertEquals((await set(client, "stats.a.b.quota", "123")).error, "ValueError('not an integer')");
  assertEquals((await set(client, "stats.a.b.quota", 123)).error, "ValueError('not a percentage')");
  assertEquals((await set(client, "stats.a.b.quota", 123)).etype, "type");
  assertEquals((await set(client, "stats.a.b.quota", 12)).changed, true);
  assertEquals((await client.ask("get_value", { path: P("stats.a.b.quota") })).value, 12);
  assertEquals((await set(client, "stats.a.b.other", "123")).changed, true);
});

Deno.test("a deletion is not checked, and neither is the internal tree", async () => {
  await using bench = new Bench({ sandbox: new FakeSandbox(codes) });
  define(bench, "#", "int", { code: "int" });
  const client = await bench.connect();
  await set(client, "a", 1);
  assertEquals((await client.ask("delete_value", { path: P("a") })).changed, true);
  assertEquals((await client.ask("set_internal", { path: P("foo"), value: "text" })).changed, true);
});

Deno.test("many writes are checked at a time, and applied in their order, untyped ones too", async () => {
  const sandbox = new FakeSandbox(codes);
  await using bench = new Bench({ sandbox });
  define(bench, "typed.#", "int", { code: "int" });
  const client = await bench.connect();
  await set(client, "typed.x", 0);
  sandbox.hold();
  for (let i = 1; i <= 64; i++) {
    const path = i % 4 === 0 ? P("plain.x") : P("typed.x");
    client.send({ action: "set_value", path, value: i % 8 === 1 ? "bad" : i, nchain: 0, seq: 100 + i });
  }
  assertEquals(await client.pending(), []);
  assertEquals(sandbox.waiting, 48);
  sandbox.letGo();
  const replies = await client.take(64);
  assertEquals(replies.map(({ seq }) => seq), replies.map((_, i) => 101 + i));
  assertEquals(replies.filter(({ error }) => error !== undefined).length, 8);
  const tocks = replies.filter(({ error }) => error === undefined).map(({ tock }) => tock as number);
  assertEquals(tocks, tocks.toSorted((a, b) => a - b));
  assertEquals((await client.ask("get_value", { path: P("plain.x") })).value, 64);
  assertEquals((await client.ask("get_value", { path: P("typed.x") })).value, 63);
});

Deno.test("whatever the order of the answers, writes of a connection are applied and answered in theirs", async () => {
  const chance = Random.fromEnvironment();
  console.log(`seed ${chance.seed}`);
  const random = () => chance.next();
  const sandbox = new FakeSandbox(codes);
  await using bench = new Bench({ sandbox });
  define(bench, "typed.#", "int", { code: "int" });
  const client = await bench.connect();
  await set(client, "typed.x", 0);
  sandbox.delay = async () => {
    for (let hops = random() * 20; hops > 0; hops--) await new Promise((resume) => setImmediate(resume));
  };
  const wanted: string[] = [];
  for (let i = 0; i < 300; i++) {
    const value = random() < 0.2 ? "bad" : i;
    const path = random() < 0.7 ? P("typed.x") : P("plain.x");
    if (random() < 0.1) client.send({ action: "delete_value", path, nchain: 0, seq: 1000 + i });
    else client.send({ action: "set_value", path, value, nchain: 0, seq: 1000 + i });
    wanted.push(String(1000 + i));
  }
  const replies = await client.take(300);
  assertEquals(replies.map(({ seq }) => String(seq)), wanted);
  const tocks = replies.filter(({ error }) => error === undefined).map(({ tock }) => tock as number);
  assertEquals(tocks, tocks.toSorted((a, b) => a - b));
  assertEquals(new Set(tocks).size, tocks.length);
});

Deno.test("a waiting write holds back only its own connection", async () => {
  const sandbox = new FakeSandbox(codes);
  await using bench = new Bench({ sandbox });
  define(bench, "typed.#", "int", { code: "int" });
  const [one, two] = [await bench.connect(), await bench.connect()];
  await set(one, "typed.x", 0);
  sandbox.hold();
  one.send({ action: "set_value", path: P("typed.x"), value: 5, seq: 11 });
  one.send({ action: "get_value", path: P("typed.x"), seq: 12 });
  assertEquals((await set(two, "other", 1)).changed, true);
  assertEquals((await two.ask("get_value", { path: P("typed.x") })).value, 0);
  assertEquals(await one.pending(), []);
  sandbox.letGo();
  const [written, read] = await one.take(2);
  assertEquals([written.seq, read.seq, read.value], [11, 12, 5]);
});

Deno.test("chain, prev and idem are looked at when a write is applied, not when it is checked", async () => {
  const sandbox = new FakeSandbox(codes);
  await using bench = new Bench({ sandbox });
  define(bench, "typed.#", "int", { code: "int" });
  const [one, two] = [await bench.connect(), await bench.connect()];
  await set(one, "typed.x", 0);
  sandbox.hold();
  one.send({ action: "set_value", path: P("typed.x"), value: 1, prev: 0, seq: 11 });
  one.send({ action: "set_value", path: P("typed.x"), value: 2, prev: 0, seq: 12 });
  one.send({ action: "set_value", path: P("typed.x"), value: 1, idem: true, seq: 13 });
  two.send({ action: "set_value", path: P("typed.y"), value: 1, chain: null, seq: 11 });
  assertEquals(await one.pending(), []);
  sandbox.letGo();
  const replies = await one.take(3);
  assertEquals(replies.map(({ changed, etype }) => changed ?? etype), [true, "chain", false]);
  assertEquals((await two.next()).changed, true);
});

Deno.test("a write that waits is checked by what is valid when it is applied", async () => {
  const sandbox = new FakeSandbox(codes);
  await using bench = new Bench({ sandbox });
  define(bench, "typed.#", "int", { code: "int" });
  const client = await bench.connect();
  await set(client, "typed.x", 0);
  sandbox.hold();
  client.send({ action: "set_value", path: P("typed.x"), value: 5, seq: 11 });
  client.send({ action: "set_value", path: P("plain.x"), value: "text", seq: 12 });
  assertEquals(await client.pending(), []);
  define(bench, "plain.#", "number", { code: "int" });
  await bench.cycle.committed();
  sandbox.letGo();
  assertEquals((await client.take(2)).map(({ changed, error }) => changed ?? error), [
    true,
    "ValueError('not an integer')",
  ]);
});

Deno.test("a type that looks at the present value sees what the write before it has left", async () => {
  await using bench = new Bench({ sandbox: new FakeSandbox({ "rising # entry": codes.rising }) });
  define(bench, "meter", "rising", { code: "rising # entry" });
  const client = await bench.connect();
  for (const value of [1, 5, 3, 7]) {
    client.send({ action: "set_value", path: P("meter"), value, nchain: 0, seq: 10 + value });
  }
  const replies = await client.take(4);
  assertEquals(replies.map(({ changed, error }) => changed ?? error), [
    true,
    true,
    "ValueError('does not rise')",
    true,
  ]);
});

Deno.test("what an inactive match or type should check cannot be written, and the error says why", async () => {
  await using bench = new Bench({ sandbox: new FakeSandbox(codes) });
  const client = await bench.connect();
  bench.put(P(":n.match.a"), { type: P("missing") });
  bench.put(P(":n.match.b"), 17);
  define(bench, "c", "broken", { code: "no such code" });
  define(bench, "d", "odd", { code: 5 });
  await bench.cycle.committed();
  const text = async (path: string) => String((await set(client, path, 1)).error);
  assertEquals(
    await text("a"),
    "RuntimeError('Cannot check a: the match a is inactive: there is no type missing')",
  );
  assertIncludes(await text("b"), "the match b is inactive: it names no type");
  assertIncludes(await text("c"), "Cannot check c: the type broken is inactive: SyntaxError");
  assertIncludes(await text("d"), "the type odd is inactive: 'code' must be a text");
  bench.put(P(":n.type.missing"), { code: "int" });
  await bench.cycle.committed();
  assertEquals((await set(client, "a", 1)).changed, true);
  assertEquals((await client.ask("get_value", { path: P("b") })).value, undefined);
});

Deno.test("a type that had to be killed is inactive until it is stored anew", async () => {
  const sandbox = new FakeSandbox(codes);
  await using bench = new Bench({ sandbox });
  define(bench, "x", "slow", { code: "forever" });
  const client = await bench.connect();
  const first = await set(client, "x", 1);
  assertIncludes(String(first.error), "Cannot check x: the type slow is inactive: TimeoutError('longer than 50 ms')");
  assertEquals((await set(client, "x", 1)).error, first.error);
  assertEquals(sandbox.waitingMax, 1);
  define(bench, "x", "slow", { code: "int" });
  await bench.cycle.committed();
  assertEquals((await set(client, "x", 1)).changed, true);
});

Deno.test("what a client said before it left is written", async () => {
  const sandbox = new FakeSandbox(codes);
  await using bench = new Bench({ sandbox });
  define(bench, "typed.#", "int", { code: "int" });
  const [one, two] = [await bench.connect(), await bench.connect()];
  sandbox.hold();
  one.send({ action: "set_value", path: P("typed.x"), value: 5, seq: 11 });
  const left = one.leave();
  assertEquals((await two.ask("get_value", { path: P("typed.x") })).value, undefined);
  sandbox.letGo();
  await left;
  assertEquals((await two.ask("get_value", { path: P("typed.x") })).value, 5);
});

Deno.test("a typed write that waits for other nodes is checked first, and holds those behind it until it is applied", async () => {
  const sandbox = new FakeSandbox(codes);
  await using bench = new Bench({ sandbox });
  define(bench, "typed.#", "int", { code: "int" });
  const client = await bench.connect();
  const bad = await client.ask("set_value", { path: P("typed.x"), value: "text", nodes: 1, nchain: 0 });
  assertEquals(bad.error, "ValueError('not an integer')");
  sandbox.hold();
  client.send({ action: "set_value", path: P("typed.x"), value: 5, nodes: 1, nchain: 0, seq: 11 });
  client.send({ action: "get_value", path: P("typed.x"), seq: 12 });
  assertEquals(await client.pending(), []);
  sandbox.letGo();
  const replies = await client.take(2);
  const bySeq = new Map(replies.map((reply) => [reply.seq, reply]));
  assertEquals([bySeq.get(11)!.nodes, bySeq.get(12)!.value], [1, 5]);
});

Deno.test("a write that waits is refused if its right is gone when it is applied", async () => {
  const sandbox = new FakeSandbox(codes);
  await using bench = new AclBench({ sandbox });
  define(bench, "typed.#", "int", { code: "int" });
  await bench.rules("g", { "typed.#": "rwcx" });
  const client = await bench.bound("g");
  await set(client, "typed.x", 0);
  sandbox.hold();
  client.send({ action: "set_value", path: P("typed.x"), value: 5, seq: 11 });
  assertEquals(await client.pending(), []);
  await bench.rules("g", { "typed.#": "r" });
  sandbox.letGo();
  assertEquals((await client.next()).etype, "acl");
  assertEquals(bench.get("typed.x"), 0);
});

Deno.test("what waits is not written, and what is behind it not done, when its client is cut off", async () => {
  const sandbox = new FakeSandbox(codes);
  await using bench = new AclBench({ sandbox });
  define(bench, "typed.#", "int", { code: "int" });
  const client = await bench.connect();
  await set(client, "typed.x", 0);
  sandbox.hold();
  client.send({ action: "set_value", path: P("typed.x"), value: 5, seq: 11 });
  client.send({ action: "delete_tree", path: P("typed"), seq: 12 });
  assertEquals(await client.pending(), []);
  client.session.dismiss("You are nobody any more");
  sandbox.letGo();
  assertIncludes(String((await client.next()).error), "nobody");
  await client.leave();
  assertEquals(bench.get("typed.x"), 0);
});

Deno.test("no more writes are read than may wait; the rest follows", async () => {
  const sandbox = new FakeSandbox(codes);
  await using bench = new Bench({ sandbox });
  define(bench, "typed.#", "int", { code: "int" });
  const client = await bench.connect();
  await set(client, "typed.x", 0);
  sandbox.hold();
  for (let i = 0; i < 3000; i++) {
    client.send({ action: "set_value", path: P("typed.x"), value: i, nchain: 0, seq: 1000 + i });
  }
  assertEquals(await client.pending(), []);
  const waiting = sandbox.waiting;
  assertEquals(waiting > 500 && waiting <= 1024, true, String(waiting));
  sandbox.letGo();
  const replies = await client.take(3000);
  assertEquals(replies.every(({ changed }, i) => changed === (i > 0)), true);
  assertEquals((await client.ask("get_value", { path: P("typed.x") })).value, 2999);
});
