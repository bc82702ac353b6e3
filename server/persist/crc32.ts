/**
 * CRC-32 (IEEE 802.3, as in zip and PNG), eight bytes per step: about 1 GB/s.
 *
 * @module
 */

const TABLES = makeTables();
const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES;

/** Table `k` holds the remainder of each byte with `k` zero bytes behind it. */
function makeTables(): Int32Array[] {
  const tables = Array.from({ length: 8 }, () => new Int32Array(256));
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    tables[0][byte] = crc;
  }
  for (let k = 1; k < 8; k++) {
    for (let byte = 0; byte < 256; byte++) {
      const shorter = tables[k - 1][byte];
      tables[k][byte] = (shorter >>> 8) ^ tables[0][shorter & 0xff];
    }
  }
  return tables;
}

/**
 * The checksum of `bytes[start … end)` as a signed 32-bit integer. `seed` is the checksum of what stands before it.
 * @example `crc32(new TextEncoder().encode("123456789"), 0, 9) >>> 0` is `0xcbf43926`
 */
export function crc32(bytes: Uint8Array, start: number, end: number, seed = 0): number {
  let crc = ~seed;
  let at = start;
  for (const stop = end - 7; at < stop; at += 8) {
    crc ^= bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 | bytes[at + 3] << 24;
    crc = T7[crc & 0xff] ^ T6[crc >>> 8 & 0xff] ^ T5[crc >>> 16 & 0xff] ^ T4[crc >>> 24] ^
      T3[bytes[at + 4]] ^ T2[bytes[at + 5]] ^ T1[bytes[at + 6]] ^ T0[bytes[at + 7]];
  }
  for (; at < end; at++) crc = T0[(crc ^ bytes[at]) & 0xff] ^ (crc >>> 8);
  return ~crc;
}
