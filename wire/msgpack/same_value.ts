/**
 * Whether two decoded values are the same value.
 *
 * @module
 */

import { Path } from "../path/path.ts";
import { Ext, Float, Timestamp, type Value } from "../value.ts";
import { encode } from "./encoder.ts";

/**
 * Whether both are the same value. `1` and `new Float(1)` differ, so do `0.0` and `−0.0`; NaN is NaN; the order of the
 * keys of a map does not count.
 *
 * @example
 * ```ts
 * import { sameValue } from "@moat/kv/wire";
 *
 * sameValue({ a: 1, b: [2] }, { b: [2], a: 1 }); // true
 * ```
 */
export function sameValue(a: Value, b: Value): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === 0 && b === 0;
  if (Array.isArray(a)) return Array.isArray(b) && sameArray(a, b);
  if (a instanceof Float) return b instanceof Float && Object.is(a.valueOf(), b.valueOf());
  if (a instanceof Uint8Array) return b instanceof Uint8Array && sameBytes(a, b);
  if (a instanceof Path || a instanceof Ext) return a.equals(b);
  if (a instanceof Timestamp) {
    return b instanceof Timestamp && a.seconds === b.seconds && a.nanoseconds === b.nanoseconds;
  }
  return isMap(b) && sameMap(entries(a as Mapping), entries(b));
}

type Mapping = ReadonlyMap<Value, Value> | { readonly [key: string]: Value };

function sameArray(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((value, i) => sameValue(value, b[i]));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function sameMap(a: Map<string, Value>, b: Map<string, Value>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) {
    const other = b.get(key);
    if (other === undefined || !sameValue(value, other)) return false;
  }
  return true;
}

/** The pairs, by the text of a key or (with a mark that no text begins with) the bytes of another key. */
function entries(map: Mapping): Map<string, Value> {
  if (!(map instanceof Map)) return new Map(Object.entries(map));
  return new Map(Array.from(map as ReadonlyMap<Value, Value>, ([key, value]) => [keyText(key), value]));
}

function keyText(key: Value): string {
  return typeof key === "string" ? key : `\ud800${encode(key)}`;
}

function isMap(v: Value): v is Mapping {
  return typeof v === "object" && v !== null && !Array.isArray(v) &&
    !(v instanceof Float || v instanceof Uint8Array || v instanceof Path || v instanceof Ext || v instanceof Timestamp);
}
