/**
 * Values as YAML in the shape that the original prints: block style, keys sorted, sequences not indented under their
 * key, single quotes where a text would be read as something else. Written here and not with npm:yaml because that
 * takes 35 ms to load, and most commands print one value. Long texts are not folded.
 *
 * | value | YAML |
 * | --- | --- |
 * | path | `!P a.b` |
 * | bytes that are ASCII | `!bin text` |
 * | other bytes | `!!binary` and base64 |
 * | timestamp | `!!timestamp 2026-01-02T03:04:05Z` |
 * | unknown extension | `!ext 17:0aff` (number, then hex) |
 *
 * @module
 */

import { Path } from "../../../wire/path/path.ts";
import { Ext, type Float, Timestamp, type Value } from "../../../wire/value.ts";
import { entriesOf, isMapping, type Mapping } from "../mapping.ts";
import { asciiText, hasUnprintable, isAscii, isNumber, momentText, numberText, quoted } from "./scalar_text.ts";

/** Base64 characters of one line. */
const base64LineMax = 76;

/** `value` as a YAML document, with a line end. */
export function formatYaml(value: Value): string {
  const node = new YamlWriter().node(value, 0);
  return (node.startsWith("\n") ? node.slice(1) : node.trimStart()) + "\n";
}

class YamlWriter {
  /**
   * What follows `key:` or `-`: with a leading blank if it stays on that line, with a leading line break if it begins on
   * the next, indented by `indent`.
   */
  node(value: Value, indent: number): string {
    if (Array.isArray(value)) return value.length === 0 ? " []" : "\n" + this.#sequence(value, indent);
    if (isMapping(value)) return this.#mappingNode(value, indent);
    if (value instanceof Uint8Array && !isAscii(value)) {
      return ` !!binary |\n${binaryLines(value, Math.max(indent, 2))}`;
    }
    if (typeof value === "string" && isBlock(value)) return ` ${block(value, Math.max(indent, 2))}`;
    return " " + scalar(value);
  }

  #mappingNode(value: Mapping, indent: number): string {
    const entries = entriesOf(value).sort(([a], [b]) => compareKeys(a, b));
    if (entries.length === 0) return " {}";
    const pad = " ".repeat(indent);
    return "\n" + entries.map(([key, item]) => pad + this.#entry(key, item, indent)).join("\n");
  }

  #entry(key: Value, item: Value, indent: number): string {
    const simple = simpleKey(key);
    // Sequences stay at the column of their key.
    const deeper = Array.isArray(item) ? indent : indent + 2;
    if (simple !== undefined) return `${simple}:${this.node(item, deeper)}`;
    return `?${this.#inline(key, indent)}\n${" ".repeat(indent)}:${this.#inline(item, indent)}`;
  }

  #sequence(items: readonly Value[], indent: number): string {
    const pad = " ".repeat(indent);
    return items.map((item) => `${pad}-${this.#inline(item, indent)}`).join("\n");
  }

  /** A node that begins on the line of its `-`, `?` or `:`; its further lines are indented by two. */
  #inline(value: Value, indent: number): string {
    const text = this.node(value, indent + 2);
    return text.startsWith("\n") ? " " + text.slice(indent + 3) : text;
  }
}

/** A key that fits before a colon. */
function simpleKey(key: Value): string | undefined {
  if (Array.isArray(key) || isMapping(key)) return undefined;
  if (typeof key === "string" && isBlock(key)) return quoted(key);
  const text = scalar(key);
  return text.length <= 1000 ? text : undefined;
}

/** Values without parts, on one line. */
function scalar(value: Value): string {
  if (value === null) return "null";
  if (typeof value === "boolean") return value ? "true" : "false";
  if (isNumber(value)) return yamlNumber(value);
  if (typeof value === "string") return isPlain(value) ? value : quotedText(value);
  if (value instanceof Path) return `!P ${tagged(value.toString())}`;
  if (value instanceof Uint8Array) {
    return isAscii(value) ? `!bin ${tagged(asciiText(value))}` : `!!binary ${value.toBase64()}`;
  }
  if (value instanceof Timestamp) return `!!timestamp ${momentText(value.seconds, value.nanoseconds)}`;
  if (value instanceof Ext) return `!ext ${value.code}:${value.data.toHex()}`;
  throw new TypeError(`Cannot print ${String(value)}`);
}

function yamlNumber(value: number | bigint | Float): string {
  const text = numberText(value);
  return text.endsWith("inf") ? text.replace("inf", ".inf") : text === "nan" ? ".nan" : text;
}

/** A scalar whose tag says what it is, so that it only has to survive as text. */
function tagged(text: string): string {
  return isSafe(text) ? text : quotedText(text);
}

function quotedText(text: string): string {
  return text.includes("\n") || hasUnprintable(text) ? quoted(text) : `'${text.replaceAll("'", "''")}'`;
}

/** Whether a text can stand without quotes and is read back as a text. */
function isPlain(text: string): boolean {
  return isSafe(text) && !resolves.test(text);
}

/** What YAML 1.2 or its readers of old take for something else than a text. */
const resolves = new RegExp(
  "^(?:~|null|true|false|<<|=|[-+]?\\.inf|\\.nan|[-+]?\\.?\\d[\\d_]*\\.?[\\d_]*(?:e[-+]?[\\d_]*)?|0x[\\da-f_]*|0o[0-7_]*" +
    "|0b[01_]*|[-+]?[\\d_]+(?::[0-5]?\\d)+(?:\\.[\\d_]*)?|\\d{4}-\\d\\d?-\\d\\d?(?:[Tt ].*)?)$",
  "i",
);

/** Whether a text can stand without quotes. */
function isSafe(text: string): boolean {
  if (text === "" || hasUnprintable(text) || /^\s|\s$|[\n\x85\xa0]/.test(text)) return false;
  if (/^[,[\]{}#&*!|>'"%@`]/.test(text) || /^[-?:](?:\s|$)/.test(text)) return false;
  return !/:\s|:$|\s#/.test(text) && !/^(?:---|\.\.\.)/.test(text);
}

/** Whether a text is shown line by line. */
function isBlock(text: string): boolean {
  return text.includes("\n") && !hasUnprintable(text) && !/^\s/.test(text) && !/[ \x85\xa0]$/m.test(text) &&
    text.trim() !== "";
}

function block(text: string, indent: number): string {
  const chomp = !text.endsWith("\n") ? "-" : text.endsWith("\n\n") ? "+" : "";
  const body = chomp === "-" ? text : text.slice(0, -1);
  const pad = " ".repeat(indent);
  return `|${chomp}\n${body.split("\n").map((line) => line === "" ? "" : pad + line).join("\n")}`;
}

function binaryLines(bytes: Uint8Array, indent: number): string {
  const base64 = bytes.toBase64();
  const lines: string[] = [];
  for (let i = 0; i < base64.length; i += base64LineMax) lines.push(base64.slice(i, i + base64LineMax));
  return lines.map((line) => " ".repeat(indent) + line).join("\n");
}

/** null, false, true, numbers, texts, bytes, the rest. */
function compareKeys(a: Value, b: Value): number {
  const byKind = kindOf(a) - kindOf(b);
  if (byKind !== 0) return byKind;
  if (isNumber(a) && isNumber(b)) return a < b ? -1 : a > b ? 1 : 0;
  const [x, y] = typeof a === "string" && typeof b === "string" ? [a, b] : [keyText(a), keyText(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

function kindOf(key: Value): number {
  if (key === null) return 0;
  if (typeof key === "boolean") return 1;
  if (isNumber(key)) return 2;
  if (typeof key === "string") return 3;
  return key instanceof Uint8Array ? 4 : 5;
}

function keyText(key: Value): string {
  return Array.isArray(key) ? key.map(keyText).join("\x00") : scalar(key);
}
