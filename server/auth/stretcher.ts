/**
 * Stretching of passwords: scrypt, off the thread, so that the other clients are served meanwhile. Each run takes 32 MB and
 * most of a processor, so few run at once, and few wait.
 *
 * @module
 */

import { RequestError } from "../../wire/errors.ts";
import { Turnstile } from "./turnstile.ts";

/** How hard it is to guess. Stored with each hash, so that it can be changed later. */
export interface Hardness {
  /** Memory and time; a power of two. */
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/** What new hashes get: 32 MB, about 80 ms. */
export const hardness: Hardness = { n: 2 ** 15, r: 8, p: 1 };

/** Bytes of a hash. */
export const hashBytes = 32;

/** Harder than this is not tried: what another server stored must not bring this one down. */
const bytesMax = 256 * 1024 * 1024;
const parallelMax = 8;
/** Runs that may wait. */
const waitingMax = 64;

/** Stretches passwords. */
export class Stretcher {
  readonly #turnstile: Turnstile;

  /** @param runsMax Runs at once: with more, the other clients would wait for a processor */
  constructor(runsMax: number = 2) {
    this.#turnstile = new Turnstile(runsMax, waitingMax);
  }

  /**
   * Stretches `secret`.
   * @throws {RequestError} If too many wait, or it would take too much
   */
  async stretch(secret: Uint8Array, salt: Uint8Array, how: Hardness): Promise<Uint8Array> {
    if (!isBearable(how)) throw new RequestError("auth", "The stored password asks for more than this server has");
    return await this.#turnstile.pass(() => scrypt(secret, salt, how));
  }
}

function isBearable({ n, r, p }: Hardness): boolean {
  const isWhole = [n, r, p].every((number) => Number.isInteger(number) && number > 0);
  return isWhole && n > 1 && Number.isInteger(Math.log2(n)) && 128 * n * r <= bytesMax && p <= parallelMax;
}

async function scrypt(secret: Uint8Array, salt: Uint8Array, { n, r, p }: Hardness): Promise<Uint8Array> {
  const { scrypt } = await import("node:crypto");
  const options = { N: n, r, p, maxmem: 128 * n * r + 1024 * 1024 * r * p };
  return await new Promise((resolve, reject) => {
    scrypt(secret, salt, hashBytes, options, (error, hash) => error ? reject(error) : resolve(new Uint8Array(hash)));
  });
}
