/**
 * Integers above 2^64−1 (ext 2): a big-endian unsigned magnitude. Reading is lenient about leading zeros and small numbers.
 *
 * @module
 */

/** The shortest magnitude of `n` ≥ 0: `2n ** 64n` is one 1 and eight zeros. */
export function bignumBytes(n: bigint): Uint8Array {
  const hex = n.toString(16);
  const even = hex.length % 2 === 0 ? hex : "0" + hex;
  const bytes = new Uint8Array(even.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(even.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** The integer of a magnitude: a `number` if it is a safe integer, else a `bigint`. */
export function readBignum(bytes: Uint8Array, start: number, end: number): number | bigint {
  let hex = "0x0";
  for (let i = start; i < end; i++) hex += hexDigits[bytes[i]];
  return shrink(BigInt(hex));
}

/** The same integer as a `number` if it is a safe one. */
function shrink(n: bigint): number | bigint {
  return n >= -safeMax && n <= safeMax ? Number(n) : n;
}

const safeMax = BigInt(Number.MAX_SAFE_INTEGER);
const hexDigits: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
