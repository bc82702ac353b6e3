/**
 * Values that need no decoder: most checks are of one number or one short text.
 *
 * @module
 */

/** The integer, if `value` is one that 32 bits can hold. */
export function smallInteger(value: Uint8Array): number | undefined {
  const first = value[0];
  if (value.length === 1) return first < 0x80 ? first : first >= 0xe0 ? first - 256 : undefined;
  if (first === 0xcc) return value[1];
  if (first === 0xcd) return value[1] << 8 | value[2];
  if (first === 0xd0) return value[1] << 24 >> 24;
  if (first === 0xd1) return (value[1] << 8 | value[2]) << 16 >> 16;
  if (first === 0xd2) return value[1] << 24 | value[2] << 16 | value[3] << 8 | value[4];
  if (first === 0xce && value[1] < 0x80) return value[1] << 24 | value[2] << 16 | value[3] << 8 | value[4];
  return undefined;
}

/** The bytes of the text, if `value` is one of at most `bytesMax`. */
export function smallText(value: Uint8Array, bytesMax: number): Uint8Array | undefined {
  const first = value[0];
  if (first >= 0xa0 && first < 0xc0) return value.subarray(1);
  if (first === 0xd9 && value.length <= bytesMax) return value.subarray(2);
  return undefined;
}
