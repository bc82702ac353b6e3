/**
 * The children of one entry, in the order of their creation. Lean for the many entries that have a few dozen, and from there
 * up to millions without a pause: no insertion rebuilds more than a part of 2,560 slots.
 *
 * | children | found by |
 * | --- | --- |
 * | up to 8 | looking at each |
 * | up to 254 | {@linkcode FewTable}: positions in the order, a byte each |
 * | more | {@linkcode KeyTable}: references, split as they become many |
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";
import type { Entry } from "./entry.ts";
import { EntryOrder } from "./entry_order.ts";
import { fewAdd, fewDelete, fewGet, fewIsFull, fewMax, type FewTable, fewTable } from "./few_table.ts";
import { KeyTable } from "./key_table.ts";

/** Up to here, children are looked for one by one. */
const scanMax = 8;

/** The children of one entry, in the order of their creation. */
export class Children extends EntryOrder implements Iterable<Entry> {
  size = 0;
  #few: FewTable | null = null;
  #many: KeyTable | null = null;

  /** The child of that key; `hash` is its `hashKey`. */
  get(key: ElementKey, hash: number): Entry | undefined {
    if (this.#few !== null) return fewGet(this.#few, this.head.entries, key, hash);
    return this.#many === null ? this.head.find(key, hash) : this.#many.get(key, hash);
  }

  /** Adds a child whose key is not in here. */
  add(child: Entry): void {
    this.size++;
    this.push(child);
    if (this.#many !== null) this.#many.add(child);
    else if (this.head.count > fewMax) this.#becomeMany();
    else if (this.#few !== null && !fewIsFull(this.#few, this.size)) fewAdd(this.#few, child.hash, this.head.count - 1);
    else if (this.size > scanMax) this.#becomeFew();
  }

  #becomeMany(): void {
    this.#few = null;
    this.#many = new KeyTable();
    for (const entry of this) this.#many.add(entry);
  }

  /** Makes the table anew, as entries have moved or have become more. */
  #becomeFew(): void {
    this.#few = fewTable(this.head.entries, this.head.count);
  }

  /** Removes a child. It has to have lost its parent already. */
  delete(child: Entry): void {
    this.size--;
    if (this.#few !== null) fewDelete(this.#few, this.head.entries, child);
    else if (this.#many !== null) this.#many.delete(child);
    if (this.removed(this.size) && this.#few !== null) this.#becomeFew();
  }

  /** The children, first made first. */
  *[Symbol.iterator](): Iterator<Entry> {
    const cursor = this.cursor();
    for (let entry = cursor.next(); entry !== undefined; entry = cursor.next()) yield entry;
  }
}
