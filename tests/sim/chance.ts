/**
 * Chance from one seed, in streams that do not disturb each other: what the network rolls does not depend on what the
 * clients do.
 *
 * @module
 */

import { Random } from "../support/random.ts";

/** See the module. */
export class Chance extends Random {
  /** A stream of its own, named by whatever tells it from others. */
  static of(seed: number, ...names: (string | number)[]): Chance {
    let hash = (seed ^ 0x9e3779b9) >>> 0;
    for (const name of names) {
      for (const letter of `${name}/`) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0;
      hash = (hash ^ hash >>> 15) >>> 0;
    }
    return new Chance(hash);
  }

  /** Whether something of this probability happens. */
  happens(probability: number): boolean {
    return probability > 0 && this.next() < probability;
  }

  /** One of them. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }

  /** One of them, the first ones more often. */
  pickSkewed<T>(items: readonly T[]): T {
    return items[Math.floor(this.next() * this.next() * items.length)];
  }

  /** From `low` up to `high`. */
  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  /** Random bytes. */
  bytes(n: number): Uint8Array {
    return Uint8Array.from({ length: n }, () => this.below(256));
  }
}
