/**
 * Text to UTF-8 and back. Short texts are handled byte by byte, because calling into the platform costs more than that.
 *
 * @module
 */

import { ProtocolError } from "../errors.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Longer ones go to the platform's decoder. */
const shortBytesMax = 64;

/** One array for each length: the units of a short text, from which the platform makes a flat string at once. */
const units: readonly number[][] = Array.from({ length: shortBytesMax + 1 }, (_, length) => new Array(length).fill(0));

/**
 * The text between `start` and `end`.
 * @throws {ProtocolError} If it is not UTF-8; the offset is that of the first bad sequence
 */
export function readText(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start;
  if (length > shortBytesMax) return readLongText(bytes, start, end);
  const text = units[length];
  for (let i = 0; i < length; i++) {
    const byte = bytes[start + i];
    if (byte > 127) return readLongText(bytes, start, end);
    text[i] = byte;
  }
  return String.fromCharCode.apply(null, text);
}

function readLongText(bytes: Uint8Array, start: number, end: number): string {
  try {
    return utf8.decode(bytes.subarray(start, end));
  } catch {
    throw new ProtocolError("Text is not UTF-8", findBadUtf8(bytes, start, end));
  }
}

/** Where the bytes stop being UTF-8 (the first byte of the bad sequence), or −1 if they are all right. */
export function findBadUtf8(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end) {
    const first = bytes[i];
    if (first < 0x80) {
      i++;
      continue;
    }
    const length = sequenceLength(bytes, i, end);
    if (length === 0) return i;
    i += length;
  }
  return -1;
}

/** The length of the sequence of two to four bytes at `i`, or 0 if it is wrong: overlong, a surrogate, cut off, … */
function sequenceLength(bytes: Uint8Array, i: number, end: number): number {
  const first = bytes[i];
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (i + length > end) return 0;
  const second = bytes[i + 1];
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  if (length > 2 && (bytes[i + 2] & 0xc0) !== 0x80) return 0;
  if (length > 3 && (bytes[i + 3] & 0xc0) !== 0x80) return 0;
  return length;
}
