/**
 * Integers up to 64 bits, written in their shortest form.
 *
 * @module
 */

import { RequestError } from "../errors.ts";
import { readUnsigned } from "./head.ts";

/** Bytes of the longest form. */
export const integerBytesMax = 9;

/**
 * Writes the integer `n` (−2^63 ≤ `n` < 2^64) at `at`, where nine bytes are free. Returns the offset behind it.
 * @throws {RequestError} If it is no integer, or below that
 */
export function writeInteger(bytes: Uint8Array, at: number, n: number): number {
  if (!Number.isInteger(n)) throw new RequestError("value", `Cannot encode ${n} as an integer`);
  return n >= 0 ? writeUnsigned(bytes, at, n) : writeNegative(bytes, at, n);
}

function writeUnsigned(bytes: Uint8Array, at: number, n: number): number {
  if (n < 0x80) return bytes[at] = n, at + 1;
  if (n < 0x100) return bytes[at] = 0xcc, bytes[at + 1] = n, at + 2;
  if (n < 0x10000) return write16(bytes, at, 0xcd, n);
  if (n < 0x1_0000_0000) return write32(bytes, at, 0xce, n);
  return write64(bytes, at, 0xcf, n);
}

function writeNegative(bytes: Uint8Array, at: number, n: number): number {
  if (n >= -0x20) return bytes[at] = n, at + 1;
  if (n >= -0x80) return bytes[at] = 0xd0, bytes[at + 1] = n, at + 2;
  if (n >= -0x8000) return write16(bytes, at, 0xd1, n);
  if (n >= -0x8000_0000) return write32(bytes, at, 0xd2, n);
  if (n < -(2 ** 63)) throw new RequestError("value", `Cannot encode ${n}: integers begin at −2^63`);
  return write64(bytes, at, 0xd3, n);
}

/** Writes a head byte and the lowest 16 bits of `n`. Returns the offset behind them. */
export function write16(bytes: Uint8Array, at: number, head: number, n: number): number {
  bytes[at] = head;
  bytes[at + 1] = n >> 8;
  bytes[at + 2] = n;
  return at + 3;
}

/** Writes a head byte and the lowest 32 bits of `n`. Returns the offset behind them. */
export function write32(bytes: Uint8Array, at: number, head: number, n: number): number {
  bytes[at] = head;
  bytes[at + 1] = n >>> 24;
  bytes[at + 2] = n >>> 16;
  bytes[at + 3] = n >>> 8;
  bytes[at + 4] = n;
  return at + 5;
}

function write64(bytes: Uint8Array, at: number, head: number, n: number): number {
  const low = write32(bytes, at, head, Math.floor(n / 0x1_0000_0000));
  write32(bytes, low - 1, bytes[low - 1], n);
  return at + 9;
}

/** The integer whose head byte was `first` (`cc` … `d3`) and whose bytes begin at `at`. */
export function readInteger(bytes: Uint8Array, at: number, first: number): number | bigint {
  switch (first) {
    case 0xcc:
      return bytes[at];
    case 0xcd:
      return readUnsigned(bytes, at, 2);
    case 0xce:
      return readUnsigned(bytes, at, 4);
    case 0xd0:
      return bytes[at] << 24 >> 24;
    case 0xd1:
      return readUnsigned(bytes, at, 2) << 16 >> 16;
    case 0xd2:
      return readUnsigned(bytes, at, 4) | 0;
  }
  return read64(bytes, at, first === 0xd3);
}

function read64(bytes: Uint8Array, at: number, isSigned: boolean): number | bigint {
  const high = isSigned ? readUnsigned(bytes, at, 4) | 0 : readUnsigned(bytes, at, 4);
  const low = readUnsigned(bytes, at + 4, 4);
  const n = high * 0x1_0000_0000 + low;
  return Number.isSafeInteger(n) ? n : (BigInt(high) << 32n) + BigInt(low);
}
