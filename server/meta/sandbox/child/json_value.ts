/**
 * A value as JSON schema sees it.
 *
 * @module
 */

import { Float, type Value } from "../../../../wire/mod.ts";

/**
 * The JSON value that a schema is checked against: big integers become numbers (and lose digits), `21.0` is the integer
 * 21. What JSON does not know (bytes, paths, timestamps, maps whose keys are not all texts) becomes a symbol, which
 * fits no `type`. Objects inherit nothing, so that `required: ["toString"]` means what it says.
 */
export function jsonOf(value: Value): unknown {
  switch (typeof value) {
    case "bigint":
      return Number(value);
    case "object":
      return value === null ? null : objectOf(value);
  }
  return value;
}

function objectOf(value: Value & object): unknown {
  if (Array.isArray(value)) return value.map(jsonOf);
  if (value instanceof Float) return value.valueOf();
  if (value instanceof Map) return recordOf([...value]);
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return recordOf(Object.entries(value));
  return Symbol(value.constructor.name);
}

function recordOf(pairs: readonly (readonly [Value, Value])[]): unknown {
  const record = Object.create(null);
  for (const [key, value] of pairs) {
    if (typeof key !== "string") return Symbol("Map");
    record[key] = jsonOf(value);
  }
  return record;
}
