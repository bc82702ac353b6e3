/**
 * The records of the hidden subtree: maps with fields. Peers and files may have put anything there, so nothing is taken for
 * granted.
 *
 * @module
 */

import { decode } from "../../wire/msgpack/decoder.ts";
import { parsePath } from "../../wire/path/parse.ts";
import { keysOf } from "../../wire/path/keys.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import { Path, type PathInput } from "../../wire/path/path.ts";
import { Ext, Float, Timestamp, type Value } from "../../wire/value.ts";
import type { Entry } from "../core/entry.ts";
import type { Store } from "../core/store.ts";

/** The fields of a record. Names that are no texts are left out. */
export type Fields = ReadonlyMap<string, Value>;

/** The fields of a value; undefined if it is no map. */
export function fieldsOf(value: Value): Fields | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  if (value instanceof Map) {
    return new Map([...value].filter((pair): pair is [string, Value] => typeof pair[0] === "string"));
  }
  const isOther = value instanceof Float || value instanceof Uint8Array || value instanceof Path ||
    value instanceof Ext ||
    value instanceof Timestamp;
  return isOther ? undefined : new Map(Object.entries(value));
}

/** The value of an entry, decoded; undefined if there is none. */
export function valueOf(store: Store, entry: Entry): Value | undefined {
  return entry.hasValue ? decode(store.values.read(entry.value)) : undefined;
}

/** The path that a field names: a Path, an array of elements, or a text; undefined if it is none of these. */
export function pathIn(value: Value | undefined): Path | undefined {
  try {
    if (value instanceof Path) return value.marked("");
    if (typeof value === "string") return parsePath(value);
    return Array.isArray(value) ? Path.from(value as readonly PathInput[]) : undefined;
  } catch {
    return undefined;
  }
}

/** The entry of a branch of the hidden subtree that `path` names. */
export function find(store: Store, branch: string, path: Path): Entry | undefined {
  const keys: ElementKey[] = [null, branch, ...keysOf(path)];
  return store.find(keys, keys.length);
}

/** The path of an entry below its branch, `int.percent` for `:n.type.int.percent`. */
export function nameOf(entry: Entry): Path {
  return entry.path().slice(2);
}
