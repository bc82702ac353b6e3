import { assertEquals, assertIncludes } from "../../support/assert.ts";
import { breakDown, FakeSandbox, reject } from "../../support/fake_sandbox.ts";
import { P } from "../../../wire/path/template.ts";
import { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import { Bench, type TestClient } from "../session/bench.ts";

const codes = {
  int: (value: Value) => Number.isInteger(value) ? null : reject("not an int"),
  small: (value: Value) => (value as number) < 5 ? null : reject("too large"),
  never: () => breakDown("timeout", "TimeoutError('50 ms')"),
  plus1: (value: Value) => typeof value === "number" ? value + 1 : reject("no number"),
  text: (value: Value) => String(value),
  list: (value: Value) => [value, value],
};

const setUp = async (): Promise<[Bench, TestClient]> => {
  const bench = new Bench({ sandbox: new FakeSandbox(codes) });
  return [bench, await bench.connect()];
};

/** Stores below null; returns the error, or "ok". */
async function store(client: TestClient, path: string, value: Value): Promise<string> {
  const place = path === "" ? Path.root : P(path);
  return String((await client.ask("set_internal", { path: place, value })).error ?? "ok");
}

const int = { code: "int", good: [0, 7], bad: [1.5] };

const badTypes: readonly (readonly [what: string, value: Value, error: string])[] = [
  ["code is compiled first", { code: "?" }, "SyntaxError('invalid syntax')"],
  ["good is missing", { code: "int", bad: [1.5] }, "AttributeError('good')"],
  ["bad is missing", { code: "int", good: [1, 2] }, "AttributeError('bad')"],
  ["one good value", { code: "int", good: [1], bad: [1.5] }, "RuntimeError('Must have check-good values')"],
  ["no bad value", { code: "int", good: [1, 2], bad: [] }, "RuntimeError('Must have check-bad values')"],
  [
    "a good value fails",
    { ...int, good: [1, "dud"] },
    `ValueError("failed on good value 'dud': ValueError('not an int')")`,
  ],
  ["a bad value passes", { ...int, bad: [1.5, 4] }, "ValueError('did not fail on 4')"],
  ["no mapping", 5, "ValueError('A type must be a mapping')"],
  ["an unknown language", { ...int, lang: "perl" }, `ValueError("'lang' must be 'python' or 'js'")`],
];

for (const [what, value, error] of badTypes) {
  Deno.test(`a type is refused: ${what}`, async () => {
    const [bench, client] = await setUp();
    await using _ = bench;
    assertEquals(await store(client, "type.x", value), error);
    assertEquals((await client.ask("get_internal", { path: P("type.x") })).value, undefined);
  });
}

Deno.test("a type's examples, good and bad, have to pass the types above; their error is told as it is", async () => {
  const [bench, client] = await setUp();
  await using _ = bench;
  assertEquals(await store(client, "type.int", int), "ok");
  assertEquals(await store(client, "type.int.small", { code: "small", good: [0, 4], bad: [5] }), "ok");
  const bad = { code: "small", good: [0, 4], bad: ["x"] };
  assertEquals(await store(client, "type.int.small", bad), "ValueError('not an int')");
  const good = { code: "small", good: [0, 4.5], bad: [5] };
  assertEquals(await store(client, "type.int.small", good), "ValueError('not an int')");
});

Deno.test("a type without code and schema needs no examples; the top has no value", async () => {
  const [bench, client] = await setUp();
  await using _ = bench;
  assertEquals(await store(client, "type.group", {}), "ok");
  assertEquals(await store(client, "type", {}), `ValueError("This node can't have data.")`);
  assertEquals(await store(client, "match", {}), `ValueError("This node can't have data.")`);
});

Deno.test("code that has to be killed by an example is not stored, and the error names type and value", async () => {
  const [bench, client] = await setUp();
  await using _ = bench;
  const error = await store(client, "type.slow", { ...int, code: "never" });
  assertIncludes(error, "On the example 0 the type slow is inactive: TimeoutError('50 ms')");
});

Deno.test("set_value with a leading null is validated as set_internal is, and deletions are not", async () => {
  const [bench, client] = await setUp();
  await using _ = bench;
  const { error } = await client.ask("set_value", { path: P(":n.type.x"), value: { code: "?" } });
  assertEquals(error, "SyntaxError('invalid syntax')");
  await store(client, "type.int", int);
  assertEquals((await client.ask("delete_internal", { path: P("type.int") })).changed, true);
});

Deno.test("a match needs a type that exists; one that is named by a text is stored as a path", async () => {
  const [bench, client] = await setUp();
  await using _ = bench;
  await store(client, "type.int", int);
  assertEquals(await store(client, "match.a", {}), "AttributeError('type')");
  assertEquals(await store(client, "match.a", { type: 5 }), "ValueError('Type of 5 is not a list')");
  assertEquals(await store(client, "match.a", { type: P("foo") }), "ClientError('This type does not exist')");
  assertEquals(await store(client, "match.a", { type: "int", more: 1 }), "ok");
  assertEquals((await client.ask("get_internal", { path: P("match.a") })).value, { type: P("int"), more: 1 });
  assertEquals(await store(client, "match.b", { type: ["int"] }), "ok");
});

for (const always of [false, true]) {
  const turns = always ? "in one turn" : "in turns of their own";
  Deno.test(`a burst of type, match and value, ${turns}: each is checked by what is in front of it`, async () => {
    await using bench = new Bench({ sandbox: new FakeSandbox(codes), always });
    const client = await bench.connect();
    await client.ask("set_value", { path: P("before"), value: 1 }); // so that it is known that there was no match
    client.send(
      { action: "set_internal", path: P("type.int"), value: int, seq: 11 },
      { action: "set_internal", path: P("match.a"), value: { type: P("int") }, seq: 12 },
      { action: "set_value", path: P("a"), value: "text", seq: 13 },
      { action: "set_value", path: P("a"), value: 1, seq: 14 },
      { action: "delete_internal", path: P("match.a"), seq: 15 },
      { action: "set_value", path: P("a"), value: "text", seq: 16 },
    );
    const replies = await client.take(6);
    assertEquals(replies.map(({ seq, changed, error }) => `${seq} ${changed ?? error}`), [
      "11 true",
      "12 true",
      "13 ValueError('not an int')",
      "14 true",
      "15 true",
      "16 true",
    ]);
  });
}

const badCodecs: readonly (readonly [what: string, value: Value, error: string])[] = [
  ["decode is missing", { encode: null }, "AttributeError('decode')"],
  ["encode is missing", { decode: null }, "AttributeError('encode')"],
  ["in is missing", { decode: "plus1", encode: null }, "KeyError('in')"],
  ["no in", { decode: "plus1", encode: null, in: [] }, "RuntimeError('Must have tests for decoding')"],
  ["no out", { decode: null, encode: "text", out: [] }, "RuntimeError('Must have tests for encoding')"],
  [
    "wrong result",
    { decode: "plus1", encode: null, in: [[1, 3]] },
    "ValueError('Decoding at :n.codec.x: 1 got 2, not 3')",
  ],
  [
    "wrong result the other way",
    { decode: null, encode: "text", out: [[1, 1]] },
    `ValueError("Encoding at :n.codec.x: 1 got '1', not 1")`,
  ],
  [
    "an exception",
    { decode: "plus1", encode: null, in: [["x", 1]] },
    `ValueError("failed decoder at :n.codec.x on 'x' with ValueError('no number')")`,
  ],
  ["no pair", { decode: "plus1", encode: null, in: [5] }, "ValueError('5 is no pair')"],
];

for (const [what, value, error] of badCodecs) {
  Deno.test(`a codec is refused: ${what}`, async () => {
    const [bench, client] = await setUp();
    await using _ = bench;
    assertEquals(await store(client, "codec.x", value), error);
  });
}

Deno.test("a codec is stored if its examples come out as Python's == says: 2.0 is 2, an array is an array", async () => {
  const [bench, client] = await setUp();
  await using _ = bench;
  const value = { decode: "plus1", encode: "list", in: [[1, 2], [0, true]], out: [[1, [1, 1]]] };
  assertEquals(await store(client, "codec.x", value), "ok");
  assertEquals(await store(client, "codec.none", { decode: null, encode: null }), "ok");
  assertEquals(await store(client, "codec", null), "ok");
  assertEquals((await client.ask("delete_internal", { path: P("codec.x") })).changed, true);
});

Deno.test("a converter names a codec, which need not be there yet; the group itself has no value", async () => {
  const [bench, client] = await setUp();
  await using _ = bench;
  assertEquals(await store(client, "conv.g.a", {}), "ValueError('Duh? {}')");
  assertEquals(await store(client, "conv.g.a", { codec: 5 }), "ValueError('Codec 5 is not a list')");
  assertEquals(await store(client, "conv.g.a", { codec: "later.on" }), "ok");
  assertEquals((await client.ask("get_internal", { path: P("conv.g.a") })).value, { codec: P("later.on") });
  assertEquals(await store(client, "conv.g", {}), `ValueError("This node can't have data.")`);
});

Deno.test("a rule is a text, or a text with an end; the top has no value", async () => {
  const [bench, client] = await setUp();
  await using _ = bench;
  assertEquals(await store(client, "acl.g.a", 5), "ValueError('ACL is not a string')");
  assertEquals(await store(client, "acl.g.a", { acl: "rx", until: "soon" }), "ValueError('ACL is not a string')");
  assertEquals(await store(client, "acl", "rx"), `ValueError("This node can't have data.")`);
  assertEquals(await store(client, "acl.g.a", "xyz"), "ok");
  assertEquals(await store(client, "acl.g", { acl: "rx", until: 1764030000.5 }), "ok");
});
