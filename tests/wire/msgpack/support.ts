/** What the codec's tests share: arbitrary values, a writer that avoids the shortest form, and a naive comparison. */

import fc from "fast-check";
import type { Encoder } from "../../../wire/msgpack/encoder.ts";
import type { MessageReader } from "../../../wire/msgpack/chunks.ts";
import { Path } from "../../../wire/path/path.ts";
import { Ext, Float, Timestamp, type Value } from "../../../wire/value.ts";
import type { Random } from "../../support/random.ts";
import { anyPath } from "../path/support.ts";

/** `"92 01 02"` → bytes. */
export function hex(text: string): Uint8Array {
  return Uint8Array.fromHex(text.replaceAll(" ", ""));
}

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 50 }),
  fc.string({ maxLength: 300 }),
  fc.constantFrom(
    "",
    "a",
    "12",
    "012",
    "1.5",
    "-1",
    "4294967294",
    "4294967295",
    "__proto__",
    "constructor",
    "toString",
  ),
);

const anyInteger = fc.oneof(
  fc.integer({ min: -200, max: 300 }),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 100n }).map((n) => Number.isSafeInteger(Number(n)) ? Number(n) : n),
);

const anyFloat = fc.double().map((x) => Number.isInteger(x) ? new Float(x) : x);

const anyTimestamp = fc.tuple(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.nat(999_999_999))
  .map(([seconds, nanoseconds]) => new Timestamp(seconds, nanoseconds));

const anyExt = fc.tuple(fc.integer({ min: -128, max: 127 }), fc.uint8Array({ maxLength: 20 }))
  .filter(([code]) => ![-1, 2, 3, 6].includes(code)).map(([code, data]) => new Ext(code, data));

const leaves = [
  anyText,
  anyInteger,
  anyFloat,
  fc.constantFrom(null, true, false),
  fc.uint8Array({ maxLength: 40 }),
  anyTimestamp,
  anyPath,
  anyExt,
];

/** Any value, as the decoder returns it. */
export const anyValue: fc.Arbitrary<Value> = fc.letrec<{ key: Value; value: Value }>((tie) => ({
  key: fc.oneof({ maxDepth: 3, depthIdentifier: "key" }, ...leaves, fc.array(tie("key"), { maxLength: 3 })),
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: "value", withCrossShrink: true },
    ...leaves,
    fc.array(tie("value"), { maxLength: 20 }),
    fc.array(fc.tuple(anyText, tie("value")), { maxLength: 20 }).map(mapping),
    fc.array(fc.tuple(tie("key"), tie("value")), { maxLength: 5 }).map(mapping),
  ),
})).value;

/** The map of these pairs as it should be decoded: an object if that keeps every key at its place. */
export function mapping(pairs: readonly (readonly [Value, Value])[]): Value {
  const first = new Map<string, Value>();
  for (const [key] of pairs) if (!first.has(canonical(key))) first.set(canonical(key), key);
  const map = new Map<Value, Value>();
  for (const [key, value] of pairs) map.set(first.get(canonical(key))!, value);
  return [...map.keys()].every(isKept) ? Object.fromEntries(map as Map<string, Value>) : map;
}

/** Whether an object keeps this key behind one that was there before. */
function isKept(key: Value): boolean {
  return typeof key === "string" && Object.keys({ "-": 0, ...Object.fromEntries([[key, 0]]) })[0] === "-" &&
    key !== "__proto__";
}

/** A text that is the same for the same value and for no other. */
export function canonical(v: Value): string {
  if (typeof v === "string") return JSON.stringify(v);
  if (v instanceof Float) return `float ${Object.is(v.valueOf(), -0) ? "-0" : v}`;
  if (typeof v === "number") return Number.isInteger(v) ? `${v}` : `float ${v}`;
  if (typeof v !== "object" || v === null) return String(v);
  if (Array.isArray(v)) return `[${v.map(canonical)}]`;
  if (v instanceof Uint8Array) return `<${v.toHex()}>`;
  if (v instanceof Path) return `path ${JSON.stringify(v.mark)} ${v.elements.map(canonicalElement)}`;
  if (v instanceof Timestamp) return `time ${v.seconds} ${v.nanoseconds}`;
  if (v instanceof Ext) return `ext ${v.code} ${v.data.toHex()}`;
  const pairs = v instanceof Map ? [...v as Map<Value, Value>] : Object.entries(v as Record<string, Value>);
  return `{${pairs.map(([key, value]) => `${canonical(key)}: ${canonical(value)}`).sort()}}`;
}

function canonicalElement(element: Path["elements"][number]): string {
  if (element instanceof Path) return `(${element.elements.map(canonicalElement)})`;
  return typeof element === "bigint" ? String(element) : canonical(element);
}

/** Appends `v`, but not always in the shortest form: longer heads, float 32, other order, keys that come twice. */
export function encodeLoosely(encoder: Encoder, v: Value, random: Random): void {
  const isWide = random.below(3) === 0;
  if (typeof v === "number" && Number.isInteger(v) && isWide) return wideInteger(encoder, v, random);
  if (typeof v === "string" && isWide) return sized(encoder, 0xd9, new TextEncoder().encode(v), random);
  if (v instanceof Uint8Array && isWide) return sized(encoder, 0xc4, v, random);
  if (Array.isArray(v)) {
    head(encoder, 0xdc, v.length, isWide);
    for (const item of v) encodeLoosely(encoder, item, random);
  } else if (v instanceof Map || (typeof v === "object" && v !== null && v.constructor === Object)) {
    const pairs = v instanceof Map ? [...v as Map<Value, Value>] : Object.entries(v);
    loosePairs(encoder, pairs, isWide, random);
  } else if ((typeof v === "number" && !Number.isInteger(v)) || v instanceof Float) {
    looseFloat(encoder, Number(v), isWide);
  } else {
    encoder.value(v);
  }
}

function loosePairs(encoder: Encoder, pairs: [Value, Value][], isWide: boolean, random: Random): void {
  const shuffled = pairs.map((pair) => [random.next(), pair] as const).sort(([a], [b]) => a - b);
  const twice = pairs.length > 0 && random.below(4) === 0 ? pairs[random.below(pairs.length)][0] : undefined;
  head(encoder, 0xde, pairs.length + (twice === undefined ? 0 : 1), isWide);
  if (twice !== undefined) {
    encodeLoosely(encoder, twice, random);
    encoder.int(random.below(3));
  }
  for (const [, [key, value]] of shuffled) {
    encodeLoosely(encoder, key, random);
    encodeLoosely(encoder, value, random);
  }
}

function wideInteger(encoder: Encoder, n: number, random: Random): void {
  const bytes = new DataView(new ArrayBuffer(9));
  if (n >= 0 && n < 0x1_0000_0000 && random.below(2) === 0) {
    bytes.setUint8(0, 0xce);
    bytes.setUint32(1, n);
    return encoder.raw(new Uint8Array(bytes.buffer, 0, 5));
  }
  bytes.setUint8(0, 0xd3);
  bytes.setBigInt64(1, BigInt(n));
  encoder.raw(new Uint8Array(bytes.buffer));
}

function looseFloat(encoder: Encoder, x: number, isWide: boolean): void {
  if (!isWide || !Object.is(Math.fround(x), x)) return encoder.float(x);
  const bytes = new DataView(new ArrayBuffer(5));
  bytes.setUint8(0, 0xca);
  bytes.setFloat32(1, x);
  encoder.raw(new Uint8Array(bytes.buffer));
}

function sized(encoder: Encoder, first: number, content: Uint8Array, random: Random): void {
  const bytes = new DataView(new ArrayBuffer(5));
  const isLong = random.below(2) === 0 || content.length >= 0x10000;
  bytes.setUint8(0, first + (isLong ? 2 : 1));
  if (isLong) bytes.setUint32(1, content.length);
  else bytes.setUint16(1, content.length);
  encoder.raw(new Uint8Array(bytes.buffer, 0, isLong ? 5 : 3));
  encoder.raw(content);
}

function head(encoder: Encoder, first: number, count: number, isWide: boolean): void {
  if (isWide) encoder.raw(Uint8Array.of(first + 1, count >>> 24, count >>> 16, count >>> 8, count));
  else if (first === 0xdc) encoder.arrayHeader(count);
  else encoder.mapHeader(count);
}

/** The messages of `reader` that are complete, each copied. */
export function drain(reader: MessageReader): Uint8Array[] {
  const messages: Uint8Array[] = [];
  while (reader.next()) messages.push(reader.bytes.slice(reader.start, reader.end));
  return messages;
}
