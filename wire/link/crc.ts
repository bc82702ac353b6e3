/**
 * The 16-bit checksum of a frame: reflected polynomial 0xBAAD, begun with 0, no final XOR, over the bytes with their
 * nibbles swapped (SerialPacker feeds the high nibble first, against the direction of its table).
 *
 * Source: `spec/wire.md` 2.2; the vectors are in 2.3. Text of "123456789": 0xDC07.
 *
 * @module
 */

const polynomial = 0xbaad;

/** The checksum of each byte alone, by the byte with swapped nibbles. */
const table: Uint16Array = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >> 1 : crc >> 1 ^ polynomial;
  return crc;
});

/** The checksum of `bytes[start … end)`, 0 … 65535. */
export function crc16(bytes: Uint8Array, start: number = 0, end: number = bytes.length): number {
  let crc = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    crc = crc >> 8 ^ table[(crc ^ (byte >> 4 | byte << 4)) & 0xff];
  }
  return crc;
}
