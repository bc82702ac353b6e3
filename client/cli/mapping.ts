/**
 * Mappings within values: read, changed, combined. They are plain objects or, with other keys than text, `Map`s.
 * Nothing is changed in place.
 *
 * @module
 */

import { KvError } from "../../wire/errors.ts";
import { isRecordKey } from "../../wire/msgpack/map_keys.ts";
import { Path, type PathElement, sameElement } from "../../wire/path/path.ts";
import { Ext, Float, Timestamp, type Value } from "../../wire/value.ts";

/** A place lies within something that has no keys. */
export class MappingError extends KvError {
  override name = "TypeError";
}

/** A value that has keys. */
export type Mapping = { readonly [key: string]: Value } | ReadonlyMap<Value, Value>;

/** Whether a value has keys. */
export function isMapping(value: Value | undefined): value is Mapping {
  if (typeof value !== "object" || value === null) return false;
  return !(value instanceof Float || value instanceof Uint8Array || value instanceof Path || value instanceof Ext ||
    value instanceof Timestamp || Array.isArray(value));
}

/** Keys and values, in order. */
export function entriesOf(mapping: Mapping): [Value, Value][] {
  return mapping instanceof Map ? [...mapping] : Object.entries(mapping);
}

/** The mapping of these entries; of equal keys the last one counts. */
export function mappingOf(entries: Iterable<readonly [Value, Value]>): Mapping {
  const list = [...entries];
  if (!list.every(([key]) => typeof key === "string" && isRecordKey(key))) return new Map(list);
  return Object.fromEntries(list) as Mapping;
}

/** What is at `path` within `value`; `undefined` if nothing is. */
export function getAt(value: Value | undefined, path: Iterable<PathElement>): Value | undefined {
  for (const key of path) {
    if (!isMapping(value)) return undefined;
    value = entriesOf(value).find(([k]) => sameKey(k, key))?.[1];
  }
  return value;
}

/**
 * `value` with `change` applied to what is at `path`. Mappings on the way are created; `change` returning `undefined`
 * removes the place and the mappings that become empty by that.
 * @throws {MappingError} If something on the way is there but has no keys
 */
export function changeAt(
  value: Value | undefined,
  path: readonly PathElement[],
  change: (old: Value | undefined) => Value | undefined,
): Value | undefined {
  if (path.length === 0) return change(value);
  const [key, ...rest] = path;
  const entries = isMapping(value) ? entriesOf(value) : [];
  const index = entries.findIndex(([k]) => sameKey(k, key));
  const old = index < 0 ? undefined : entries[index][1];
  if (rest.length > 0 && old !== undefined && !isMapping(old)) {
    throw new MappingError(`There is no '${Path.from(rest)}' below '${Path.of(key)}', which is not a mapping`);
  }
  const changed = changeAt(old, rest, change);
  if (changed === undefined && index < 0) return value;
  if (changed === undefined) entries.splice(index, 1);
  else if (index < 0) entries.push([valueOfKey(key), changed]);
  else entries[index] = [entries[index][0], changed];
  return entries.length === 0 ? undefined : mappingOf(entries);
}

/** `over` laid over `under`: mappings are combined key by key, anything else is replaced. */
export function combine(under: Value | undefined, over: Value): Value {
  if (!isMapping(under) || !isMapping(over)) return over;
  const entries = entriesOf(under);
  for (const [key, value] of entriesOf(over)) {
    const index = entries.findIndex(([k]) => sameKey(k, key));
    if (index < 0) entries.push([key, value]);
    else entries[index] = [key, combine(entries[index][1], value)];
  }
  return mappingOf(entries);
}

/** Whether two keys are one: `1` and `1.0` are, `1` and `True` are not. */
function sameKey(a: Value, b: Value): boolean {
  return a === b || sameElement(elementOf(a), elementOf(b));
}

function elementOf(key: Value): PathElement {
  if (key instanceof Float) return key.valueOf();
  if (Array.isArray(key)) return Path.from(key.map(elementOf));
  return key as PathElement;
}

/** A path element as a key of a mapping. */
export function valueOfKey(key: PathElement): Value {
  return key instanceof Path ? key.elements.map(valueOfKey) : key;
}
