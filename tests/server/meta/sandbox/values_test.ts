import fc from "fast-check";
import { decode, encode, Ext, Float, Path, sameValue, Timestamp, type Value } from "../../../../wire/mod.ts";
import { Sandbox } from "../../../../server/meta/sandbox/sandbox.ts";
import { anyPath, anyValue } from "../../../support/arbitrary_value.ts";
import { assertEquals, assertIncludes, assertTrue } from "../../../support/assert.ts";
import { conversion, convert, outcomeOf } from "../../../support/stored_code.ts";

const anyTimestamp = fc.tuple(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.integer({ min: 0, max: 999_999_999 }),
)
  .map(([seconds, nanoseconds]) => new Timestamp(seconds, nanoseconds));
const anyExt = fc.tuple(fc.integer({ min: 7, max: 127 }), fc.uint8Array({ maxLength: 20 })).map(([code, data]) =>
  new Ext(code, data)
);
const any: fc.Arbitrary<Value> = fc.oneof(
  { arbitrary: anyValue, weight: 5 },
  anyPath,
  anyTimestamp,
  anyExt,
  fc.array(fc.oneof(anyPath, anyTimestamp, anyExt), { maxLength: 4 }),
  fc.string({ unit: "binary", minLength: 60, maxLength: 9000 }),
  fc.uint8Array({ minLength: 250, maxLength: 70_000 }),
);

/** For Python `1`, `1.0` and `True` are one key. */
function hasTwinKeys(value: Value): boolean {
  if (Array.isArray(value)) return value.some(hasTwinKeys);
  if (value instanceof Map) {
    const keys = [...value.keys()].map((key) => twinOf(key));
    return new Set(keys).size < keys.length || [...value.values()].some(hasTwinKeys);
  }
  const isRecord = typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return isRecord && Object.values(value).some(hasTwinKeys);
}

function twinOf(key: Value): string {
  if (typeof key === "boolean") return `number ${Number(key)}`;
  if (typeof key === "number" || typeof key === "bigint" || key instanceof Float) return `number ${key}`;
  return Array.isArray(key) ? `[${key.map(twinOf)}]` : `${typeof key} ${key}`;
}

for (const lang of ["python", "js"] as const) {
  Deno.test(`stored ${lang} gives back every value as it got it`, async () => {
    await using sandbox = new Sandbox();
    const same = await sandbox.compile(conversion(lang, "return value"));
    const nested = await sandbox.compile(
      conversion(lang, lang === "js" ? "return [value, value]" : "return (value, value)"),
    );
    await fc.assert(
      fc.asyncProperty(any, async (value) => {
        if (lang === "python" && hasTwinKeys(value)) return;
        const bytes = encode(value);
        const back = decode(await sandbox.convert(same, bytes));
        assertTrue(sameValue(back, decode(bytes)), `${Deno.inspect(back)} is not ${Deno.inspect(value)}`);
        assertTrue(
          sameValue(decode(await sandbox.convert(nested, bytes)), [value, value].map((v) => decode(encode(v)))),
        );
      }),
      { numRuns: 300 },
    );
  });

  Deno.test(`stored ${lang} sees entry, prev, data, match and conv, and nothing is left of them`, async () => {
    await using sandbox = new Sandbox();
    const code = lang === "js"
      ? "return [entry ? [entry.path, entry.data] : null, prev, data, match, conv]"
      : "return [[entry.path, entry.data] if entry else None, prev, data, match, conv]";
    const compiled = await sandbox.compile(conversion(lang, code));
    const context = {
      path: Path.from(["a", 1]),
      old: encode(20.5),
      data: encode({ code }),
      match: encode({ type: ["int"] }),
      conv: encode({ codec: ["float"] }),
    };
    assertEquals(
      await convert(sandbox, compiled, 1, context),
      [[Path.from(["a", 1]), 20.5], 20.5, { code }, { type: ["int"] }, { codec: ["float"] }] as Value,
    );
    assertEquals(await convert(sandbox, compiled, 1), [null, null, null, null, null] as Value);
    const guard = lang === "js"
      ? "if (value === 0) throw new Error('no');\n"
      : "import math\nif value == 0: raise ValueError('no')\n";
    const picky = await sandbox.compile(conversion(lang, guard + code));
    assertIncludes(await outcomeOf(convert(sandbox, picky, 0, context)), "no");
    assertEquals(await convert(sandbox, picky, 1), [null, null, null, null, null] as Value);
    assertEquals(await convert(sandbox, picky, 1, { old: encode(2) }), [null, 2, null, null, null] as Value);
  });
}

const pythonKinds: readonly (readonly [Value, string])[] = [
  [2 ** 40, "int"],
  [2n ** 63n, "int"],
  [99, "int"],
  [new Float(99), "float"],
  [99.5, "float"],
  ["text", "str"],
  [Uint8Array.of(1, 255), "bytes"],
  [null, "NoneType"],
  [true, "bool"],
  [[1], "list"],
  [{ a: 1 }, "dict"],
  [Path.from(["a"]), "Path"],
  [new Timestamp(5n, 7), "Timestamp"],
  [new Ext(70, Uint8Array.of(1)), "Ext"],
];

Deno.test("in Python every kind of value has its class", async () => {
  await using sandbox = new Sandbox();
  const kind = await sandbox.compile(conversion("python", "return type(value).__name__"));
  for (const [value, name] of pythonKinds) assertEquals(await convert(sandbox, kind, value), name);
});

const javascriptKinds: readonly (readonly [Value, string])[] = [
  [2 ** 40, "number"],
  [2n ** 63n, "bigint"],
  [99, "number"],
  [new Float(99), "Float"],
  [99.5, "number"],
  ["text", "string"],
  [Uint8Array.of(1, 255), "Uint8Array"],
  [true, "boolean"],
  [[1], "Array"],
  [{ a: 1 }, "Object"],
  [new Map([[1, 2]]), "Map"],
  [Path.from(["a"]), "Path"],
  [new Timestamp(5n, 7), "Timestamp"],
  [new Ext(70, Uint8Array.of(1)), "Ext"],
];

Deno.test("in JavaScript every kind of value has its type or class", async () => {
  await using sandbox = new Sandbox();
  const kind = await sandbox.compile(
    conversion("js", "return typeof value === 'object' ? value.constructor.name : typeof value"),
  );
  for (const [value, name] of javascriptKinds) assertEquals(await convert(sandbox, kind, value), name);
});

Deno.test("numbers of JavaScript: Float counts like a number, isNumber() and isInteger() tell what came", async () => {
  await using sandbox = new Sandbox();
  const told = await sandbox.compile(
    conversion("js", "return [isNumber(value), isInteger(value), value > 20, value + 1]"),
  );
  assertEquals(await convert(sandbox, told, new Float(21)), [true, true, true, 22] as Value);
  assertEquals(await convert(sandbox, told, 21.5), [true, false, true, 22.5] as Value);
  assertEquals(await convert(sandbox, told, "x"), [false, false, false, "x1"] as Value);
  const float = await sandbox.compile(conversion("js", "return new Float(value)"));
  assertEquals(await convert(sandbox, float, 5), new Float(5));
});

const oddTexts = [
  "\ufeff",
  "a\0b",
  "\ufeff" + "x".repeat(100),
  "x".repeat(100) + "\0y",
  "😀".repeat(50),
  "é".repeat(70000),
];

for (const lang of ["python", "js"] as const) {
  Deno.test(`odd texts go through stored ${lang} unchanged`, async () => {
    await using sandbox = new Sandbox();
    const same = await sandbox.compile(conversion(lang, "return value"));
    const listed = await sandbox.compile(conversion(lang, "return [value, value]"));
    for (const text of oddTexts) {
      assertEquals(await convert(sandbox, same, text), text);
      assertEquals(await convert(sandbox, listed, [text]), [[text], [text]] as Value);
    }
  });
}

Deno.test("the first keys of an object are not special in JavaScript", async () => {
  await using sandbox = new Sandbox();
  const same = await sandbox.compile(conversion("js", "return value"));
  const value = new Map<Value, Value>([["b", 1], ["1", 2], ["__proto__", 3], ["constructor", 4]]);
  assertEquals(encode(await convert(sandbox, same, value)), encode(value));
});
