/**
 * Keys of decoded maps.
 *
 * @module
 */

import type { Value } from "../value.ts";
import { encode } from "./encoder.ts";

/** The first integer that is not an array index: such texts keep their place among the keys of an object. */
const indexEnd = 2 ** 32 - 1;

/** Whether a plain object keeps this key, and keeps it at its place: not `__proto__`, not `"12"`. */
export function isRecordKey(key: string): boolean {
  const first = key.charCodeAt(0);
  if (first > 0x5f || first < 0x30) return true;
  return first <= 0x39 ? !isIndex(key) : key !== "__proto__";
}

function isIndex(key: string): boolean {
  const n = Number(key);
  return n < indexEnd && String(n) === key && Number.isInteger(n);
}

/** Tells whether an equal key was met before, also for keys that are objects here (bytes, floats, arrays, …). */
export class KeyIndex {
  readonly #objects = new Map<string, Value>();

  /** The key to use for `key`: the first one that was equal. */
  sameAs(key: Value): Value {
    if (typeof key !== "object" || key === null) return key;
    const content = encode(key).toString();
    const known = this.#objects.get(content);
    if (known !== undefined) return known;
    this.#objects.set(content, key);
    return key;
  }
}
