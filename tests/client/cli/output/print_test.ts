import { formatValue } from "../../../../client/cli/output/print.ts";
import { Path } from "../../../../wire/path/path.ts";
import { Ext, Float, Timestamp, type Value } from "../../../../wire/value.ts";
import { assertEquals } from "../../../support/assert.ts";

/** What the original printed. */
interface Vector {
  readonly repr: string;
  readonly value: unknown;
  readonly out?: string;
}

const vectors: Vector[] = (await Deno.readTextFile(new URL("../../../vectors/yprint.jsonl", import.meta.url)))
  .split("\n").filter((line) => line.startsWith('{"repr"')) // the record of U+2028 lost its first half
  .map((line) => JSON.parse(line));

for (const { repr, value, out } of vectors) {
  if (out === undefined || value === undefined) continue; // the original could not print it, or the value was cut
  Deno.test(`formatValue() prints ${repr.slice(0, 40)} as the original`, async () => {
    const printed = await formatValue(valueOf(value), "text");
    if (typeof value !== "string") return assertEquals(printed, out, repr);
    // The tutorial shows texts in double quotes; the original of 2024 prints Python's single ones.
    assertEquals([printed.at(0), printed.at(-1), JSON.parse(printed)], ['"', "\n", value], repr);
  });
}

/** The value behind the vectors' JSON. */
function valueOf(json: unknown): Value {
  if (Array.isArray(json)) return json.map(valueOf);
  if (typeof json !== "object" || json === null) return json as Value;
  const [[key, item]] = Object.entries(json).length > 0 ? Object.entries(json) : [["", undefined]];
  if (key === "$int") return BigInt(item);
  if (key === "$float") return floatOf(item);
  if (key === "$bin") return Uint8Array.fromHex(item);
  if (key === "$tuple") return item.map(valueOf);
  if (key === "$path") return Path.from(item);
  if (key === "$(1, 2)") return new Map([[[1, 2] as Value, valueOf(item)]]);
  if (key.startsWith("$")) return new Map([[JSON.parse(key.slice(1)) as Value, valueOf(item)]]);
  return Object.fromEntries(Object.entries(json).map(([k, v]) => [k, valueOf(v)]));
}

function floatOf(text: string): Value {
  const x = Number(text.replace("inf", "Infinity"));
  return Number.isInteger(x) ? new Float(x) : x;
}

Deno.test("formatValue() shows single values", async () => {
  const shown = await Promise.all(
    [null, false, 'a"b\x1b\u2028', Path.root, new Timestamp(0n, 0), new Ext(5, Uint8Array.of(1))]
      .map((value) => formatValue(value, "text")),
  );
  assertEquals(shown, [
    "null\n...\n",
    "False\n",
    '"a\\"b\\u001b\\u2028"\n',
    "!P ':'\n...\n",
    "!!timestamp 1970-01-01T00:00:00Z\n...\n",
    "!ext 5:01\n...\n",
  ]);
});

Deno.test("formatValue() prints YAML and JSON on request", async () => {
  const value = { b: [new Float(1), 2n ** 64n, Path.of("a", 1)], a: Uint8Array.of(1), c: NaN };
  assertEquals(
    await formatValue(value, "json"),
    '{"b":[1.0,18446744073709551616,"a:1"],"a":{"$bytes":"AQ=="},"c":"nan"}\n',
  );
  assertEquals(await formatValue(new Map<Value, Value>([[1, true], [[2], null]]), "json"), '{"1":true,"[2]":null}\n');
  assertEquals(await formatValue("Testing", "yaml"), "Testing\n");
  assertEquals(await formatValue(null, "yaml"), "null\n");
});
