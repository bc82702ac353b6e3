import { encode, Float } from "../../../wire/mod.ts";
import { ChainError, RequestError } from "../../../wire/errors.ts";
import type { Value } from "../../../wire/value.ts";
import { checkChain, isEqual, seenChain } from "../../../server/core/precondition.ts";
import { NO_VALUE } from "../../../server/core/values.ts";
import { Store } from "../../../server/core/store.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";
import { at, chain, dump, event, put, remove } from "./world.ts";

function store(): Store {
  const node = new Store({ node: "test1" });
  for (let i = 0; i < 3; i++) put(node, "old", i);
  node.merge(event("a.b", { node: "test2", tick: 7, prev: { node: "test1", tick: 3 } }, 9, "value"));
  remove(node, "gone");
  node.commit();
  return node;
}

const refused: [path: string, expected: string | null, text: string | undefined][] = [
  ["a.b", null, "Entry already exists at a.b"],
  ["new", null, undefined],
  ["gone", null, undefined],
  ["old", "test13", undefined],
  ["old", "test13 other9", undefined],
  ["a.b", "test27 wrong1", undefined],
  ["new", "test11", "Entry is new at new"],
  ["gone", "test14", "Entry is new at gone"],
  ["old", "test12", "Chain is <NodeEvent test1:3 (3,)> not <NodeEvent test1:2 (2,)> for old"],
  ["old", "nosuch1", "Chain is <NodeEvent test1:3 (3,)> not <NodeEvent nosuch:1 (1,)> for old"],
];

for (const [path, expected, text] of refused) {
  Deno.test(`checkChain() of ${path} with ${expected}: ${text ?? "passes"}`, () => {
    const node = store();
    const given = expected === null ? null : split(expected);
    const check = () => checkChain(at(node, path), given, path);
    if (text === undefined) check();
    else assertEquals(assertThrows(check, ChainError).message, text);
  });
}

/** Names here end in a digit: `test13` is test1, tick 3. */
function split(text: string): ReturnType<typeof chain> {
  const [head, ...rest] = text.split(" ").map((link) => ({ node: link.slice(0, -1), tick: Number(link.slice(-1)) }));
  return { ...head, prev: rest[0] };
}

Deno.test("checkChain() prints chains with all links, and refuses malformed ones", () => {
  const node = store();
  put(node, "a.b", 2);
  const check = (expected: Parameters<typeof checkChain>[1]) => () => checkChain(at(node, "a.b"), expected, "a.b");
  assertThrows(
    check(chain("x1 y2")),
    ChainError,
    "Chain is <NodeEvent test1:5 test2:7 (5,)> not <NodeEvent x:1 y:2 (1,)> for a.b",
  );
  assertThrows(check({ node: "x", tick: -1 }), RequestError, "tick");
  assertThrows(check(chain("x1 x2")), RequestError, "twice");
});

Deno.test("What a client says about chains raises nothing", () => {
  const node = store();
  const before = dump(node);
  assertThrows(() => checkChain(at(node, "old"), chain("nosuch99 other77"), "old"), ChainError);
  assertEquals(dump(node), before);
});

Deno.test("Clients see no chain on an entry without a value", () => {
  const node = store();
  assertEquals([seenChain(undefined), seenChain(at(node, "gone")), seenChain(at(node, "a"))], [null, null, null]);
  assertEquals(seenChain(at(node, "old")), { node: "test1", tick: 3, older: null });
});

Deno.test("isEqual() goes by value: int is not float, the order of a map does not count", () => {
  const node = new Store({ node: "me" });
  const cases: [Value, Value, boolean][] = [
    [5, 5, true],
    [5, new Float(5), false],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [[1, "x"], [1, "x"], true],
    ["x".repeat(100), "x".repeat(100), true],
    ["x".repeat(100), "x".repeat(99) + "y", false],
    [null, null, true],
    [null, false, false],
  ];
  for (const [stored, given, expected] of cases) {
    const { value } = put(node, "p", stored);
    const bytes = encode(given);
    assertEquals(isEqual(node.values, value, bytes, 0, bytes.length), expected);
  }
  assertEquals(isEqual(node.values, NO_VALUE, encode(null), 0, 1), false);
});
