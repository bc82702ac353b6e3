/**
 * NaCl's SecretBox: what is put in can be read, and was not changed, by whoever has the key. `nonce(24) ‖ mac(16) ‖ text`.
 *
 * Source: `spec/client-protocol.md` 4.4.
 *
 * @module
 */

import { xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import { AuthError } from "../errors.ts";

/** Bytes of a nonce, which may be used once. */
export const nonceBytes = 24;

const macBytes = 16;

/** Closes a box. */
export function sealBox(key: Uint8Array, nonce: Uint8Array, text: Uint8Array): Uint8Array {
  const sealed = xsalsa20poly1305(key, nonce).encrypt(text);
  const box = new Uint8Array(nonceBytes + sealed.length);
  box.set(nonce);
  box.set(sealed, nonceBytes);
  return box;
}

/** Opens a box. @throws {AuthError} If the key is another one, or the box was changed */
export function openBox(key: Uint8Array, box: Uint8Array): Uint8Array {
  try {
    if (box.length < nonceBytes + macBytes) throw new RangeError("The box is too short");
    return xsalsa20poly1305(key, box.subarray(0, nonceBytes)).decrypt(box.subarray(nonceBytes));
  } catch (cause) {
    throw new AuthError("Decryption failed. Ciphertext failed verification", "auth", { cause });
  }
}
