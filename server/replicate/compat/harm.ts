/**
 * What kills servers of the original: an exception while they take an event in ends the process. Such events are not sent
 * to them; their ticks are told as superseded.
 *
 * | entry | harmful |
 * | --- | --- |
 * | any | null behind the first element; arrays, paths as elements; objects of Python in the value |
 * | `[null, type / match / codec / conv / acl]` | any value; deletion of match, codec, conv, acl |
 * | below type | a check without good and bad values, or not in Python |
 * | below match | deletion; a type that is not there |
 * | below codec | deletion; a codec without tests, or not in Python |
 * | below conv, acl | a value of the wrong form; `[null, conv, NAME]` itself |
 * | `[null, actor, …]` | anything but a map at `[null, actor, del]` |
 *
 * Source: `spec/server-protocol.md` 8.2.
 *
 * @module
 */

import { entriesOf, field, isMap } from "../../../wire/message/decoded_map.ts";
import { decode } from "../../../wire/msgpack/decoder.ts";
import { encode } from "../../../wire/msgpack/encoder.ts";
import { type ElementKey, KeyObject, readPathKeys } from "../../../wire/path/keys.ts";
import { Path } from "../../../wire/path/path.ts";
import { parsePath } from "../../../wire/path/parse.ts";
import type { Value } from "../../../wire/value.ts";
import { hasPythonObject } from "./python_objects.ts";

/** Whether there is an entry (with or without a value) at a path of the internal tree. */
export type HasEntry = (keys: readonly ElementKey[]) => boolean;

/** Why an event would kill servers of the original; undefined if it does not. `bytes` null is a deletion. */
export function harmOf(
  keys: readonly ElementKey[],
  length: number,
  bytes: Uint8Array | null,
  hasEntry: HasEntry,
): string | undefined {
  for (let i = 0; i < length; i++) {
    const key = keys[i];
    if (key === null ? i > 0 : key instanceof KeyObject && key.element instanceof Path) return "its path";
  }
  if (bytes !== null && hasPythonObject(bytes)) return "an object of Python in its value";
  if (length < 2 || keys[0] !== null) return undefined;
  return internalHarm(keys.slice(1, length), bytes === null ? undefined : decode(bytes), hasEntry);
}

function internalHarm(keys: readonly ElementKey[], value: Value | undefined, hasEntry: HasEntry): string | undefined {
  const [kind] = keys;
  if (kind === "actor") return keys.length === 2 && keys[1] === "del" && isMap(value) ? undefined : "its place";
  if (kind !== "type" && kind !== "match" && kind !== "codec" && kind !== "conv" && kind !== "acl") return undefined;
  if (keys.length === 1) return kind === "type" && value === undefined ? undefined : "its place";
  if (kind === "conv" && keys.length === 2) return "its place";
  if (value === undefined) return kind === "match" || kind === "codec" ? "a deletion there" : undefined;
  if (kind === "acl") return typeof value === "string" ? undefined : "its value";
  if (!isMap(value)) return "its value";
  if (kind === "type") return isPythonCheck(value) ? undefined : "a type that is not checked in Python";
  if (kind === "codec") return isPythonCodec(value) ? undefined : "a codec that is not in Python";
  return referenceHarm(field(value, kind === "match" ? "type" : "codec"), kind, hasEntry);
}

type Fields = Parameters<typeof field>[0];

function isPython(value: Fields): boolean {
  return (field(value, "lang") ?? "python") === "python";
}

function isFilled(value: Value | undefined): boolean {
  return Array.isArray(value) && value.length > 0;
}

function isPythonCheck(value: Fields): boolean {
  const code = field(value, "code") ?? null;
  if (code === null && (field(value, "schema") ?? null) === null) return true;
  const good = field(value, "good");
  if (!Array.isArray(good) || good.length < 2 || !isFilled(field(value, "bad"))) return false;
  return code === null || typeof code === "string" && isPython(value);
}

function isPythonCodec(value: Fields): boolean {
  const has = new Set([...entriesOf(value)].map(([key]) => key));
  if (!has.has("decode") || !has.has("encode")) return false;
  const isGood = (code: string, tests: string) =>
    (field(value, code) ?? null) === null || typeof field(value, code) === "string" && isFilled(field(value, tests));
  return isPython(value) && isGood("decode", "in") && isGood("encode", "out");
}

function referenceHarm(path: Value | undefined, kind: "match" | "conv", hasEntry: HasEntry): string | undefined {
  const elements = typeof path === "string"
    ? parsed(path)
    : path instanceof Path || Array.isArray(path)
    ? path
    : undefined;
  if (elements === undefined) return "its value";
  if (kind === "conv") return undefined;
  return hasEntry([null, "type", ...keysIn(elements)]) ? undefined : "a type that is not there";
}

function parsed(text: string): Path | undefined {
  try {
    return parsePath(text);
  } catch {
    return undefined;
  }
}

function keysIn(path: Path | readonly Value[]): ElementKey[] {
  const bytes = encode(path as Value);
  const keys: ElementKey[] = [];
  keys.length = readPathKeys(bytes, 0, bytes.length, keys);
  return keys;
}
