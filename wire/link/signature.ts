/**
 * Proving who is there, and signing frames: HMAC-SHA256, cut short. How it is computed is given, because it is not the same
 * everywhere.
 *
 * | what | covers |
 * | --- | --- |
 * | MAC of the welcome | `"h"`, nonce of the satellite, nonce of the host, name |
 * | MAC of the confirm | `"s"`, nonce of the satellite, nonce of the host, uid |
 * | session key | `"k"`, nonce of the satellite, nonce of the host |
 * | signature of a frame | `"u"` (to the host) or `"d"`, its number in full (32 bits, big endian), its data |
 *
 * Source: `spec/satellite.md` 4.
 *
 * @module
 */

/** HMAC-SHA256: 32 bytes. */
export type Hmac = (key: Uint8Array, data: Uint8Array) => Uint8Array;

/** Which way a frame goes: up to the host, or down to the satellite. */
export type Direction = "up" | "down";

/** Bytes of the MACs of a handshake. */
const handshakeMacBytes = 8;

const text = new TextEncoder();

/** The fewest bytes of a key. */
export const keyBytesMin = 16;

/** What both ends know once they have exchanged their nonces. */
export class Handshake {
  readonly #hmac: Hmac;
  readonly #key: Uint8Array;
  readonly #nonces: Uint8Array;

  constructor(hmac: Hmac, key: Uint8Array, satelliteNonce: Uint8Array, hostNonce: Uint8Array) {
    this.#hmac = hmac;
    this.#key = key;
    this.#nonces = join(satelliteNonce, hostNonce);
  }

  /** What proves that the host has the key. */
  hostMac(name: string): Uint8Array {
    return this.#of("h", text.encode(name)).slice(0, handshakeMacBytes);
  }

  /** What proves that the satellite has it. */
  satelliteMac(uid: Uint8Array): Uint8Array {
    return this.#of("s", uid).slice(0, handshakeMacBytes);
  }

  /** What signs this session's frames. */
  sessionKey(): Uint8Array {
    return this.#of("k", new Uint8Array());
  }

  #of(letter: string, more: Uint8Array): Uint8Array {
    return this.#hmac(this.#key, join(text.encode(letter), this.#nonces, more));
  }
}

/** Signs frames of one session. */
export class Signer {
  readonly #hmac: Hmac;
  readonly #key: Uint8Array;
  /** Bytes of a signature. */
  readonly bytes: number;

  constructor(hmac: Hmac, sessionKey: Uint8Array, bytes: 4 | 8) {
    this.#hmac = hmac;
    this.#key = sessionKey;
    this.bytes = bytes;
  }

  /** The frame's data with its signature behind. */
  sign(data: Uint8Array, counter: number, direction: Direction): Uint8Array {
    return join(data, this.#signature(data, counter, direction));
  }

  /** The data without their signature; undefined: it is not right. */
  verify(signed: Uint8Array, counter: number, direction: Direction): Uint8Array | undefined {
    const end = signed.length - this.bytes;
    if (end < 1) return undefined;
    const data = signed.subarray(0, end);
    return sameBytes(signed.subarray(end), this.#signature(data, counter, direction)) ? data : undefined;
  }

  #signature(data: Uint8Array, counter: number, direction: Direction): Uint8Array {
    const head = Uint8Array.of(
      direction === "up" ? 0x75 : 0x64,
      counter >>> 24,
      counter >>> 16,
      counter >>> 8,
      counter,
    );
    return this.#hmac(this.#key, join(head, data)).slice(0, this.bytes);
  }
}

/** Whether both are equal; takes the same time wherever they differ. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a[i] ^ b[i];
  return difference === 0;
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
