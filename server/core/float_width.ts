/**
 * Some originals send floats with 32 bits. Two copies of one event may then differ in the width of their floats only.
 *
 * @module
 */

import { headBytes, isBinaryHead, isExtHead, isTextHead, lengthBytes, readUnsigned } from "../../wire/msgpack/head.ts";

const head32 = 0xca;
const head64 = 0xcb;

/**
 * Whether two well-formed encoded values are one, apart from floats that have 32 bits in the one and 64 in the other. All
 * else has to be the same byte by byte.
 */
export function sameButForFloatWidth(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): boolean {
  let i = aStart;
  let j = bStart;
  while (i < aEnd && j < bEnd) {
    if (isFloat(a[i]) && isFloat(b[j])) {
      if (!Object.is(rounded(a, i), rounded(b, j))) return false;
      i += headBytes(a[i]);
      j += headBytes(b[j]);
      continue;
    }
    const size = itemBytes(a, i);
    for (let k = 0; k < size; k++) if (a[i + k] !== b[j + k]) return false;
    i += size;
    j += size;
  }
  return i === aEnd && j === bEnd;
}

function isFloat(first: number): boolean {
  return first === head32 || first === head64;
}

/** The float at `at`, with 32 bits. */
function rounded(bytes: Uint8Array, at: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return bytes[at] === head32 ? view.getFloat32(at + 1) : Math.fround(view.getFloat64(at + 1));
}

/** The bytes of an item with its content, but without the items in it. */
function itemBytes(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  if (first >= 0xa0 && first < 0xc0) return 1 + (first & 31);
  if (first >= 0xd4 && first <= 0xd8) return 2 + (1 << first - 0xd4);
  if (!isTextHead(first) && !isBinaryHead(first) && !isExtHead(first)) return headBytes(first);
  return headBytes(first) + readUnsigned(bytes, at + 1, lengthBytes(first));
}
