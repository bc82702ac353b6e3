import fc from "fast-check";
import { RequestError } from "../../../wire/errors.ts";
import { parsePath, PathSyntaxError } from "../../../wire/path/parse.ts";
import { Path, type PathInput } from "../../../wire/path/path.ts";
import { parseSlashPath, printSlashPath } from "../../../wire/path/slash.ts";
import { P } from "../../../wire/path/template.ts";
import { Float } from "../../../wire/value.ts";
import { assertEquals, assertFalse, assertSame, assertThrows, assertTrue } from "../../support/assert.ts";
import { anyPath, plain } from "./support.ts";

Deno.test("Path.of() takes elements in their canonical form", () => {
  assertEquals(plain(Path.of(new Float(1), -0, 5n, 2n ** 60n, [1, ["a"]])), [
    1,
    0,
    5,
    2n ** 60n,
    { tuple: [1, { tuple: ["a"] }] },
  ]);
  assertEquals(plain(Path.of(2 ** 60, -1e300)), [2n ** 60n, -1e300]);
  assertSame(Path.of(), Path.root);
  const wrong = [undefined, {}, new Map(), new Date(), () => {}, Symbol("x"), NaN, -(2n ** 63n) - 1n, "\ud800"];
  for (const value of wrong) assertThrows(() => Path.of(value as PathInput), RequestError, "A path element cannot");
});

Deno.test("a path does not change with what it was made of", () => {
  const bytes = Uint8Array.of(1);
  const list = ["a"];
  const path = Path.of(bytes, list);
  bytes[0] = 2;
  list.push("b");
  assertEquals(path.toString(), ":y01:'a',");
});

Deno.test("paths are compared, cut and joined", () => {
  const path = P("a.b:3");
  assertEquals(path.length, 3);
  assertEquals([path.at(0), path.at(-1), path.at(3)], ["a", 3, undefined]);
  assertEquals(path.child("c").toString(), "a.b:3.c");
  assertEquals(path.concat(P("x:t")).toString(), "a.b:3.x:t");
  assertEquals(path.slice(1).toString(), "b:3");
  assertEquals(path.slice(-1).toString(), ":3");
  assertEquals([...path], ["a", "b", 3]);
  assertTrue(path.startsWith(P("a.b")) && path.startsWith(Path.root) && path.startsWith(path));
  assertFalse(path.startsWith(P("b")) || P("a").startsWith(path));
  assertTrue(P(":1,2:vab").equals(Path.of([1, 2], Uint8Array.of(97, 98))));
  for (const other of [P(":1,2:vac"), P(":1,3:vab"), P(":1,2"), P(":1,2:vab").marked("x"), ":1,2:vab", null]) {
    assertFalse(P(":1,2:vab").equals(other));
  }
  assertFalse(P(":1").equals(P(":t")) || P("1").equals(P(":1")));
});

Deno.test("marks stay with their path, but nested ones do not count", () => {
  const marked = P(":mx.a");
  assertEquals([marked.mark, marked.child("b").toString(), marked.slice(1).toString()], ["x", ":mx.a.b", ":mx:"]);
  assertEquals(P("a").concat(marked).mark, "x");
  assertTrue(Path.of(marked).equals(Path.of(P("a"))));
  assertSame(marked.marked("x"), marked);
});

Deno.test("a path shows itself in its text form", () => {
  assertEquals(
    `${P("a:t")} ${JSON.stringify({ path: P("a.b") })} ${Deno.inspect(P("a:3"))}`,
    'a:t {"path":"a.b"} P(a:3)',
  );
});

Deno.test("the values of a template are whole elements", () => {
  const name = "living.room";
  assertEquals(plain(P`sensors.${name}:3`), ["sensors", "living.room", 3]);
  assertEquals(plain(P`${"a"}.${1.5}.${[1, 2]}:t.${null}`), ["a", 1.5, { tuple: [1, 2] }, true, null]);
  assertEquals(plain(P`${P("a:2")}.${"x"}`), ["a", 2, "x"]);
  assertEquals(plain(P`:mx.${Path.root}.${"x"}`), ["x"]);
  assertEquals(P`:mx.${"x"}`.mark, "x");
  assertEquals(plain(P`a.b`), ["a", "b"]);
  assertEquals(plain(P`:`), []);
  for (const make of [() => P`a${1}`, () => P`${1}b`, () => P`a:${1}`, () => P`:v${"x"}`, () => P`${1}${2}`]) {
    assertThrows(make, PathSyntaxError, /\$\{…\}/);
  }
  assertThrows(() => P`a..${1}`, PathSyntaxError, "Cannot parse 'a..${…}' at 2");
  fc.assert(fc.property(anyPath, anyPath, (a, b) => {
    assertEquals(plain(P`${a}.${"x"}.${b}`), plain([...a, "x", ...b]));
  }));
});

Deno.test("the slash form has its own escapes", () => {
  const pairs: readonly (readonly [string, readonly PathInput[]])[] = [
    ["", [""]],
    ["/", ["", ""]],
    ["a//b", ["a", "", "b"]],
    [":m", []],
    ["a/:2/b", ["a", 2, "b"]],
    [":t/:f/:n", [true, false, null]],
    [":1.5/c", [1.5, "c"]],
    [":1,2/c", [[1, 2], "c"]],
    ["a:|b", ["a/b"]],
    ["::a b.c", [":a b.c"]],
    [":va:|b:_c", [Uint8Array.from([97, 47, 98, 32, 99])]],
    [":1,'a:|b'", [[1, "a/b"]]],
    [":|", ["/"]],
  ];
  for (const [text, elements] of pairs) {
    assertEquals(plain(parseSlashPath(text)), plain(Path.of(...elements)), text);
    assertEquals(printSlashPath(Path.of(...elements)), text);
  }
  assertEquals(plain(parseSlashPath("a::_b/:_c/a:c/:x1f/:mx")), ["a:_b", " c", "a:c", 31]);
  assertEquals(parseSlashPath("a/:mx/b/:mx").mark, "x");
  for (const text of [":", "/:", ":e", ":w", ":mx/:my", "a/:1:2", ":t:f", ":n::a"]) {
    const error = assertThrows(() => parseSlashPath(text), PathSyntaxError);
    assertEquals(error.message, `Cannot eval '${text}', part ${text.lastIndexOf("/:") < 0 ? 1 : 2}`);
  }
});

Deno.test("printing and parsing a path takes little time", () => {
  const long = "a:.b::c:_d.".repeat(5000) + "x";
  assertEquals(parsePath(long).toString(), long);
  assertEquals(Path.of(new Uint8Array(500_000).fill(97)).toString().length, 500_002);
});
