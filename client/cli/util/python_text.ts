/**
 * Values as Python literals, which `-e` reads back.
 *
 * @module
 */

import { printLiteral } from "../../../wire/path/print.ts";
import { Path } from "../../../wire/path/path.ts";
import { Ext, Float, Timestamp, type Value } from "../../../wire/value.ts";
import { entriesOf, isMapping } from "../mapping.ts";

/**
 * Prints a value as Python's `repr` does.
 * @example pythonText(["a", 1, null, {b: true}]) // "['a', 1, None, {'b': True}]"
 */
export function pythonText(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(pythonText).join(", ")}]`;
  if (value instanceof Path) return `P(${printLiteral(value.toString())})`;
  if (value instanceof Ext) return `Ext(${value.code}, ${printLiteral(value.data)})`;
  if (value instanceof Timestamp) return `Timestamp(${value.seconds}, ${value.nanoseconds})`;
  if (value instanceof Float) return Number.isFinite(value.valueOf()) ? `${floatText(value)}` : "1e999";
  if (isMapping(value)) {
    return `{${entriesOf(value).map(([key, item]) => `${pythonText(key)}: ${pythonText(item)}`).join(", ")}}`;
  }
  return printLiteral(value as Exclude<Value, object>);
}

/** A float without a fraction keeps its `.0`. */
function floatText(value: Float): string {
  const text = printLiteral(value.valueOf());
  return /[.e]/.test(text) ? text : text + ".0";
}
