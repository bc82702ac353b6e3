/** What must not reach originals. */

import { harmOf } from "../../../../server/replicate/compat/harm.ts";
import { hasPythonObject } from "../../../../server/replicate/compat/python_objects.ts";
import { splitMessage } from "../../../../wire/message/fragment_split.ts";
import { FragmentJoiner } from "../../../../wire/message/fragment.ts";
import { encode } from "../../../../wire/msgpack/encoder.ts";
import { keysOf } from "../../../../wire/path/keys.ts";
import { parsePath } from "../../../../wire/path/parse.ts";
import { Path } from "../../../../wire/path/path.ts";
import { Ext, type Value } from "../../../../wire/value.ts";
import { assertEquals } from "../../../support/assert.ts";

function isHarmful(path: string | Path, value?: Value, existing: readonly string[] = []): boolean {
  const keys = keysOf(typeof path === "string" ? parsePath(path) : path);
  const has = (found: readonly unknown[]) => existing.includes(found.slice(1).join("."));
  return harmOf(keys, keys.length, value === undefined ? null : encode(value), has) !== undefined;
}

const check = { code: "assert value > 0", good: [1, 2], bad: [0] };
const codec = { encode: "return str(value)", decode: null, out: [[1, "1"]] };

Deno.test("ordinary entries, and internal ones of the right form, are harmless", () => {
  const harmless: [string | Path, Value?][] = [
    ["a.b", 1],
    ["a.b", undefined],
    [":", "root"],
    [":n", undefined],
    [Path.of(1, true, 2.5, new Uint8Array([1])), null],
    [":n.type.int", check],
    [":n.type.int", { schema: { type: "integer" }, good: [1, 2], bad: ["x"] }],
    [":n.type.int", {}],
    [":n.type.int", undefined],
    [":n.match.a.b", { type: "int" }],
    [":n.match.a.b", { type: ["int"] }],
    [":n.codec.x.y", codec],
    [":n.conv.std.a", { codec: "x.y" }],
    [":n.conv.std.a", undefined],
    [":n.acl.std.a", "rwx"],
    [":n.acl.std.a", undefined],
    [":n.actor.del", { nodes: ["a"] }],
    [":n.hostmap.a", ["h", 1]],
    [":n.member.a", {}],
    [":n.conflict.a:3", { path: Path.of("x") }],
    [":n.auth.password.user.x", { any: 1 }],
  ];
  for (const [path, value] of harmless) assertEquals(isHarmful(path, value, ["type.int"]), false, String(path));
});

Deno.test("what kills an original is known", () => {
  const harmful: [string | Path, Value?][] = [
    [Path.of("a", null), 1],
    [Path.of("a", Path.of(1, 2)), 1],
    ["a", new Ext(4, new TextEncoder().encode("_"))],
    ["a", { deep: [1, new Ext(5, new Uint8Array([0xa1, 0x61]))] }],
    [":n.type", 1],
    [":n.type.int", 1],
    [":n.type.int", { ...check, good: [1] }],
    [":n.type.int", { ...check, bad: [] }],
    [":n.type.int", { ...check, lang: "js" }],
    [":n.match", undefined],
    [":n.match.a", undefined],
    [":n.match.a", { type: "other" }],
    [":n.match.a", { type: 5 }],
    [":n.match.a", {}],
    [":n.codec", undefined],
    [":n.codec.x", undefined],
    [":n.codec.x", null],
    [":n.codec.x", { encode: "x" }],
    [":n.codec.x", { ...codec, out: [] }],
    [":n.codec.x", { ...codec, lang: "js" }],
    [":n.conv", undefined],
    [":n.conv.std", undefined],
    [":n.conv.std", { codec: "x" }],
    [":n.conv.std.a", "x"],
    [":n.conv.std.a", {}],
    [":n.acl", undefined],
    [":n.acl.std", 1],
    [":n.actor.del", "a"],
    [":n.actor.del", undefined],
    [":n.actor.other", {}],
    [":n.actor.del.a", {}],
  ];
  for (const [path, value] of harmful) assertEquals(isHarmful(path, value, ["type.int"]), true, String(path));
});

Deno.test("Python's objects are found in any depth, and nothing else is taken for one", () => {
  const texts = ["", "x".repeat(40), "x".repeat(300), "x".repeat(70_000)];
  const bytes = [0, 300, 70_000].map((length) => new Uint8Array(length).fill(0xd4));
  const numbers = [0, -1, 200, -200, 70_000, 2 ** 33, -(2 ** 33), 1.5, 2n ** 63n, 2n ** 70n];
  const all: Value = [
    null,
    true,
    ...texts,
    ...bytes,
    ...numbers,
    { a: { b: [Path.of("x", 4)] } },
    new Ext(-1, new Uint8Array(4)),
  ];
  assertEquals(hasPythonObject(encode(all)), false);
  for (const size of [0, 1, 2, 4, 8, 16, 300]) {
    assertEquals(hasPythonObject(encode([all, new Ext(9, new Uint8Array(size).fill(5))] as Value)), false);
    for (const code of [4, 5]) {
      assertEquals(
        hasPythonObject(encode([all, { x: new Ext(code, new Uint8Array(size)) }] as Value)),
        true,
        `${size}`,
      );
    }
  }
});

Deno.test("a cut message is as the original cuts it, and comes together again", () => {
  for (const length of [1, 450, 451, 433 * 2, 433 * 2 + 1, 5000]) {
    const message = new Uint8Array(length).map((_, i) => i);
    let number = 0;
    const pieces = splitMessage(message, "n0", () => ++number);
    assertEquals(pieces.length, length <= 450 ? 1 : Math.ceil(length / 433));
    assertEquals(number, length <= 450 ? 0 : 1);
    if (length > 450) assertEquals(pieces[0].slice(0, 12).toHex(), "81a35f703094a26e300101c5" + "");
    const joiner = new FragmentJoiner();
    const joined = pieces.map((piece) => joiner.push(piece, 0));
    assertEquals(joined.at(-1), message);
  }
});
