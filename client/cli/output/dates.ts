/**
 * Numbers that look like times get a readable neighbour.
 *
 * @module
 */

import { Float, type Value } from "../../../wire/value.ts";
import { entriesOf, isMapping, mappingOf } from "../mapping.ts";

/** Numbers within this distance from now are taken for times. */
const spanSeconds = 366 * 86_400;

/**
 * `value` with a key `_KEY` beside each number under KEY that lies within a year of now; its value is local time. Keys
 * that begin with `_` are left alone.
 * @example addDates({seen: 1764000000.5}, now) // {seen: 1764000000.5, _seen: "2025-11-24 16:00:00.500"}
 */
export function addDates(value: Value, nowMs: number): Value {
  if (Array.isArray(value)) return value.map((item) => addDates(item, nowMs));
  if (!isMapping(value)) return value;
  const entries: [Value, Value][] = [];
  for (const [key, item] of entriesOf(value)) {
    entries.push([key, addDates(item, nowMs)]);
    if (typeof key !== "string" || key.startsWith("_")) continue;
    const seconds = item instanceof Float ? item.valueOf() : item;
    if (typeof seconds === "number" && Math.abs(seconds - nowMs / 1000) <= spanSeconds) {
      entries.push([`_${key}`, localTime(seconds)]);
    }
  }
  return mappingOf(entries);
}

/** Local time with milliseconds: `2026-01-02 03:04:05.678`. */
export function localTime(seconds: number): string {
  const date = new Date(Math.floor(seconds * 1000));
  const two = (n: number) => String(n).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}
