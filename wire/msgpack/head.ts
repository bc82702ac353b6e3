/**
 * What the first byte of a msgpack value says.
 *
 * @module
 */

/** Whether a text begins with this byte. */
export function isTextHead(first: number): boolean {
  return first >= 0xa0 && first < 0xc0 || first >= 0xd9 && first <= 0xdb;
}

/** Whether an array begins with this byte. */
export function isArrayHead(first: number): boolean {
  return first >= 0x90 && first < 0xa0 || first === 0xdc || first === 0xdd;
}

/** Whether a map begins with this byte. */
export function isMapHead(first: number): boolean {
  return first >= 0x80 && first < 0x90 || first === 0xde || first === 0xdf;
}

/** Whether bytes (not text) begin with this byte. */
export function isBinaryHead(first: number): boolean {
  return first >= 0xc4 && first <= 0xc6;
}

/** Whether an extension begins with this byte. */
export function isExtHead(first: number): boolean {
  return first >= 0xd4 && first <= 0xd8 || first >= 0xc7 && first <= 0xc9;
}

/** Bytes of the length that follows this byte; 0 if the byte says it itself, or there is none. */
export function lengthBytes(first: number): number {
  return first < 0xc0 || first >= 0xe0 ? 0 : lengthSizes[first - 0xc0];
}

/** Bytes before the content: this one, the length, the type of an ext. Numbers have none: all their bytes count. */
export function headBytes(first: number): number {
  return first < 0xc0 || first >= 0xe0 ? 1 : headSizes[first - 0xc0];
}

// From c0 to df:          nil … bin 8 16 32 ext 8 16 32 float uint … int …    fixext …       str 8 16 32 array map
// deno-fmt-ignore
const lengthSizes = [0, 0, 0, 0, 1, 2, 4, 1, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 2, 4, 2, 4];
// deno-fmt-ignore
const headSizes =   [1, 1, 1, 1, 2, 3, 5, 3, 4, 6, 5, 9, 2, 3, 5, 9, 2, 3, 5, 9, 2, 2, 2, 2, 2, 2, 3, 5, 3, 5, 3, 5];

/** The unsigned integer of `size` (1, 2 or 4) bytes at `at`, big-endian. */
export function readUnsigned(bytes: Uint8Array, at: number, size: number): number {
  if (size === 1) return bytes[at];
  if (size === 2) return bytes[at] << 8 | bytes[at + 1];
  return (bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3]) >>> 0;
}

/** The count or length of the text, bytes, array or map at `at`. */
export function readLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  if (first < 0xa0) return first & 15;
  if (first < 0xc0) return first & 31;
  return readUnsigned(bytes, at + 1, lengthBytes(first));
}
