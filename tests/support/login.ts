/** Logs a test's client in by hand, message by message. */

import { passwordHash } from "../../wire/login/credentials.ts";
import { group14, group5 } from "../../wire/login/group.ts";
import { publicKey, sharedKey } from "../../wire/login/key_exchange.ts";
import { nonceBytes, sealBox } from "../../wire/login/secret_box.ts";
import type { Value } from "../../wire/value.ts";

/** Something that asks and is answered. */
export interface Asker {
  ask(action: string, fields?: { readonly [key: string]: Value }): Promise<{ readonly [key: string]: Value }>;
}

/** Exchanges a key; the small group unless told otherwise. */
export async function exchangeKey(asker: Asker, length = 16): Promise<Uint8Array> {
  const group = length < 32 ? group5 : group14;
  const exponent = crypto.getRandomValues(new Uint8Array(33));
  const reply = await asker.ask("diffie_hellman", { pubkey: publicKey(group, exponent), length });
  if (!(reply.pubkey instanceof Uint8Array)) throw new Error(`No key: ${JSON.stringify(reply)}`);
  return sharedKey(group, exponent, reply.pubkey);
}

/** A password's hash in its box. */
export function boxedPassword(key: Uint8Array, password: string): Uint8Array {
  return boxed(key, passwordHash(password));
}

/** Anything in a box. */
export function boxed(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return sealBox(key, crypto.getRandomValues(new Uint8Array(nonceBytes)), bytes);
}
