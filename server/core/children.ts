/**
 * The children of one entry, in the order of their creation. From a handful up to millions no insertion takes longer than
 * rebuilding a table of a few thousand slots.
 *
 * | children | found by |
 * | --- | --- |
 * | up to 8 | looking at each |
 * | up to 3072 | one table |
 * | more | one table per leading bits of the hash; a table that is full is split in two (extendible hashing) |
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";
import type { Entry } from "./entry.ts";
import { type EntryCursor, EntryOrder } from "./entry_order.ts";
import { EntryTable } from "./entry_table.ts";

/** Up to here, children are looked for one by one. */
const fewMax = 8;

/** A table with more entries is split. */
const tableSizeMax = 3072;

/** Leading bits beyond this do not split a table any more: it grows instead (only with forged hashes). */
const splitBitsMax = 20;

/** One part of the hash space. */
class Part {
  constructor(readonly table: EntryTable, /** Leading bits that all its hashes share. */ public bits: number) {}
}

/** The children of one entry, in the order of their creation. */
export class Children implements Iterable<Entry> {
  size = 0;
  readonly #order = new EntryOrder();
  #table: EntryTable | null = null;
  /** If there is more than one table: 2^bits parts, by the leading bits of the hash; one part may stand in several places. */
  #parts: Part[] | null = null;
  #bits = 0;

  /** The child of that key; `hash` is its `hashKey`. */
  get(key: ElementKey, hash: number): Entry | undefined {
    if (this.#table !== null) return this.#table.get(key, hash);
    if (this.#parts !== null) return this.#parts[hash >>> 32 - this.#bits].table.get(key, hash);
    return this.#order.find(key, hash);
  }

  /** Adds a child whose key is not in here. */
  add(child: Entry): void {
    this.size++;
    this.#order.push(child);
    if (this.#parts !== null) return this.#addToPart(child);
    if (this.#table === null && this.size > fewMax) this.#makeTable();
    else this.#table?.add(child);
    if (this.#table !== null && this.#table.size > tableSizeMax) this.#makeParts(this.#table);
  }

  #makeTable(): void {
    this.#table = new EntryTable(16);
    for (const entry of this) this.#table.add(entry);
  }

  #makeParts(table: EntryTable): void {
    this.#table = null;
    this.#parts = [new Part(table, 0)];
    this.#split(0);
  }

  #addToPart(child: Entry): void {
    const index = child.hash >>> 32 - this.#bits;
    const part = this.#parts![index];
    part.table.add(child);
    if (part.table.size > tableSizeMax && part.bits < splitBitsMax) this.#split(index);
  }

  #split(index: number): void {
    const part = this.#parts![index];
    if (part.bits === this.#bits) {
      this.#parts = this.#parts!.flatMap((each) => [each, each]);
      this.#bits++;
    }
    part.bits++;
    const other = new Part(new EntryTable(4096), part.bits);
    const shift = 32 - part.bits;
    part.table.moveTo(other.table, (entry) => (entry.hash >>> shift & 1) === 1);
    for (let i = 0; i < this.#parts!.length; i++) {
      if (this.#parts![i] === part && (i >>> this.#bits - part.bits & 1) === 1) this.#parts![i] = other;
    }
  }

  /** Removes a child. It has to have lost its parent already. */
  delete(child: Entry): void {
    this.size--;
    this.#table?.delete(child);
    this.#parts?.[child.hash >>> 32 - this.#bits].table.delete(child);
    this.#order.removed(this.size);
  }

  /** A place before the first child; stays good while children come and go. */
  cursor(): EntryCursor {
    return this.#order.cursor();
  }

  /** The children, first made first. */
  *[Symbol.iterator](): Iterator<Entry> {
    const cursor = this.#order.cursor();
    for (let entry = cursor.next(); entry !== undefined; entry = cursor.next()) yield entry;
  }
}
