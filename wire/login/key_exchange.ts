/**
 * Diffie-Hellman, as pure arithmetic on numbers, so that it runs wherever JavaScript does: about 1 ms per step with the
 * exponents that we choose.
 *
 * Both sides send `2^x mod p` and compute `s = y^x mod p`. On the wire and in the key, a number is its big-endian bytes
 * without leading zeros; the key is the first 32 bytes of `s` (and may so begin at another bit than one expects).
 *
 * The original also refuses public keys that are no quadratic residues. That protects nothing here: in a group with a safe
 * prime such a key tells its receiver's parity, and every exponent is used once.
 *
 * Source: `spec/client-protocol.md` 4.3.
 *
 * @module
 */

import { AuthError } from "../errors.ts";
import type { Group } from "./group.ts";

/** Bytes of a shared key. */
export const keyBytes = 32;

/** Bytes of an exponent of ours. RFC 3526 asks for 320 bits in its group 14; what the original takes is up to the original. */
export const exponentBytes = 64;

/** The public key of a private one. */
export function publicKey(group: Group, exponent: Uint8Array): Uint8Array {
  return toBytes(power(2n, toNumber(exponent), group.prime));
}

/**
 * The key that both sides share.
 * @throws {AuthError} If the other side's public key is none
 */
export function sharedKey(group: Group, exponent: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const peer = publicKey.length > group.bytes ? 0n : toNumber(publicKey);
  // 0, 1 and p − 1 would make a key that everybody knows.
  if (peer <= 2n || peer >= group.prime - 1n) throw new AuthError("The public key is not one of this group");
  return toBytes(power(peer, toNumber(exponent), group.prime)).slice(0, keyBytes);
}

/** `base^exponent mod modulus`, four bits at a time. */
function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  const table = [1n, base];
  while (table.length < 16) table.push(table[table.length - 1] * base % modulus);
  let result = 1n;
  for (const digit of exponent.toString(16)) {
    for (let bit = 0; bit < 4; bit++) result = result * result % modulus;
    result = result * table[parseInt(digit, 16)] % modulus;
  }
  return result;
}

function toNumber(bytes: Uint8Array): bigint {
  let hex = "0x0";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return BigInt(hex);
}

function toBytes(number: bigint): Uint8Array {
  let hex = number.toString(16);
  if (hex.length % 2 === 1) hex = "0" + hex;
  return Uint8Array.from(hex.match(/../g)!, (byte) => parseInt(byte, 16));
}
