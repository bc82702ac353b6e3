import { assertEquals, assertIncludes } from "../../support/assert.ts";
import { FakeSandbox, reject } from "../../support/fake_sandbox.ts";
import { P } from "../../../wire/path/template.ts";
import type { Value } from "../../../wire/value.ts";
import { AclBench } from "./acl_bench.ts";
import { Bench, type Message } from "../session/bench.ts";

const codes = {
  int: (value: Value) => Number.isInteger(value) ? null : reject("not an int"),
  small: (value: Value) => (value as number) < 5 ? null : reject("too large"),
};

async function setUp(): Promise<Bench> {
  const bench = new Bench({ sandbox: new FakeSandbox(codes) });
  bench.put(P(":n.type.int"), { code: "int" });
  bench.put(P("stats.a.quota"), 3);
  bench.put(P("stats.b.quota"), 7);
  bench.put(P("stats.b.c.quota"), "x");
  bench.put(P("stats.b.other"), "y");
  bench.put(P("elsewhere.quota"), "z");
  await bench.cycle.committed();
  return bench;
}

const rejected = (items: readonly Message[]) =>
  items.filter(({ path }) => path !== undefined).map(({ path, reason }) => `${path}: ${reason}`);

Deno.test("check_type lists what a type would reject, and how many it has looked at", async () => {
  await using bench = await setUp();
  const client = await bench.connect();
  const items = await client.stream("check_type", { path: P("stats.#.quota"), type: P("int") });
  assertEquals(rejected(items), ["stats.b.c.quota: ValueError('not an int')"]);
  assertEquals(items.filter(({ checked }) => checked !== undefined).at(-1)!.checked, 3);
});

Deno.test("check_type with a record tries a type that is not stored, below those above it", async () => {
  await using bench = await setUp();
  const client = await bench.connect();
  const record = { code: "small" };
  const items = await client.stream("check_type", { path: P("stats.#.quota"), type: P("int.small"), record });
  assertEquals(rejected(items), [
    "stats.b.quota: ValueError('too large')",
    "stats.b.c.quota: ValueError('not an int')",
  ]);
  assertEquals((await client.ask("get_internal", { path: P("type.int.small") })).value, undefined);
});

Deno.test("check_type without a type takes the one that each entry has; an inactive one is told, too", async () => {
  await using bench = await setUp();
  bench.put(P(":n.match.stats.+.quota"), { type: P("int") });
  bench.put(P(":n.match.elsewhere.#"), { type: P("missing") });
  await bench.cycle.committed();
  const client = await bench.connect();
  const lines = rejected(await client.stream("check_type", { path: P("#") }));
  assertEquals(lines.length, 1);
  assertIncludes(lines[0], "elsewhere.quota: RuntimeError('Cannot check elsewhere.quota: the match elsewhere.#");
});

Deno.test("check_type goes in slices, and many entries are many items", async () => {
  await using bench = await setUp();
  for (let i = 0; i < 3000; i++) bench.put(P(`many.x${i}`), i % 2 === 0 ? i : "x");
  await bench.cycle.committed();
  const client = await bench.connect();
  const items = await client.stream("check_type", { path: P("many.+"), type: P("int") });
  assertEquals(rejected(items).length, 1500);
  const counts = items.filter(({ checked }) => checked !== undefined).map(({ checked }) => checked as number);
  assertEquals([counts.at(-1), counts.length >= 3, counts.toSorted((a, b) => a - b)], [3000, true, counts]);
});

Deno.test("check_type refuses a type that does not exist, and code that does not compile", async () => {
  await using bench = await setUp();
  const client = await bench.connect();
  const reply = await client.ask("check_type", { path: P("stats.#"), type: P("foo") });
  assertEquals([reply.error, reply.etype], ["KeyError(P(':n.type.foo'))", "not_found"]);
  const items = await client.stream("check_type", { path: P("stats.#"), record: { code: "?" } });
  assertIncludes(String(items.find(({ error }) => error !== undefined)?.error), "SyntaxError");
});

Deno.test("list_broken names what is inactive, and why", async () => {
  await using bench = await setUp();
  bench.put(P(":n.type.bad"), { code: "?" });
  bench.put(P(":n.match.a"), { type: P("missing") });
  bench.put(P(":n.codec.c"), 5);
  bench.put(P(":n.conv.g.x.+"), { codec: P("gone") });
  await bench.cycle.committed();
  const client = await bench.connect();
  const { result } = await client.ask("list_broken");
  assertEquals(result, [
    { kind: "type", path: P("bad"), reason: "SyntaxError('invalid syntax')" },
    { kind: "match", path: P("a"), reason: "there is no type missing" },
    { kind: "codec", path: P("c"), reason: "A codec must be a mapping" },
    { kind: "conv", path: P("g.x.+"), reason: "there is no codec gone" },
  ]);
  assertEquals((await client.ask("list_broken", { kinds: ["match"] })).result, [
    { kind: "match", path: P("a"), reason: "there is no type missing" },
  ]);
});

Deno.test("check_type shows a bound client only what it may read, and runs none of its code", async () => {
  await using bench = new AclBench({ sandbox: new FakeSandbox(codes) });
  await bench.write(":n.type.int", { code: "int" });
  for (const path of ["stats.a", "stats.b", "stats.secret.c"]) await bench.write(path, "x");
  await bench.rules("g", { "stats": "rex", "stats.#": "rex", "stats.b": "ex", "stats.secret": "" });
  const client = await bench.bound("g");
  const items = await client.stream("check_type", { path: P("stats.#"), type: P("int") });
  assertEquals(rejected(items), ["stats.a: ValueError('not an int')"]);
  const record = await client.ask("check_type", { path: P("stats.#"), record: { code: "int" } });
  assertEquals([record.etype, (await client.ask("list_broken")).etype], ["acl", "acl"]);
});
