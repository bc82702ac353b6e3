/**
 * Values as Python prints them (`repr`): the original's error texts have this form, and its clients match on them.
 *
 * | value | text |
 * | --- | --- |
 * | `null`, `true`, `3`, `1.5`, `new Float(1)` | `None`, `True`, `3`, `1.5`, `1.0` |
 * | `"it's"`, bytes | `"it's"`, `b'ab'` |
 * | `[1]`, `{a: 1}` | `(1,)`, `{'a': 1}` |
 * | `P("a.b")` | `P('a.b')` |
 *
 * @module
 */

import { Path } from "./path/path.ts";
import { Ext, Float, Timestamp, type Value } from "./value.ts";

/** Longer texts are cut: an error reply is no place for a megabyte. */
const textMax = 2000;

/** How Python prints `value`; undefined is "no value". */
export function repr(value: Value | undefined): string {
  const text = print(value);
  return text.length > textMax ? `${text.slice(0, textMax)}…` : text;
}

function print(value: Value | undefined): string {
  switch (typeof value) {
    case "undefined":
      return "NotGiven";
    case "boolean":
      return value ? "True" : "False";
    case "string":
      return quote(value);
    case "bigint":
      return String(value);
    case "number":
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : float(value);
  }
  if (value === null) return "None";
  if (value instanceof Float) return float(value.valueOf());
  if (value instanceof Uint8Array) return `b${quoteBytes(value)}`;
  if (value instanceof Path) return `P(${quote(value.toString())})`;
  if (value instanceof Timestamp) return `Timestamp(seconds=${value.seconds}, nanoseconds=${value.nanoseconds})`;
  if (value instanceof Ext) return `ExtType(code=${value.code}, data=b${quoteBytes(value.data)})`;
  if (Array.isArray(value)) return `(${value.map(print).join(", ")}${value.length === 1 ? "," : ""})`;
  const pairs: [Value, Value][] = value instanceof Map ? [...value] : Object.entries(value);
  return `{${pairs.map(([key, item]) => `${print(key)}: ${print(item)}`).join(", ")}}`;
}

function float(x: number): string {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  if (Object.is(x, -0)) return "-0.0";
  const size = Math.abs(x);
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    const [digits, exponent] = x.toExponential().split("e");
    return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
  }
  const text = size >= 1e21 ? BigInt(x).toString() : String(x);
  return text.includes(".") ? text : `${text}.0`;
}

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** A text in Python's quotes. */
export function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = mark;
  for (const char of text) {
    const code = char.codePointAt(0)!;
    if (char === mark) out += `\\${char}`;
    else if (escapes[char] !== undefined) out += escapes[char];
    else if (code < 0x20 || (code >= 0x7f && code < 0xa1)) out += `\\x${code.toString(16).padStart(2, "0")}`;
    else out += char;
  }
  return out + mark;
}

function quoteBytes(bytes: Uint8Array): string {
  const hasQuote = bytes.includes(0x27) && !bytes.includes(0x22);
  const mark = hasQuote ? '"' : "'";
  let out = mark;
  for (const byte of bytes.subarray(0, textMax)) {
    const char = String.fromCharCode(byte);
    if (char === mark) out += `\\${char}`;
    else if (escapes[char] !== undefined) out += escapes[char];
    else if (byte < 0x20 || byte >= 0x7f) out += `\\x${byte.toString(16).padStart(2, "0")}`;
    else out += char;
  }
  return out + mark;
}
