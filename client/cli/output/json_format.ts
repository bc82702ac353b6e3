/**
 * Values as one line of JSON. What JSON lacks becomes:
 *
 * | value | JSON |
 * | --- | --- |
 * | float without a fraction | `12.0` |
 * | integer of any size | its digits |
 * | infinite, not a number | `"inf"`, `"-inf"`, `"nan"` |
 * | path | its text |
 * | bytes | `{"$bytes": "<base64>"}` |
 * | timestamp | ISO text |
 * | unknown extension | `{"$ext": 17, "$bytes": "<base64>"}` |
 * | key that is no text | its JSON as a text |
 *
 * @module
 */

import { Path } from "../../../wire/path/path.ts";
import { Ext, Timestamp, type Value } from "../../../wire/value.ts";
import { entriesOf, isMapping } from "../mapping.ts";
import { isNumber, momentText, numberText, quoted } from "./scalar_text.ts";

/** `value` as JSON, without a line end. */
export function formatJson(value: Value): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (isNumber(value)) {
    return Number.isFinite(Number(value)) || typeof value === "bigint" ? numberText(value) : quoted(numberText(value));
  }
  if (typeof value === "string") return quoted(value);
  if (value instanceof Path) return quoted(value.toString());
  if (value instanceof Uint8Array) return `{"$bytes":"${value.toBase64()}"}`;
  if (value instanceof Timestamp) return quoted(momentText(value.seconds, value.nanoseconds));
  if (value instanceof Ext) return `{"$ext":${value.code},"$bytes":"${value.data.toBase64()}"}`;
  if (Array.isArray(value)) return `[${value.map(formatJson).join(",")}]`;
  if (!isMapping(value)) throw new TypeError(`Cannot print ${String(value)}`);
  return `{${entriesOf(value).map(([key, item]) => `${keyJson(key)}:${formatJson(item)}`).join(",")}}`;
}

function keyJson(key: Value): string {
  if (typeof key === "string") return quoted(key);
  return key instanceof Path ? quoted(key.toString()) : quoted(formatJson(key));
}
