/**
 * Short texts that come again and again (path elements, actions, names), decoded once.
 *
 * A direct-mapped table of fixed size, found by a hash of the bytes. Each slot holds the bytes of its text, so a hit
 * compares bytes and allocates nothing; a miss decodes and takes the slot over.
 *
 * @module
 */

import { ProtocolError } from "../errors.ts";

/** Slots of the table, a power of two. */
const slots = 4096;

/** Longer texts are decoded every time. */
const textBytesMax = 32;

const texts: string[] = new Array(slots).fill("");
const lengths = new Uint8Array(slots);
const contents = new Uint8Array(slots * textBytesMax);
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The text that these bytes encode.
 * @throws {ProtocolError} If they are not UTF-8
 */
export function internText(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start;
  if (length === 0) return "";
  if (length > textBytesMax) return decodeText(bytes, start, end);
  let hash = length;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  const slot = (hash ^ hash >>> 15) & (slots - 1);
  const content = slot * textBytesMax;
  if (lengths[slot] === length) {
    let i = 0;
    while (i < length && contents[content + i] === bytes[start + i]) i++;
    if (i === length) return texts[slot];
  }
  const text = decodeText(bytes, start, end);
  texts[slot] = text;
  lengths[slot] = length;
  for (let i = 0; i < length; i++) contents[content + i] = bytes[start + i];
  return text;
}

/** Decodes UTF-8, not looking for the text in the table. */
function decodeText(bytes: Uint8Array, start: number, end: number): string {
  try {
    return utf8.decode(bytes.subarray(start, end));
  } catch {
    throw new ProtocolError("A text is not UTF-8", start);
  }
}
