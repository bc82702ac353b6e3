/**
 * Short texts that come again and again (path elements, actions, names), decoded once.
 *
 * A direct-mapped table of fixed size, found by a hash of the bytes. Each slot holds the bytes of its text, so a hit
 * compares bytes and allocates nothing; a miss decodes and takes the slot over.
 *
 * @module
 */

import { readText } from "../msgpack/text.ts";

/** Slots of the table, a power of two. */
const slots = 4096;

/** Longer texts are decoded every time. */
const textBytesMax = 32;

const texts: string[] = new Array(slots).fill("");
const lengths = new Uint8Array(slots);
const contents = new Uint8Array(slots * textBytesMax);

/**
 * The text that these bytes encode.
 * @throws {ProtocolError} If they are not UTF-8
 */
export function internText(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start;
  if (length === 0) return "";
  if (length > textBytesMax) return readText(bytes, start, end);
  let hash = length;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  const slot = (hash ^ hash >>> 15) & (slots - 1);
  const content = slot * textBytesMax;
  if (lengths[slot] === length) {
    let i = 0;
    while (i < length && contents[content + i] === bytes[start + i]) i++;
    if (i === length) return texts[slot];
  }
  const text = readText(bytes, start, end);
  texts[slot] = text;
  lengths[slot] = length;
  for (let i = 0; i < length; i++) contents[content + i] = bytes[start + i];
  return text;
}
