/**
 * Which encoder method a value needs.
 *
 * @module
 */

import { RequestError } from "../errors.ts";
import { depthMax } from "../limits.ts";
import { Path, type PathElement } from "../path/path.ts";
import { Ext, Float, Raw, Timestamp, type Value } from "../value.ts";
import type { Encoder } from "./encoder.ts";
import { extTimestamp } from "./ext.ts";
import { isExt } from "./nested_path.ts";
import { timestampBytes } from "./timestamp.ts";

/** Appends `v`, which may nest `depth` levels more. */
export function encodeValue(encoder: Encoder, v: Value | Raw, depth: number): void {
  switch (typeof v) {
    case "string":
      return encoder.str(v);
    case "number":
      return encodeNumber(encoder, v);
    case "boolean":
      return encoder.bool(v);
    case "bigint":
      return encoder.int(v);
    case "object":
      return v === null ? encoder.nil() : encodeObject(encoder, v, depth);
  }
  throw new RequestError("value", `Cannot encode ${describe(v)}`);
}

/** An integer if it is one that 64 bits can hold, else a float. */
function encodeNumber(encoder: Encoder, x: number): void {
  if (Number.isInteger(x) && x >= -(2 ** 63) && x < 2 ** 64) encoder.int(x);
  else encoder.float(x);
}

function encodeObject(encoder: Encoder, v: Value & object | Raw, depth: number): void {
  if (Array.isArray(v)) return encodeArray(encoder, v, depth);
  if (isPlain(v)) return encodeRecord(encoder, v as { readonly [key: string]: Value }, depth);
  if (v instanceof Float) return encoder.float(v.valueOf());
  if (v instanceof Uint8Array) return encoder.bin(v);
  if (v instanceof Path) return encoder.pathOf(v.elements, v.mark, depth);
  if (v instanceof Map) return encodeMap(encoder, v, depth);
  if (v instanceof Timestamp) return encoder.ext(extTimestamp, timestampBytes(v));
  if (v instanceof Ext) return encodeExt(encoder, v);
  if (v instanceof Raw) return encoder.raw(v.bytes);
  throw new RequestError("value", `Cannot encode ${describe(v)}`);
}

function encodeExt(encoder: Encoder, { code, data }: Ext): void {
  if (code << 24 >> 24 !== code) throw new RequestError("value", `Cannot encode an extension of type ${code}`);
  encoder.ext(code, data);
}

function encodeArray(encoder: Encoder, values: readonly Value[], depth: number): void {
  checkDepth(depth);
  encoder.arrayHeader(values.length);
  for (let i = 0; i < values.length; i++) encodeValue(encoder, values[i], depth - 1);
}

function encodeRecord(encoder: Encoder, record: { readonly [key: string]: Value }, depth: number): void {
  checkDepth(depth);
  let length = 0; // for … in, as a plain object inherits nothing enumerable: a fifth faster than Object.keys
  for (const _key in record) length++;
  encoder.mapHeader(length);
  for (const key in record) {
    encoder.str(key);
    encodeValue(encoder, record[key], depth - 1);
  }
}

function encodeMap(encoder: Encoder, map: ReadonlyMap<Value, Value>, depth: number): void {
  checkDepth(depth);
  encoder.mapHeader(map.size);
  for (const [key, value] of map) {
    encodeKey(encoder, key, depth - 1);
    encodeValue(encoder, value, depth - 1);
  }
}

/** As a value, but without maps in it. */
function encodeKey(encoder: Encoder, key: Value, depth: number): void {
  if (Array.isArray(key)) {
    checkDepth(depth);
    encoder.arrayHeader(key.length);
    for (const part of key) encodeKey(encoder, part, depth - 1);
  } else if (key instanceof Map || (typeof key === "object" && key !== null && isPlain(key))) {
    throw new RequestError("value", "Cannot encode a map as the key of a map");
  } else {
    encodeValue(encoder, key, depth);
  }
}

/** Appends an element of a path, which may nest `depth` levels more. */
export function encodeElement(encoder: Encoder, element: PathElement, depth: number): void {
  switch (typeof element) {
    case "string":
      return encoder.str(element);
    case "number":
      return Number.isSafeInteger(element) ? encoder.int(element) : encoder.float(element);
    case "bigint":
      return encoder.int(element);
    case "boolean":
      return encoder.bool(element);
  }
  if (element === null) return encoder.nil();
  if (element instanceof Uint8Array) return encoder.bin(element);
  if (isExt(element)) return encoder.pathOf(element.elements, element.mark, depth);
  checkDepth(depth);
  encoder.arrayHeader(element.length);
  for (const part of element.elements) encodeElement(encoder, part, depth - 1);
}

function isPlain(v: object): boolean {
  const prototype = Object.getPrototypeOf(v);
  return prototype === Object.prototype || prototype === null;
}

/** Throws if no level is left. */
export function checkDepth(depth: number): void {
  if (depth === 0) throw new RequestError("value", `Cannot encode more than ${depthMax} levels`);
}

function describe(v: unknown): string {
  if (typeof v !== "object" || v === null) return v === undefined ? "undefined" : `a ${typeof v}`;
  return `an object of type ${v.constructor?.name ?? "unknown"}`;
}
