/**
 * What is told and stored in place of secrets: their SHA-256. Apart from names.ts, because servers that nobody logs in to do
 * without what computes it.
 *
 * Source: `spec/client-protocol.md` 4.1, 4.4.
 *
 * @module
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { RequestError } from "../errors.ts";

/** Characters of a password, at least. */
export const passwordCharsMin = 5;

const utf8 = new TextEncoder();

/** What travels and is stored in place of a password. @throws {RequestError} If it is too short */
export function passwordHash(password: string): Uint8Array {
  if (password.length < passwordCharsMin) {
    throw new RequestError("value", `A password has at least ${passwordCharsMin} characters`);
  }
  return sha256(utf8.encode(password));
}

/** What is stored in place of a token's secret. It is random, so guessing is hopeless without stretching, too. */
export function secretHash(secret: Uint8Array): Uint8Array {
  return sha256(secret);
}
