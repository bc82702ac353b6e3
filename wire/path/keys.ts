/**
 * Path elements as keys of the tree: compared by `===`, so that a `Map` finds them.
 *
 * Texts, numbers, bigints, booleans and null are their own keys. Bytes and tuples become one {@linkcode KeyObject} per
 * content.
 *
 * @module
 */

import { RequestError } from "../errors.ts";
import { pathBytesMax, pathElementsMax } from "../limits.ts";
import type { Encoder } from "../msgpack/encoder.ts";
import { extPath } from "../msgpack/ext.ts";
import { type ElementKey, elementOf, KeyObject, keyOf } from "./key_object.ts";
import { ElementReader } from "./element_reader.ts";
import type { Path } from "./path.ts";

export { elementOf, KeyObject, keyOf };
export type { ElementKey };

const reader = new ElementReader();

/**
 * Reads the keys of an encoded path into `out` and returns how many they are. `bytes` from `start` up to `end` is one
 * well-formed msgpack value: a Path (ext 3, or 6 whose mark is dropped) or an array.
 * @throws {RequestError} If it is neither, is too long, or holds what cannot be an element
 */
export function readPathKeys(bytes: Uint8Array, start: number, end: number, out: ElementKey[]): number {
  if (end - start > pathBytesMax) throw new RequestError("value", `The path has more than ${pathBytesMax} bytes`);
  reader.open(bytes, start, end);
  let count = 0;
  while (reader.more()) {
    if (count === pathElementsMax) {
      throw new RequestError("value", `The path has more than ${pathElementsMax} elements`);
    }
    out[count++] = reader.key();
  }
  return count;
}

/** The keys of a path. */
export function keysOf(path: Path): ElementKey[] {
  return path.elements.map(keyOf);
}

/** Appends the element of `key`. */
export function encodeKey(encoder: Encoder, key: ElementKey): void {
  switch (typeof key) {
    case "string":
      return encoder.str(key);
    case "number":
      return Number.isSafeInteger(key) ? encoder.int(key) : encoder.float(key);
    case "bigint":
      return encoder.int(key);
    case "boolean":
      return encoder.bool(key);
  }
  if (key === null) return encoder.nil();
  if (key.element instanceof Uint8Array) return encoder.bin(key.element);
  encoder.arrayHeader(key.element.length);
  for (const element of key.element) encodeKey(encoder, keyOf(element));
}

/** Appends the path of `keys` from `start` up to `end` as a Path (ext 3). */
export function encodePath(
  encoder: Encoder,
  keys: readonly ElementKey[],
  start: number = 0,
  end: number = keys.length,
): void {
  const headAt = encoder.length;
  encoder.extHeader(extPath, 0xff); // three bytes, right for most paths; corrected below
  const bodyAt = encoder.length;
  for (let i = start; i < end; i++) encodeKey(encoder, keys[i]);
  const bytes = encoder.length - bodyAt;
  // Room for the longest header, as long as the body counts: what is behind `length` is lost when the buffer grows.
  encoder.reserve(3);
  encoder.length = headAt;
  if (bytes === 1 || bytes === 2 || bytes === 4 || bytes === 8 || bytes === 16 || bytes > 0xff) {
    const headBytes = bytes > 0xffff ? 6 : bytes > 0xff ? 4 : 2;
    encoder.bytes.copyWithin(headAt + headBytes, bodyAt, bodyAt + bytes);
  }
  encoder.extHeader(extPath, bytes);
  encoder.length += bytes;
}

/** Appends the path of `keys` from `start` up to `end` as an array. */
export function encodeArray(
  encoder: Encoder,
  keys: readonly ElementKey[],
  start: number = 0,
  end: number = keys.length,
): void {
  encoder.arrayHeader(end - start);
  for (let i = start; i < end; i++) encodeKey(encoder, keys[i]);
}
