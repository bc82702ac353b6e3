/**
 * The recorded vectors, and their JSON view of msgpack as values. `tests/vectors/README.md` explains both.
 *
 * @module
 */

import { Path, type PathInput } from "../../wire/path/path.ts";
import { Ext, Float, type Value } from "../../wire/value.ts";

/** One line of a vector file, as JSON; numbers with a point or an exponent are {@linkcode Float}s if they are whole. */
export type Vector = { readonly [key: string]: Json | undefined };

/** What a line is made of. */
export type Json = null | boolean | number | Float | string | readonly Json[] | { readonly [key: string]: Json };

const folder = new URL("../vectors/", import.meta.url);

/** The lines of `NAME`, such as `msgpack.jsonl` or `log-dest.state.txt`. */
export function readVectors(name: string): Vector[] {
  return Deno.readTextFileSync(new URL(name, folder)).split("\n").filter((line) => line !== "").map(parseLine);
}

/** The bytes of `NAME`, such as `log-dest.state`. */
export function readVectorBytes(name: string): Uint8Array {
  return Deno.readFileSync(new URL(name, folder));
}

/** The bytes of the vector, if all of them were recorded. */
export function bytesOf(vector: Vector): Uint8Array | undefined {
  const { hex, len } = vector;
  if (typeof hex !== "string" || !/^[0-9a-f]*$/.test(hex)) return undefined;
  const bytes = Uint8Array.fromHex(hex);
  return len === undefined || len === bytes.length ? bytes : undefined;
}

/** Whole floats keep their nature, and Python's words for what is no number become `$float`s. */
function parseLine(line: string): Vector {
  const text = line.replace(
    /("(?:[^"\\]|\\.)*")|(-?Infinity|NaN)/g,
    (_, quoted, word) => quoted ?? `{"$float":"${word}"}`,
  );
  return JSON.parse(text, (_key, value, context?: { source?: string }) => {
    const isFloat = typeof value === "number" && /[.eE]/.test(context?.source ?? "");
    return isFloat && Number.isInteger(value) ? new Float(value) : value;
  });
}

/** The value that a JSON view stands for. */
export function valueOf(view: Json): Value {
  if (typeof view !== "object" || view === null || view instanceof Float) return view as Value;
  if (Array.isArray(view)) return view.map(valueOf);
  const fields = view as { readonly [key: string]: Json };
  return special(fields) ?? mapping(fields);
}

/** Objects that stand for something else than a map. */
function special(view: { readonly [key: string]: Json }): Value | undefined {
  if ("$bin" in view) return Uint8Array.fromHex(String(view.$bin));
  if ("$int" in view) return BigInt(String(view.$int));
  if ("$float" in view) return float(String(view.$float));
  if ("$tuple" in view) return valueOf(view.$tuple);
  if ("$path" in view) return path(view.$path);
  if (view.$repr === "Ellipsis") return new Ext(4, Uint8Array.of(0x5f));
  if (!("$ext" in view)) return undefined;
  if (view.$ext === 3 || view.$ext === 6) return path(view.path);
  if (view.$ext === 2) return BigInt(String(view.int));
  return new Ext(Number(view.$ext), Uint8Array.fromHex(String(view.hex)));
}

function float(text: string): number | Float {
  const x = text === "inf" ? Infinity : text === "-inf" ? -Infinity : Number(text);
  return Number.isInteger(x) ? new Float(x) : x;
}

function path(elements: Json): Path {
  return Path.from((valueOf(elements) as Value[]).map((element) => element as PathInput));
}

function mapping(view: { readonly [key: string]: Json }): Value {
  const pairs = Object.entries(view).map(([key, value]) => [keyOf(key), valueOf(value)] as const);
  return pairs.every(([key]) => typeof key === "string") ? Object.fromEntries(pairs) : new Map(pairs);
}

/** Keys that are no texts: `$` and JSON, or what Python prints. */
function keyOf(key: string): Value {
  if (!key.startsWith("$")) return key;
  const words: Record<string, Value> = {
    $null: null,
    $None: null,
    $true: true,
    $True: true,
    $false: false,
    $False: false,
  };
  if (Object.hasOwn(words, key)) return words[key];
  const bytes = /^\$b'([ -~]*)'$/.exec(key);
  return bytes === null ? valueOf(parseLine(key.slice(1)) as Json) : new TextEncoder().encode(bytes[1]);
}
