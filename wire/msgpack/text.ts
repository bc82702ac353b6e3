/**
 * Text to UTF-8 and back. Short texts are handled byte by byte, because calling into the platform costs more than that.
 *
 * @module
 */

import { ProtocolError } from "../errors.ts";

/** Puts U+FFFD in place of what is not UTF-8. Its strict form takes three times as long. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Longer ones go to the platform's decoder. */
const shortBytesMax = 40;

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
  const text = utf8.decode(bytes.subarray(start, end));
  if (text.includes("\ufffd")) {
    const bad = findBadUtf8(bytes, start, end);
    if (bad >= 0) throw new ProtocolError("Text is not UTF-8", bad);
  }
  return text;
}

/** Whether all bytes are ASCII. */
export function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] > 127) return false;
  return true;
}

/** Where the bytes stop being UTF-8 (the first byte of the bad sequence), or −1 if they are all right. */
export function findBadUtf8(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end) {
    i = passAscii(bytes, i, end);
    while (i < end && bytes[i] > 127) {
      const length = sequenceLength(bytes, i, end);
      if (length === 0) return i;
      i += length;
    }
  }
  return -1;
}

/** Where ASCII ends. */
function passAscii(bytes: Uint8Array, start: number, end: number): number {
  let i = end - start < wordsFrom ? start : passAsciiWords(bytes, start, end);
  while (i < end && bytes[i] < 0x80) i++;
  return i;
}

/** The same, four words at a time; may stop before ASCII ends. */
function passAsciiWords(bytes: Uint8Array, start: number, end: number): number {
  const shift = bytes.byteOffset;
  const words = wordsOf(bytes.buffer);
  let i = start + shift + 3 >>> 2;
  for (let k = start; k + shift < 4 * i; k++) if (bytes[k] > 127) return k;
  for (const last = (end + shift >>> 2) - 4; i <= last; i += 4) {
    if ((words[i] | words[i + 1] | words[i + 2] | words[i + 3]) & 0x8080_8080) break;
  }
  return 4 * i - shift;
}

/** Shorter texts are looked at byte by byte. */
const wordsFrom = 64;

/** A buffer longer than this is not kept alive for its words. */
const keptBytesMax = 1024 * 1024;

let keptWords: Int32Array = new Int32Array(0);

/** The buffer as words; the last one is remembered, as texts come from the same buffer again and again. */
function wordsOf(buffer: ArrayBufferLike): Int32Array {
  if (keptWords.buffer === buffer) return keptWords;
  const words = new Int32Array(buffer, 0, buffer.byteLength >>> 2);
  if (buffer.byteLength <= keptBytesMax) keptWords = words;
  return words;
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
