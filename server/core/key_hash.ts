/**
 * Hashes of path elements and of heads. The same on every node, because digests of trees are compared between nodes.
 *
 * @module
 */

import { type ElementKey, elementOf, type KeyObject } from "../../wire/path/keys.ts";
import { Path } from "../../wire/path/path.ts";
import { keyOf } from "../../wire/path/keys.ts";

const scratch = new DataView(new ArrayBuffer(8));

/** Spreads the bits of a 32-bit number over all 32 bits. */
export function mix(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ h >>> 16, 0x85ebca6b);
  h = Math.imul(h ^ h >>> 13, 0xc2b2ae35);
  return h ^ h >>> 16;
}

/** A hash of a text's UTF-16 code units. */
export function hashText(text: string): number {
  let h = 0x811c9dc5 ^ text.length;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h;
}

/** A hash of a number below 2^53, or of a float. */
export function hashNumber(x: number): number {
  if (x === (x | 0)) return Math.imul(x, 0x9e3779b1) ^ 0x2545f491;
  scratch.setFloat64(0, x);
  return Math.imul(scratch.getInt32(0), 0x9e3779b1) ^ Math.imul(scratch.getInt32(4), 0x85ebca6b);
}

/** A 32-bit hash of a key; equal keys have equal hashes. */
export function hashKey(key: ElementKey): number {
  switch (typeof key) {
    case "string":
      return mix(hashText(key));
    case "number":
      return mix(hashNumber(key));
    case "bigint":
      return mix(~hashText(key.toString(36)));
    case "boolean":
      return key ? 0x3c6ef372 : 0x1b873593;
  }
  return key === null ? 0x510e527f : hashObject(key);
}

function hashObject(key: KeyObject): number {
  const element = elementOf(key) as Uint8Array | Path;
  let h = 0x5be0cd19 ^ element.length;
  if (element instanceof Path) {
    for (const child of element) h = Math.imul(h ^ hashKey(keyOf(child)), 0x01000193);
  } else {
    for (const byte of element) h = Math.imul(h ^ byte, 0x01000193);
  }
  return mix(h);
}
