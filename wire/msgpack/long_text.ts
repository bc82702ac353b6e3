/**
 * Texts that are long, or not ASCII: the platform encodes them, and the header follows when their length is known.
 *
 * @module
 */

import { RequestError } from "../errors.ts";
import type { Encoder } from "./encoder.ts";
import { write16, write32 } from "./integer.ts";

const utf8 = new TextEncoder();

/**
 * Appends a text.
 * @throws {RequestError} If it has half of a surrogate pair, which UTF-8 cannot say
 */
export function appendLongText(encoder: Encoder, text: string): void {
  if (!text.isWellFormed()) throw new RequestError("value", "Cannot encode half of a surrogate pair");
  const start = encoder.length;
  const guess = headBytes(text.length);
  encoder.reserve(guess + text.length + 4);
  encoder.length = start + guess;
  appendContent(encoder, text);
  const length = encoder.length - start - guess;
  const head = headBytes(length);
  encoder.reserve(4);
  if (head !== guess) encoder.bytes.copyWithin(start + head, start + guess, encoder.length);
  writeHead(encoder.bytes, start, length);
  encoder.length = start + head + length;
}

/** Texts that are not ASCII need more room than units, up to three times as much. */
function appendContent(encoder: Encoder, text: string): void {
  for (let rest = text; rest !== "";) {
    const { read, written } = utf8.encodeInto(rest, encoder.bytes.subarray(encoder.length));
    encoder.length += written;
    rest = rest.slice(read);
    encoder.reserve(rest.length * 3);
  }
}

function headBytes(length: number): number {
  return length < 32 ? 1 : length < 0x100 ? 2 : length < 0x10000 ? 3 : 5;
}

function writeHead(bytes: Uint8Array, at: number, length: number): void {
  if (length >= 0x10000) {
    write32(bytes, at, 0xdb, length);
  } else if (length >= 0x100) {
    write16(bytes, at, 0xda, length);
  } else if (length >= 32) {
    bytes[at] = 0xd9;
    bytes[at + 1] = length;
  } else {
    bytes[at] = 0xa0 | length;
  }
}
