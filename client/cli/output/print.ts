/**
 * How a command shows a value: the original's `yprint`, or what `-o` asks for.
 *
 * | value | shown as |
 * | --- | --- |
 * | number | `12`, `12.0`, `1e+100`, `inf` |
 * | boolean | `True`, `False`; within others `true`, `false` |
 * | text | `"Testing"`, in double quotes |
 * | bytes | `b'abc\xff'`; within others `!bin abc`, `!!binary /w==` |
 * | nothing | `null` and a line `...` |
 * | path | `!P a.b` and a line `...` |
 * | mapping, list, tuple | YAML in block style |
 *
 * Source: `spec/cli.md` 1.4. Of bytes that are not ASCII the tutorial shows `!!binary`, so `!hex` is only read.
 *
 * @module
 */

import { Path } from "../../../wire/path/path.ts";
import { Ext, Timestamp, type Value } from "../../../wire/value.ts";
import type { OutputFormat } from "../context.ts";
import { bytesText, isNumber, numberText, quoted } from "./scalar_text.ts";

/** `value` as text, with its line end. Only parts of this program that are needed are loaded. */
export async function formatValue(value: Value, format: OutputFormat): Promise<string> {
  if (format === "json") return (await import("./json_format.ts")).formatJson(value) + "\n";
  const single = format === "text" ? singleText(value) : undefined;
  if (single !== undefined) return single;
  const { formatYaml } = await import("./yaml_format.ts");
  return formatYaml(value) + (format === "text" && isMarked(value) ? "...\n" : "");
}

/** A value without parts as `yprint` shows it; `undefined` if YAML has to do it. */
export function singleText(value: Value): string | undefined {
  if (isNumber(value)) return numberText(value) + "\n";
  if (typeof value === "boolean") return value ? "True\n" : "False\n";
  if (typeof value === "string") return quoted(value) + "\n";
  if (value === null) return "null\n...\n";
  return value instanceof Uint8Array ? bytesText(value) + "\n" : undefined;
}

/** Single values that YAML shows with a tag end with the document mark. */
function isMarked(value: Value): boolean {
  return value instanceof Path || value instanceof Timestamp || value instanceof Ext;
}

/** Python's `str(value)`: texts bare, without line end; for raw output. */
export async function rawText(value: Value): Promise<string> {
  if (typeof value === "string") return value;
  if (value instanceof Path) return value.toString();
  if (value === null) return "None";
  return singleText(value)?.trimEnd() ?? (await import("./json_format.ts")).formatJson(value);
}
