/**
 * A hash table of entries by key: open addressing, linear probing, references only. Half the memory of a `Map`, and small
 * enough to be rebuilt without a pause.
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";
import type { Entry } from "./entry.ts";

/** Entries by key. Does not keep their order. */
export class EntryTable {
  size = 0;
  #slots: (Entry | null)[];
  #mask: number;

  /** @param slots A power of two */
  constructor(slots: number) {
    this.#slots = new Array(slots).fill(null);
    this.#mask = slots - 1;
  }

  /** The entry of that key and hash. */
  get(key: ElementKey, hash: number): Entry | undefined {
    const slots = this.#slots;
    const mask = this.#mask;
    for (let i = hash & mask;; i = i + 1 & mask) {
      const entry = slots[i];
      if (entry === null) return undefined;
      if (entry.hash === hash && entry.key === key) return entry;
    }
  }

  /** Adds an entry whose key is not in here. */
  add(entry: Entry): void {
    if (++this.size > this.#mask - (this.#mask >> 2)) this.#grow();
    this.#put(entry);
  }

  #put(entry: Entry): void {
    const slots = this.#slots;
    let i = entry.hash & this.#mask;
    while (slots[i] !== null) i = i + 1 & this.#mask;
    slots[i] = entry;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Array(old.length * 2).fill(null);
    this.#mask = old.length * 2 - 1;
    for (const entry of old) if (entry !== null) this.#put(entry);
  }

  /** Removes an entry; those behind it move up, so that no marks stay. */
  delete(entry: Entry): boolean {
    const slots = this.#slots;
    const mask = this.#mask;
    let hole = entry.hash & mask;
    while (slots[hole] !== entry) {
      if (slots[hole] === null) return false;
      hole = hole + 1 & mask;
    }
    this.size--;
    for (let i = hole + 1 & mask;; i = i + 1 & mask) {
      const next = slots[i];
      if (next === null) break;
      const home = next.hash & mask;
      if ((i - home & mask) < (i - hole & mask)) continue;
      slots[hole] = next;
      hole = i;
    }
    slots[hole] = null;
    return true;
  }

  /** Moves every entry for which `wanted` holds into `other`. */
  moveTo(other: EntryTable, wanted: (entry: Entry) => boolean): void {
    const all = this.#slots;
    this.#slots = new Array(all.length).fill(null);
    this.size = 0;
    for (const entry of all) {
      if (entry === null) continue;
      if (wanted(entry)) other.add(entry);
      else this.add(entry);
    }
  }
}
