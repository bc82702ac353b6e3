/**
 * Decoded maps, read field by field.
 *
 * @module
 */

import type { Value } from "../value.ts";

/** A map, in either of its shapes. */
export type DecodedMap = ReadonlyMap<Value, Value> | { readonly [key: string]: Value };

/** Whether `value` is a map. */
export function isMap(value: Value | undefined): value is DecodedMap {
  if (typeof value !== "object" || value === null) return false;
  return value instanceof Map || Object.getPrototypeOf(value) === Object.prototype;
}

/** The value of a text key in a map. */
export function field(map: DecodedMap, name: string): Value | undefined {
  if (map instanceof Map) return map.get(name);
  return Object.hasOwn(map, name) ? (map as { readonly [key: string]: Value })[name] : undefined;
}

/** The keys and values of a map. */
export function entriesOf(map: DecodedMap): Iterable<readonly [Value, Value]> {
  return map instanceof Map ? map : Object.entries(map);
}
