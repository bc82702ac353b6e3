/**
 * Paths as text, in the canonical form that every version of the original reads back as the same path.
 *
 * @module
 */

import type { Path, PathElement } from "./path.ts";

/** Prints a path: `["a.b", null, 3]` is `a:.b:n:3`. */
export function printPath(elements: readonly PathElement[], mark: string): string {
  if (elements.length === 0) return mark === "" ? ":" : `:m${mark}:`;
  let text = mark === "" ? "" : `:m${mark}`;
  for (const element of elements) {
    if (typeof element === "string" && element !== "") text += (text === "" ? "" : ".") + escapeText(element);
    else text += printSpecial(element);
  }
  return text;
}

/** Prints an element that is no text, or the empty one, with its colon. */
export function printSpecial(element: PathElement, escape: (text: string) => string = escapeText): string {
  switch (typeof element) {
    case "string":
      return ":e";
    case "boolean":
      return element ? ":t" : ":f";
    case "number":
    case "bigint":
      return ":" + escape(printNumber(element));
    default:
      if (element === null) return ":n";
      if (element instanceof Uint8Array) return printBytes(element, escape);
      return ":" + escape(printTuple(element));
  }
}

/** Escapes what has a meaning in the text form: colon, dot, space. */
export function escapeText(text: string): string {
  return /[:. ]/.test(text) ? text.replaceAll(":", "::").replaceAll(".", ":.").replaceAll(" ", ":_") : text;
}

/** Bytes that are printable ASCII as text, others in hex: the original's later base64 is unknown to its older versions. */
function printBytes(bytes: Uint8Array, escape: (text: string) => string): string {
  if (bytes.every((byte) => byte >= 32 && byte <= 126)) return ":v" + escape(latin1(bytes));
  return ":y" + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** An int, or a float as Python prints it: `0.5`, `1e-07`. The infinities are `1e999` and `-1e999`, which read back. */
export function printNumber(n: number | bigint): string {
  if (typeof n === "bigint" || Number.isSafeInteger(n)) return String(n);
  if (!Number.isFinite(n)) return n < 0 ? "-1e999" : "1e999";
  const [mantissa, exponent] = n.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 16) return plainFloat(n);
  const sign = power < 0 ? "-" : "+";
  return `${mantissa}e${sign}${String(Math.abs(power)).padStart(2, "0")}`;
}

function plainFloat(n: number): string {
  const text = String(n);
  if (!text.includes("e")) return text.includes(".") ? text : `${text}.0`;
  const [mantissa, exponent] = text.split("e");
  const sign = mantissa.startsWith("-") ? "-" : "";
  const digits = mantissa.replace("-", "").replace(".", "");
  return `${sign}0.${"0".repeat(-Number(exponent) - 1)}${digits}`;
}

/**
 * A tuple's elements joined by commas, as a Python literal without the outer parentheses: `1,(2, 'x')`. Bytes in front
 * need the code `i`, because `b` alone means binary.
 */
function printTuple(tuple: Path): string {
  if (tuple.length === 0) return "()";
  const text = tuple.elements.map(printLiteral).join(",") + (tuple.length === 1 ? "," : "");
  return tuple.elements[0] instanceof Uint8Array ? `i${text}` : text;
}

/** One element as a Python literal. */
export function printLiteral(element: PathElement): string {
  switch (typeof element) {
    case "string":
      return quote(element);
    case "boolean":
      return element ? "True" : "False";
    case "number":
    case "bigint":
      return printNumber(element);
    default:
      if (element === null) return "None";
      if (element instanceof Uint8Array) return quoteBytes(element);
      if (element.length === 1) return `(${printLiteral(element.elements[0])},)`;
      return `(${element.elements.map(printLiteral).join(", ")})`;
  }
}

/** A Python string literal; what Python does not print, such as control characters and odd blanks, is escaped. */
function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll("\\", "\\\\").replaceAll(mark, "\\" + mark);
  return mark + escaped.replace(/(?! )[\p{C}\p{Z}]/gu, escapeChar) + mark;
}

const named: ReadonlyMap<string, string> = new Map([["\n", "\\n"], ["\r", "\\r"], ["\t", "\\t"]]);

function escapeChar(char: string): string {
  const code = char.codePointAt(0)!;
  const hex = code.toString(16);
  return named.get(char) ??
    (code <= 0xff
      ? "\\x" + hex.padStart(2, "0")
      : code <= 0xffff
      ? "\\u" + hex.padStart(4, "0")
      : "\\U" + hex.padStart(8, "0"));
}

function quoteBytes(bytes: Uint8Array): string {
  return "b" + quote(latin1(bytes)).replace(/[\x80-\xff]/g, escapeChar);
}

/** One character for each byte. */
function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}
