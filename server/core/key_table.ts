/**
 * A hash table of many entries by key, which grows without a pause: the leading bits of the hash choose a part, a part
 * that is full is split in two (extendible hashing). Within a part: open addressing, linear probing, references only.
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";
import type { Entry } from "./entry.ts";

/** A part with more entries is split. */
const partSizeMax = 2048;

/** Leading bits beyond this do not split a part any more: it grows instead (only with forged hashes). */
const splitBitsMax = 18;

/** Entries whose hashes share their leading `bits`. */
class Part {
  size = 0;
  #slots: (Entry | null)[];

  constructor(slots: number, public bits: number) {
    this.#slots = new Array(slots).fill(null);
  }

  /** The slot at which a hash is looked for first: as the low 16 bits are to 2^16. */
  #home(hash: number): number {
    return (hash & 0xffff) * this.#slots.length >>> 16;
  }

  get(key: ElementKey, hash: number): Entry | undefined {
    const slots = this.#slots;
    for (let i = this.#home(hash);;) {
      const entry = slots[i];
      if (entry === null) return undefined;
      if (entry.hash === hash && entry.key === key) return entry;
      if (++i === slots.length) i = 0;
    }
  }

  add(entry: Entry): void {
    if (++this.size * 5 > this.#slots.length * 4) this.#resize();
    this.#put(entry);
  }

  #put(entry: Entry): void {
    const slots = this.#slots;
    let i = this.#home(entry.hash);
    while (slots[i] !== null) if (++i === slots.length) i = 0;
    slots[i] = entry;
  }

  #resize(): void {
    const old = this.#slots;
    this.#slots = new Array((old.length >> 2) * 5).fill(null);
    for (const entry of old) if (entry !== null) this.#put(entry);
  }

  /** Removes an entry; those that it kept from their place move up. */
  delete(entry: Entry): void {
    const slots = this.#slots;
    const count = slots.length;
    let hole = this.#home(entry.hash);
    while (slots[hole] !== entry) if (++hole === count) hole = 0;
    this.size--;
    for (let i = hole + 1 === count ? 0 : hole + 1; slots[i] !== null; i = i + 1 === count ? 0 : i + 1) {
      const home = this.#home(slots[i]!.hash);
      if ((i - home + count) % count < (i - hole + count) % count) continue;
      slots[hole] = slots[i];
      hole = i;
    }
    slots[hole] = null;
  }

  /** Gives the entries whose next leading bit is 1 to a new part. */
  split(): Part {
    const old = this.#slots;
    const slots = (this.size >> 3) * 6;
    this.bits++;
    const other = new Part(slots, this.bits);
    this.#slots = new Array(slots).fill(null);
    this.size = 0;
    const shift = 32 - this.bits;
    for (const entry of old) {
      if (entry === null) continue;
      if ((entry.hash >>> shift & 1) === 1) other.add(entry);
      else this.add(entry);
    }
    return other;
  }
}

/** Many entries by key. */
export class KeyTable {
  /** 2^bits parts, by the leading bits of the hash; one part may stand in several places. */
  #parts: Part[] = [new Part(512, 0)];
  #bits = 0;

  #indexOf(hash: number): number {
    return hash >>> 1 >>> 31 - this.#bits;
  }

  /** The entry of that key and hash. */
  get(key: ElementKey, hash: number): Entry | undefined {
    return this.#parts[this.#indexOf(hash)].get(key, hash);
  }

  /** Adds an entry whose key is not in here. */
  add(entry: Entry): void {
    const index = this.#indexOf(entry.hash);
    const part = this.#parts[index];
    part.add(entry);
    if (part.size > partSizeMax && part.bits < splitBitsMax) this.#split(index);
  }

  #split(index: number): void {
    const part = this.#parts[index];
    if (part.bits === this.#bits) {
      this.#parts = this.#parts.flatMap((each) => [each, each]);
      this.#bits++;
    }
    const other = part.split();
    for (let i = 0; i < this.#parts.length; i++) {
      if (this.#parts[i] === part && (i >>> this.#bits - part.bits & 1) === 1) this.#parts[i] = other;
    }
  }

  /** Removes an entry that is in here. */
  delete(entry: Entry): void {
    this.#parts[this.#indexOf(entry.hash)].delete(entry);
  }
}
