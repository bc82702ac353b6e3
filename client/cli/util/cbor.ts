/**
 * Values as CBOR, in the words that the original's tools use: paths have tag 202, times tag 1. As with msgpack, `1` and `1.0`
 * stay two values.
 *
 * Source: RFC 8949; the original's `moat.util.cbor`.
 *
 * @module
 */

import { decodeSequence, encode, getEncoded, Tag } from "cbor2";
import { registerEncoder, writeFloat } from "cbor2/encoder";
import { Path, type PathElement } from "../../../wire/path/path.ts";
import { Ext, Float, Timestamp, type Value } from "../../../wire/value.ts";
import { entriesOf, isMapping, mappingOf } from "../mapping.ts";

const tags = { textTime: 0, time: 1, positive: 2, negative: 3, path: 202, cbor: 55799 } as const;

/** The major type of floats. */
const floatType = 7;

registerEncoder(Float, (value, writer, options) => writeFloat(value.valueOf(), writer, options) as undefined);

/** The bytes of a value. @throws {TypeError} If it has a part that CBOR cannot say */
export function encodeCbor(value: Value): Uint8Array {
  return encode(toCbor(value));
}

function toCbor(value: Value): unknown {
  if (value instanceof Path) return new Tag(tags.path, value.elements.map((element) => toCbor(element as Value)));
  if (value instanceof Timestamp) return new Tag(tags.time, secondsOf(value));
  if (value instanceof Ext) throw new TypeError(`the msgpack extension ${value.code} has no form in CBOR`);
  if (Array.isArray(value)) return value.map(toCbor);
  if (isMapping(value)) return new Map(entriesOf(value).map(([key, item]) => [toCbor(key), toCbor(item)]));
  return value;
}

function secondsOf({ seconds, nanoseconds }: Timestamp): number {
  return Number(seconds) + nanoseconds / 1e9;
}

/** The values in `bytes`, one after the other. @throws {Error} If it is no CBOR, or holds what no value here can be */
export function* decodeCbor(bytes: Uint8Array): Generator<Value> {
  const options = { boxed: true, saveOriginal: true, preferMap: true, ignoreGlobalTags: true } as const;
  for (const item of decodeSequence(bytes, options)) yield fromCbor(item);
}

function fromCbor(item: unknown): Value {
  if (item instanceof Number) return numberOf(item);
  if (item instanceof BigInt || item instanceof String || item instanceof Boolean) return item.valueOf() as Value;
  if (item instanceof Tag) return tagged(Number(item.tag), item.contents);
  if (item instanceof Map) return mappingOf([...item].map(([key, value]) => [fromCbor(key), fromCbor(value)]));
  if (Array.isArray(item)) return item.map(fromCbor);
  if (item === undefined) return null;
  if (item === null || ["boolean", "string", "number", "bigint"].includes(typeof item)) return item as Value;
  if (item instanceof Uint8Array) return new Uint8Array(item);
  throw new TypeError(`${item} has no form here`);
}

/** An integer, or a float that stays one. */
// deno-lint-ignore ban-types -- the codec makes objects of numbers, so that they can be told apart
function numberOf(item: number | Number): Value {
  const isFloat = (getEncoded(item as object)?.[0] ?? 0) >> 5 === floatType;
  const value = item.valueOf();
  return isFloat && Number.isInteger(value) ? new Float(value) : value;
}

function tagged(tag: number, contents: unknown): Value {
  const content = fromCbor(contents);
  switch (tag) {
    case tags.cbor:
      return content;
    case tags.path:
      if (Array.isArray(content)) return Path.from(content as PathElement[]);
      break;
    case tags.time:
      if (typeof content === "number" || content instanceof Float) return timeOf(content.valueOf() * 1000);
      break;
    case tags.textTime:
      if (typeof content === "string" && !Number.isNaN(Date.parse(content))) return timeOf(Date.parse(content));
      break;
    case tags.positive:
      if (content instanceof Uint8Array) return BigInt(`0x0${content.toHex()}`);
      break;
    case tags.negative:
      if (content instanceof Uint8Array) return -1n - BigInt(`0x0${content.toHex()}`);
  }
  throw new TypeError(`what has the tag ${tag} has no form here`);
}

function timeOf(ms: number): Timestamp {
  const seconds = Math.floor(ms / 1000);
  return new Timestamp(BigInt(seconds), Math.round((ms - seconds * 1000) * 1e6));
}
