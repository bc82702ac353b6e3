import fc from "fast-check";
import { entriesOf, isMapping } from "../../../../client/cli/mapping.ts";
import { formatYaml } from "../../../../client/cli/output/yaml_format.ts";
import { parseYaml, YamlError } from "../../../../client/cli/output/yaml_parse.ts";
import { Path } from "../../../../wire/path/path.ts";
import { P } from "../../../../wire/path/template.ts";
import { Ext, Float, Timestamp, type Value } from "../../../../wire/value.ts";
import { anyPath, anyValue } from "../../../support/arbitrary_value.ts";
import { assertEquals, assertIncludes, assertThrows } from "../../../support/assert.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

const documents: readonly (readonly [value: Value, yaml: string])[] = [
  [{ two: 2, one: "XXX" }, "one: XXX\ntwo: 2\n"],
  [{ a: [1, 2], b: { c: [] } }, "a:\n- 1\n- 2\nb:\n  c: []\n"],
  [[1, [2, 3], { a: 1, b: [4] }], "- 1\n- - 2\n  - 3\n- a: 1\n  b:\n  - 4\n"],
  [new Map<Value, Value>([[1, "x"]]), "1: x\n"],
  [new Map([["1", 1]]), "'1': 1\n"],
  [{ "a b": 1 }, "a b: 1\n"],
  [{ "": 1 }, "'': 1\n"],
  [{ p: P("x.y") }, "p: !P x.y\n"],
  [new Map<Value, Value>([[[1, 2], 3]]), "? - 1\n  - 2\n: 3\n"],
  [{ a: null, b: true, c: false }, "a: null\nb: true\nc: false\n"],
  [{ a: new Float(12), b: Infinity, c: NaN, d: 1e-7 }, "a: 12.0\nb: .inf\nc: .nan\nd: 1e-07\n"],
  [
    { a: "12", b: "null", c: "2020-01-01", d: "1e5", e: "true", f: "yes", g: "on", h: "127.0.0.1" },
    "a: '12'\nb: 'null'\nc: '2020-01-01'\nd: '1e5'\ne: 'true'\nf: yes\ng: on\nh: 127.0.0.1\n",
  ],
  [{ a: "it's", b: "a: b", c: "#x", d: " x", e: "ü€😀" }, "a: it's\nb: 'a: b'\nc: '#x'\nd: ' x'\ne: ü€😀\n"],
  [{ a: "x\ny\n", b: "x\ny", c: "x\n\n" }, "a: |\n  x\n  y\nb: |-\n  x\n  y\nc: |+\n  x\n\n"],
  [{ a: "tab\there", b: "\x00" }, 'a: "tab\\there"\nb: "\\u0000"\n'],
  [{ a: bytes("abc"), b: Uint8Array.of(0, 255) }, "a: !bin abc\nb: !!binary |\n  AP8=\n"],
  [[Path.root, P(":n.auth")], "- !P ':'\n- !P :n.auth\n"],
  [
    [new Timestamp(1577934245n, 500_000_000), new Ext(17, Uint8Array.of(1, 255))],
    [
      "- !!timestamp 2020-01-02T03:04:05.5Z\n",
      "- !ext 17:01ff\n",
    ].join(""),
  ],
  [{ _: 1, Z: 2, a: 3 }, "Z: 2\n_: 1\na: 3\n"],
  ["x", "x\n"],
  [{}, "{}\n"],
  [[], "[]\n"],
];

for (const [value, yaml] of documents) {
  Deno.test(`formatYaml() prints ${JSON.stringify(yaml)}`, () => {
    assertEquals(formatYaml(value), yaml);
    assertEquals(parseYaml(yaml)[0].value, value);
  });
}

Deno.test("formatYaml() prints what parseYaml() reads back", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      assertEquals(canonical(parseYaml(formatYaml(value))[0].value), canonical(value));
    }),
    { numRuns: 1500 },
  );
});

Deno.test("formatYaml() prints paths that parseYaml() reads back", () => {
  fc.assert(
    fc.property(anyPath, (path) => {
      assertEquals(parseYaml(formatYaml([new Map<Value, Value>([[path, path]])]))[0].value, [new Map([[path, path]])]);
    }),
    { numRuns: 500 },
  );
});

/** The 32-byte hash of the tutorial. */
Deno.test("formatYaml() prints bytes as base64 when they are not ASCII", () => {
  const hash = Uint8Array.fromBase64("7NcYcNGWMxapfjrDQIyYNa2M8PPBvHA1J8MCZVNPda4=");
  assertEquals(
    formatYaml({ password: hash }),
    "password: !!binary |\n  7NcYcNGWMxapfjrDQIyYNa2M8PPBvHA1J8MCZVNPda4=\n",
  );
});

Deno.test("parseYaml() reads the original's tags", () => {
  const [{ value }] = parseYaml("a: !hex 00:ff\nb: !bin abc\nc: !!binary AP8=\nd: !env HOME\ne: &x {q: 1}\nf: *x", {
    env: (name) => `<${name}>`,
  });
  const both = Uint8Array.of(0, 255);
  assertEquals(value, { a: both, b: bytes("abc"), c: both, d: "<HOME>", e: { q: 1 }, f: { q: 1 } });
});

Deno.test("parseYaml() reads several documents, and an empty one as nothing", () => {
  assertEquals(parseYaml("a: 1\n---\n- 2\n---\n").map(({ value }) => value), [{ a: 1 }, [2], null]);
  assertEquals(parseYaml(""), []);
});

const wrong: readonly (readonly [yaml: string, line: number, column: number, reason: string])[] = [
  ["a: [1", 1, 6, "]"],
  ["a: 1\nb: !foo 1", 2, 9, "The tag !foo is unknown"],
  ["a: 1\na: 2", 2, 1, "twice"],
  ["a: !hex zz", 1, 9, "hex"],
  ["a: !P a..b", 1, 7, "Cannot parse 'a..b' at 2"],
  ["a: *nowhere", 1, 4, "alias"],
  ["a: !env NOPE", 1, 9, "NOPE"],
];

for (const [yaml, line, column, reason] of wrong) {
  Deno.test(`parseYaml() says where ${JSON.stringify(yaml)} is wrong`, () => {
    const error = assertThrows(() => parseYaml(yaml), YamlError);
    assertEquals([error.line, error.column], [line, column]);
    assertIncludes(error.reason, reason);
  });
}

Deno.test("parseYaml() resolves a bounded number of aliases", () => {
  const bomb = ["a0: &a0 [x]"];
  for (let i = 1; i < 12; i++) bomb.push(`a${i}: &a${i} [${Array(9).fill(`*a${i - 1}`).join(",")}]`);
  assertThrows(() => parseYaml(bomb.join("\n")), YamlError, "too many");
});

/** A value as text that is the same whatever the order of keys. */
function canonical(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(canonical)}]`;
  if (value instanceof Float) return `float ${Object.is(value.valueOf(), -0) ? "-0" : value}`;
  if (value instanceof Uint8Array) return `bytes ${value.toHex()}`;
  if (!isMapping(value)) return `${typeof value} ${typeof value === "string" ? JSON.stringify(value) : value}`;
  return `{${entriesOf(value).map(([key, item]) => `${canonical(key)}: ${canonical(item)}`).sort()}}`;
}
