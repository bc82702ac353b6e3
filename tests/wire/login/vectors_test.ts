/** Key exchange and password as the original does them, with keys of its own making. */

import { openBox, sealBox } from "../../../wire/login/secret_box.ts";
import { passwordHash } from "../../../wire/login/credentials.ts";
import { groupOf } from "../../../wire/login/group.ts";
import { publicKey, sharedKey } from "../../../wire/login/key_exchange.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";
import { AuthError } from "../../../wire/errors.ts";

const text = await Deno.readTextFile(new URL("../../vectors/dh-password.jsonl", import.meta.url));
const vectors: Record<string, string & number>[] = text.trimEnd().split("\n").map((line) => JSON.parse(line));

const sha256 = async (bytes: Uint8Array) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>)).toHex();

Deno.test("login vectors: both sides get the original's keys, also where the shared secret begins with a zero byte", () => {
  assertEquals(vectors.some((vector) => vector.shared_secret_len === 255), true);
  for (const vector of vectors) {
    const group = groupOf(vector.length);
    assertEquals(group.number, vector.group);
    const [own, other] = [Uint8Array.fromHex(vector.client_private), Uint8Array.fromHex(vector.server_private)];
    assertEquals(publicKey(group, own).toHex(), vector.client_pubkey);
    assertEquals(publicKey(group, other).toHex(), vector.server_pubkey);
    assertEquals(sharedKey(group, own, publicKey(group, other)).toHex(), vector.key);
    assertEquals(sharedKey(group, other, publicKey(group, own)).toHex(), vector.key);
  }
});

Deno.test("login vectors: the password's hash in its box", () => {
  for (const vector of vectors) {
    const key = Uint8Array.fromHex(vector.key);
    assertEquals(passwordHash(vector.password).toHex(), vector.password_sha256);
    const box = sealBox(key, Uint8Array.fromHex(vector.nonce), passwordHash(vector.password));
    assertEquals(box.toHex(), vector.msg_password);
    assertEquals(openBox(key, box).toHex(), vector.password_sha256);
  }
});

Deno.test("login vectors: the primes are those of RFC 3526", async () => {
  for (
    const [length, hash] of [
      [16, "64fcc83ec403930bf18393dbc883ccaa1fbb08ac876f77f7aa99748ca945019b"],
      [1024, "d66436f79bbd6b2e38c0ffbd079be904d2641415e2e67140e09448be9a60890e"],
    ] as const
  ) {
    assertEquals(await sha256(Uint8Array.fromHex(groupOf(length).prime.toString(16))), hash);
  }
});

Deno.test("key exchange: a public key whose shared key everybody knows is refused", () => {
  const { prime, bytes } = groupOf(1024);
  const toBytes = (number: bigint) => Uint8Array.fromHex(number.toString(16).padStart(bytes * 2, "0"));
  const own = new Uint8Array(64).fill(7);
  for (const number of [0n, 1n, 2n, prime - 1n, prime, prime + 3n]) {
    assertThrows(() => sharedKey(groupOf(1024), own, toBytes(number)), AuthError);
  }
  assertThrows(() => sharedKey(groupOf(1024), own, new Uint8Array(0)), AuthError);
  assertThrows(() => sharedKey(groupOf(1024), own, new Uint8Array(5000).fill(9)), AuthError);
});

Deno.test("secret box: no truncated or changed box opens", () => {
  const key = new Uint8Array(32).fill(1);
  const box = sealBox(key, new Uint8Array(24).fill(2), passwordHash("test123"));
  for (let length = 0; length < box.length; length++) {
    assertThrows(() => openBox(key, box.subarray(0, length)), AuthError);
  }
  for (let at = 0; at < box.length; at++) {
    const changed = box.slice();
    changed[at] ^= 1;
    assertThrows(() => openBox(key, changed), AuthError);
  }
});
