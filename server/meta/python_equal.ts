/**
 * Equality as Python sees it: `1 == 1.0 == True`, and a tuple equals a path of the same elements.
 *
 * @module
 */

import { Path } from "../../wire/path/path.ts";
import { sameValue } from "../../wire/msgpack/same_value.ts";
import { Float, type Value } from "../../wire/value.ts";
import { fieldsOf } from "./record.ts";

/** Whether Python's `==` says yes. */
export function pythonEqual(a: Value, b: Value): boolean {
  const [x, y] = [numberOf(a), numberOf(b)];
  // deno-lint-ignore eqeqeq -- a bigint equals a number of the same value
  if (x !== undefined || y !== undefined) return x !== undefined && y !== undefined && x == y;
  const [listA, listB] = [listOf(a), listOf(b)];
  if (listA !== undefined && listB !== undefined) {
    return listA.length === listB.length && listA.every((item, i) => pythonEqual(item, listB[i]));
  }
  const [mapA, mapB] = [fieldsOf(a), fieldsOf(b)];
  if (mapA === undefined || mapB === undefined || sizeOf(a) !== mapA.size || sizeOf(b) !== mapB.size) {
    return sameValue(a, b);
  }
  return mapA.size === mapB.size &&
    [...mapA].every(([key, item]) => mapB.has(key) && pythonEqual(item, mapB.get(key)!));
}

function numberOf(value: Value): number | bigint | undefined {
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  return value instanceof Float ? value.valueOf() : undefined;
}

function listOf(value: Value): readonly Value[] | undefined {
  if (Array.isArray(value)) return value;
  return value instanceof Path ? value.elements : undefined;
}

function sizeOf(map: Value): number {
  return map instanceof Map ? map.size : Object.keys(map as object).length;
}
