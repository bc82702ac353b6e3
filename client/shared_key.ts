/**
 * The key that a connection shares with its server, for secrets that must not be read on the way even if the line is not
 * encrypted. Exchanged when it is first needed, once per connection.
 *
 * Source: `spec/client-protocol.md` 4.3, 4.4.
 *
 * @module
 */

import { ProtocolError } from "../wire/errors.ts";
import type { Connection } from "./connection.ts";

/** What the original's clients ask for. Below 32 it is the small group. */
const length = 1024;

const keys = new WeakMap<Connection, Promise<Uint8Array>>();

/** Puts `secret` into a box that only the server at the other end can open. */
export async function seal(connection: Connection, secret: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
  const { nonceBytes, sealBox } = await import("../wire/login/secret_box.ts");
  return sealBox(await keyOf(connection, signal), crypto.getRandomValues(new Uint8Array(nonceBytes)), secret);
}

function keyOf(connection: Connection, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const known = keys.get(connection);
  if (known !== undefined) return known;
  const key = exchange(connection, signal);
  keys.set(connection, key);
  key.catch(() => keys.delete(connection));
  return key;
}

async function exchange(connection: Connection, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const { exponentBytes, publicKey, sharedKey } = await import("../wire/login/key_exchange.ts");
  const { groupOf } = await import("../wire/login/group.ts");
  const group = groupOf(length);
  const exponent = crypto.getRandomValues(new Uint8Array(exponentBytes));
  const fields = { pubkey: publicKey(group, exponent), length };
  const { pubkey } = await connection.request("diffie_hellman", fields, (reply) => reply, signal);
  if (!(pubkey instanceof Uint8Array)) throw new ProtocolError("The server's reply has no public key", 0);
  return sharedKey(group, exponent, pubkey);
}
