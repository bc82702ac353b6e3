import fc from "fast-check";
import { evaluate, ExpressionError } from "../../../client/cli/expression.ts";
import { bytesText, numberText } from "../../../client/cli/output/scalar_text.ts";
import { entriesOf, isMapping } from "../../../client/cli/mapping.ts";
import { Float, type Value } from "../../../wire/value.ts";
import { anyValue } from "../../support/arbitrary_value.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

const values: readonly (readonly [text: string, value: Value])[] = [
  ["42", 42],
  ["-7", -7],
  ["- -7", 7],
  ["+5", 5],
  ["1.5", 1.5],
  ["12.0", new Float(12)],
  ["-0.0", new Float(-0)],
  ["5.", new Float(5)],
  [".5", 0.5],
  ["1e-3", 0.001],
  ["1e100", new Float(1e100)],
  ["1_000", 1000],
  ["0x_1f", 31],
  ["0o17", 15],
  ["0b101", 5],
  ["000", 0],
  ["12345678901234567890123", 12345678901234567890123n],
  ["-9223372036854775808", -9223372036854775808n],
  ["True", true],
  ["False", false],
  ["None", null],
  ["'text'", "text"],
  ['"it\'s"', "it's"],
  ["''", ""],
  ['"a" \'b\'  "c"', "abc"],
  ['"""a\n"b" """', 'a\n"b" '],
  ["'''x'''", "x"],
  ["'\\n\\t\\\\\\'\\x41\\101\\u20ac\\U0001f600'", "\n\t\\'AA€😀"],
  ["'\\q'", "\\q"],
  ["'a\\\nb'", "ab"],
  ["r'\\d\\'x'", "\\d\\'x"],
  ["R'\\d'", "\\d"],
  ["u'x'", "x"],
  ["b'bytes'", new TextEncoder().encode("bytes")],
  ["b'\\xff\\0\\u'", Uint8Array.of(255, 0, 92, 117)],
  ["rb'\\x'", Uint8Array.of(92, 120)],
  ["[]", []],
  ["[1,2]", [1, 2]],
  ["[1,2,]", [1, 2]],
  ["(1,2)", [1, 2]],
  ["(1,)", [1]],
  ["(1)", 1],
  ["()", []],
  ["1,2", [1, 2]],
  ["1,", [1]],
  ["{}", {}],
  ['{"a": 1}', { a: 1 }],
  ['{"a": 1, "a": 2,}', { a: 2 }],
  ['[1,("x",None),{"b":[True]}]', [1, ["x", null], { b: [true] }]],
  [" [ 1 ,\n 2 ] ", [1, 2]],
];

for (const [text, value] of values) {
  Deno.test(`evaluate() reads ${JSON.stringify(text)}`, () => assertEquals(evaluate(text), value));
}

Deno.test("evaluate() keeps keys that are no texts", () => {
  assertEquals(evaluate('{1: "x", (1,2): 3, "12": 4}'), new Map<Value, Value>([[1, "x"], [[1, 2], 3], ["12", 4]]));
});

const refused: readonly (readonly [text: string, position: number, reason: string])[] = [
  ["", 0, "a value is missing"],
  ["foo", 0, "use -v"],
  ["true", 0, "write True"],
  ["null", 0, "write None"],
  ["[1, nil]", 4, "write None"],
  ["1+2", 1, "no operators"],
  ["2**70", 1, "no operators"],
  ["1 2", 2, "does not belong here"],
  ["[1", 2, "',' or ']' is missing"],
  ["[1 2]", 3, "',' or ']' is expected here"],
  ["(1", 2, "')' is missing"],
  ["{1: 2", 5, "',' or '}' is missing"],
  ["{1,2}", 1, "sets"],
  ["{{}: 1}", 1, "cannot be a key"],
  ["{'a' 1}", 5, "':' is expected"],
  ["1j", 2, "complex"],
  ["012", 1, "no number"],
  ["1__0", 1, "no number"],
  ["0x", 1, "no number"],
  ["-", 1, "a number is expected"],
  ["'abc", 0, "not closed"],
  ["'a\nb'", 0, "not closed"],
  ["'''abc'", 0, "not closed"],
  ["'\\x4'", 1, "cut short"],
  ["'\\N{DASH}'", 1, "not supported"],
  ["'\\ud800'", 1, "surrogate"],
  ["'\\U00110000'", 1, "no character"],
  ["b'ü'", 2, "ASCII"],
  ["b'a' 'b'", 0, "cannot be joined"],
  ["bu'x'", 0, "no prefix"],
  ["f'x'", 0, "is a name"],
  ["int('1')", 0, "is a name"],
  ["@", 0, "this is no value"],
];

for (const [text, position, reason] of refused) {
  Deno.test(`evaluate() refuses ${JSON.stringify(text)}`, () => {
    const error = assertThrows(() => evaluate(text), ExpressionError, reason);
    assertEquals([error.position, error.name], [position, "SyntaxError"]);
  });
}

Deno.test("evaluate() bounds the depth", () => {
  assertThrows(() => evaluate("[".repeat(100_000)), ExpressionError, "nested deeper");
  assertThrows(() => evaluate("{1:".repeat(100_000)), ExpressionError, "nested deeper");
});

Deno.test("evaluate() reads every value that Python prints", () => {
  fc.assert(fc.property(anyValue, (value) => assertEquals(evaluate(pythonOf(value)), value)), { numRuns: 500 });
});

Deno.test("evaluate() throws nothing but its own error", () => {
  const anything = fc.oneof(fc.string(), fc.stringMatching(/^[-+0-9a-z'"\\\[\](){},:._ ]{0,30}$/));
  fc.assert(
    fc.property(anything, (text) => {
      try {
        evaluate(text);
      } catch (error) {
        if (!(error instanceof ExpressionError)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
});

/** How Python writes a value. */
function pythonOf(value: Value): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number" || typeof value === "bigint" || value instanceof Float) return numberText(value);
  if (typeof value === "string") return JSON.stringify(value).replaceAll("\\/", "/");
  if (value instanceof Uint8Array) return bytesText(value);
  if (Array.isArray(value)) return `[${value.map(pythonOf).join(", ")}]`;
  if (!isMapping(value)) throw new TypeError(String(value));
  return `{${entriesOf(value).map(([key, item]) => `${pythonOf(key)}: ${pythonOf(item)}`).join(", ")}}`;
}
