/**
 * Single numbers and texts read from encoded bytes.
 *
 * @module
 */

import { isTextHead, lengthBytes } from "../msgpack/head.ts";
import { internText } from "../path/interned_text.ts";

/** The integer at `at` (well-formed msgpack) as a number, possibly inexact beyond 2^53; NaN if there is none. */
export function readInteger(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  if (first < 0x80) return first;
  if (first >= 0xe0) return first - 256;
  switch (first) {
    case 0xcc:
      return bytes[at + 1];
    case 0xcd:
      return read16(bytes, at + 1);
    case 0xce:
      return read32(bytes, at + 1);
    case 0xcf:
      return read32(bytes, at + 1) * 2 ** 32 + read32(bytes, at + 5);
    case 0xd0:
      return bytes[at + 1] << 24 >> 24;
    case 0xd1:
      return read16(bytes, at + 1) << 16 >> 16;
    case 0xd2:
      return read32(bytes, at + 1) | 0;
    case 0xd3:
      return (read32(bytes, at + 1) | 0) * 2 ** 32 + read32(bytes, at + 5);
    default:
      return NaN;
  }
}

/** Two bytes, most significant first. */
export function read16(bytes: Uint8Array, at: number): number {
  return bytes[at] << 8 | bytes[at + 1];
}

/** Four bytes, most significant first, unsigned. */
export function read32(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3]) >>> 0;
}

/** The text between `start` and `end`; undefined if another value is there. */
export function readText(bytes: Uint8Array, start: number, end: number): string | undefined {
  return isTextHead(bytes[start]) ? internText(bytes, textStart(bytes, start), end) : undefined;
}

/** Where the bytes of the text at `at` begin, behind its head. */
export function textStart(bytes: Uint8Array, at: number): number {
  return at + 1 + lengthBytes(bytes[at]);
}
