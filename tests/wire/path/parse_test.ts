import fc from "fast-check";
import { RequestError } from "../../../wire/errors.ts";
import { parsePath, PathSyntaxError } from "../../../wire/path/parse.ts";
import { Path } from "../../../wire/path/path.ts";
import { parseSlashPath, printSlashPath } from "../../../wire/path/slash.ts";
import { assertEquals, assertIncludes, assertInstance, assertThrows } from "../../support/assert.ts";
import { type Json, readVectors } from "../../support/vectors.ts";
import { anyPath, elementOfJson, plain } from "./support.ts";

interface PathVector {
  readonly in?: string;
  readonly elements?: Json[];
  readonly mark?: string;
  readonly str?: string;
  readonly error?: string;
  readonly slash?: string;
}

const vectors = readVectors("paths.jsonl") as readonly PathVector[];

/** Texts that are read differently on purpose: what comes out here, and why. */
const readDifferently: Readonly<Record<string, readonly [string, string]>> = {
  "a:1/3": ["Cannot eval '1/3' at 5: only literals and tuples are understood, no operators", "paths do not compute"],
  "a:2**70": [
    "Cannot eval '2**70' at 7: only literals and tuples are understood, no operators",
    "paths do not compute",
  ],
  "a:-2**70": [
    "Cannot eval '-2**70' at 8: only literals and tuples are understood, no operators",
    "paths do not compute",
  ],
  "a:1e3": ["a:1000", "a float without a fraction is an integer"],
};

/** Paths that are printed differently on purpose: the original's text, ours, and why. */
const printedDifferently: Readonly<Record<string, readonly [string, string]>> = {
  "": [":()", "an empty tuple must read back"],
  ":-0:.0": [":0", "a float without a fraction is an integer"],
  ":1e+100": [`:${BigInt(1e100)}`, "a float without a fraction is an integer"],
  ":iinf": [":1e999", "infinity must read back"],
};

Deno.test("parsePath() reads the original's paths as the original does", () => {
  for (const vector of vectors) {
    if (vector.in === undefined) continue;
    const [ours] = readDifferently[vector.in] ?? [];
    if (vector.elements === undefined || ours?.startsWith("Cannot")) {
      const error = assertThrows(() => parsePath(vector.in!), PathSyntaxError);
      assertEquals(`${error.name}: ${error.message}`, ours === undefined ? vector.error : `SyntaxError: ${ours}`);
    } else {
      const expected = Path.from(vector.elements.map(elementOfJson), vector.mark);
      assertEquals(plain(parsePath(vector.in)), plain(expected), vector.in);
      assertEquals(parsePath(vector.in).mark, vector.mark ?? "", vector.in);
      assertEquals(parsePath(vector.in).toString(), ours ?? vector.str, vector.in);
    }
  }
});

Deno.test("Path prints as the original does", () => {
  for (const vector of vectors) {
    if (vector.in !== undefined || vector.str === ":inan") continue;
    const path = Path.from(vector.elements!.map(elementOfJson), vector.mark);
    assertEquals(path.toString(), printedDifferently[vector.str!]?.[0] ?? vector.str);
  }
});

Deno.test("the slash form is the original's", () => {
  for (const vector of vectors) {
    if (vector.slash === undefined || vector.str === ":inan") continue;
    if (vector.str! in printedDifferently || vector.in! in readDifferently) continue;
    const path = Path.from(vector.elements!.map(elementOfJson), vector.mark);
    assertEquals(printSlashPath(path), vector.slash);
    assertEquals(plain(parseSlashPath(vector.slash)), plain(path), vector.slash);
  }
});

Deno.test("NaN is no path element", () => {
  assertThrows(() => Path.of(NaN), RequestError, "NaN");
  assertThrows(() => parsePath(":inan"), PathSyntaxError, "Cannot eval 'nan' at 5");
});

/** Section 2.4 of the facts: text, elements. */
const examples: readonly (readonly [string, readonly unknown[]])[] = [
  ["a.b:.c", ["a", "b.c"]],
  ["a::b", ["a:b"]],
  ["a_b", ["a_b"]],
  [":t", [true]],
  ["a:t.b", ["a", true, "b"]],
  [":x1f", [31]],
  [":31", [31]],
  [":0x1f", [31]],
  [":b101", [5]],
  [":yff00", [Uint8Array.of(255, 0)]],
  [":vabc", [Uint8Array.of(97, 98, 99)]],
  [":sYWKZ", [Uint8Array.of(97, 98, 0x99)]],
  [":s+/8=", [Uint8Array.of(0xfb, 0xff)]],
  [":-1", [-1]],
  [":1,2", [{ tuple: [1, 2] }]],
  [":(1,2)", [{ tuple: [1, 2] }]],
  [":1,", [{ tuple: [1] }]],
  [":()", [{ tuple: [] }]],
  [":(1,(2,3))", [{ tuple: [1, { tuple: [2, 3] }] }]],
  [":1,'a:_b',2", [{ tuple: [1, "a b", 2] }]],
  [":", []],
  ["::", [":"]],
  [":1:.23.c", [1.23, "c"]],
  [":1:.5", [1.5]],
  [":1.5", [1, "5"]],
  ["a:v.c", ["a", new Uint8Array(), "c"]],
  [":x10:y0aff:f", [16, Uint8Array.of(10, 255), false]],
  [":'a:.b'", ["a.b"]],
  [":iTrue", [true]],
  [":i5", [5]],
  [":x-1_0", [-16]],
  [":y0a:_ff", [Uint8Array.of(10, 255)]],
  [":1_000", [1000]],
  [":0b1_1", [3]],
  [":'a\\n\\x41\\u00e9\\'',b'\\xff'", [{ tuple: ["a\nAé'", Uint8Array.of(255)] }]],
  ["q:e:.x", ["q", "", ".x"]],
  ["a.:x1f", ["a", 31]],
];

Deno.test("parsePath() knows every code", () => {
  for (const [text, elements] of examples) {
    assertEquals(plain(parsePath(text)), elements as unknown[], text);
    assertEquals(plain(parsePath(parsePath(text).toString())), elements as unknown[], `${text} again`);
  }
});

Deno.test("parsePath() refuses what is no path", () => {
  const wrong = [
    "",
    ".",
    ".a",
    "a.",
    "a..b",
    "a.b.",
    "a.:e",
    "a.:t",
    "a.:1",
    ":2..c",
    "a.b:",
    ":t:",
    ":t.",
    "a:n:",
    ":ec",
    ":tc",
    ":w",
    ":x",
    ":b",
    ":i",
    ":x1g",
    ":b2",
    ":y6",
    ":yzz",
    ":sYW",
    ":true",
    ":nil",
    ":list",
    "a:h123",
    "a:1b",
    "q:e_",
    "q:t_x",
    ":::",
    ":m",
    ":mx.a:my.b",
    ":[1,2]",
    ":{1::2}",
    ":b'x'",
    ":R",
    "a:'x",
    ":1,,2",
    ":(1",
    ":1)",
    ":01",
    ":--",
    ":'a'b",
    ":-True",
    ":u'\\x'",
    ":-18446744073709551616",
    "a".repeat(70_000),
  ]; // deno-fmt-ignore-line
  for (const text of wrong) assertThrows(() => parsePath(text), PathSyntaxError);
  assertEquals(assertThrows(() => parsePath(""), PathSyntaxError).message, "The empty string is not a path");
  const error = assertThrows(() => parsePath("😀..b"), PathSyntaxError, "Cannot parse '😀..b' at 2");
  assertEquals(error.position, 2);
});

Deno.test("a path reads back from its text", () => {
  fc.assert(
    fc.property(anyPath, (path) => {
      const back = parsePath(path.toString());
      assertEquals(plain(back), plain(path));
      assertEquals(back.mark, path.mark);
      assertEquals(back.equals(path), true);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("a path reads back from its slash form", () => {
  fc.assert(
    fc.property(anyPath, (path) => {
      const back = parseSlashPath(printSlashPath(path));
      assertEquals(plain(back), plain(path));
      assertEquals(back.mark, path.mark);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("no text makes the parser fail in another way", () => {
  const anyText = fc.string({ unit: fc.constantFrom(..."ab:._ xyvsimtfne0123456789-+,()'\"\\b/é\n") });
  fc.assert(
    fc.property(anyText, (text) => {
      for (const parse of [parsePath, parseSlashPath]) {
        try {
          const path = parse(text);
          assertEquals(plain(parsePath(path.toString())), plain(path));
        } catch (error) {
          assertInstance(error, PathSyntaxError);
          assertIncludes(error.message, /^(Cannot|The|Conflicting)/);
        }
      }
    }),
    { numRuns: 3000 },
  );
});

Deno.test("deep tuples are refused, not followed", () => {
  assertThrows(() => parsePath(":" + "(".repeat(30_000)), PathSyntaxError, "nested deeper");
});
