/**
 * Single values as text: Python's numbers and bytes, JSON's strings.
 *
 * @module
 */

import { printNumber } from "../../../wire/path/print.ts";
import { Float } from "../../../wire/value.ts";

/** Whether a value is a number of any kind. */
export function isNumber(value: unknown): value is number | bigint | Float {
  return typeof value === "number" || typeof value === "bigint" || value instanceof Float;
}

/**
 * A number as Python prints it.
 * @example 12, 12.0, 1e+100, 1e-07, inf, nan
 */
export function numberText(value: number | bigint | Float): string {
  if (!(value instanceof Float) && (typeof value === "bigint" || Number.isInteger(value))) return String(value);
  const x = value.valueOf();
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x < 0 ? "-inf" : "inf";
  if (Number.isSafeInteger(x)) return Object.is(x, -0) ? "-0.0" : `${x}.0`;
  return printNumber(x);
}

/** Control characters and those that turn the direction of text or hide it; a line break is none of them. */
// deno-lint-ignore no-control-regex -- they are what is looked for
const unprintable = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]|\p{Cs}/u;
const unprintables = new RegExp(unprintable, "gu");

/** Whether a text holds characters that need an escape; line breaks do not count. */
export function hasUnprintable(text: string): boolean {
  return unprintable.test(text);
}

/** A text in double quotes, readable by JSON and YAML. */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(unprintables, (char) => "\\u" + char.charCodeAt(0).toString(16).padStart(4, "0"));
}

const named: Readonly<Record<number, string>> = { 9: "\\t", 10: "\\n", 13: "\\r", 92: "\\\\" };

/** Bytes as Python shows them: `b'abc\xff'`. */
export function bytesText(bytes: Uint8Array): string {
  const mark = bytes.includes(39) && !bytes.includes(34) ? '"' : "'";
  let text = `b${mark}`;
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    if (byte >= 32 && byte < 127 && byte !== 92) text += char === mark ? `\\${char}` : char;
    else text += named[byte] ?? `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return text + mark;
}

/** Whether bytes are ASCII throughout. */
export function isAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte < 128);
}

/** The text of ASCII bytes. */
export function asciiText(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

/** A moment as ISO text with as many decimals as it has: `2026-01-02T03:04:05.5Z`. */
export function momentText(seconds: bigint, nanoseconds: number): string {
  const whole = new Date(Number(seconds) * 1000);
  if (Number.isNaN(whole.getTime())) return `${seconds}.${String(nanoseconds).padStart(9, "0")}`;
  const fraction = nanoseconds === 0 ? "" : `.${String(nanoseconds).padStart(9, "0").replace(/0+$/, "")}`;
  return whole.toISOString().replace(/\.\d+Z$/, `${fraction}Z`);
}
