/** Chance that can be repeated: the seed is printed, and set by `MOAT_SEED`. */

/** A generator of numbers from one seed (mulberry32). */
export class Random {
  #state: number;

  /** @param seed Any integer; only its low 32 bits count */
  constructor(readonly seed: number) {
    this.#state = seed >>> 0;
  }

  /** From the environment, or a new one. */
  static fromEnvironment(): Random {
    return new Random(Number(Deno.env.get("MOAT_SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]));
  }

  /** From 0 up to and without 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer from 0 up to and without `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }
}
