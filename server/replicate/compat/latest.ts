/**
 * The latest values by key, within bounds. Two generations, of which the older goes as a whole: to take the first key out
 * of one map again and again means to walk over all that were taken before.
 *
 * @module
 */

/** Keeps the latest `max / 2` keys at least, and `max` at most. */
export class Latest<K, V> implements Iterable<readonly [K, V]> {
  #young = new Map<K, V>();
  #old = new Map<K, V>();

  constructor(private readonly max: number) {}

  /** Keeps a value; an earlier one of the same key goes. */
  set(key: K, value: V): void {
    this.#young.set(key, value);
    if (this.#young.size * 2 < this.max) return;
    this.#old = this.#young;
    this.#young = new Map();
  }

  /** Forgets everything. */
  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
  }

  /** The older generation first. */
  *[Symbol.iterator](): Iterator<readonly [K, V]> {
    for (const each of this.#old) if (!this.#young.has(each[0])) yield each;
    yield* this.#young;
  }
}
