/**
 * Many children of one entry: a table to find them by, and their order.
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";
import type { Entry } from "./entry.ts";
import { type EntryCursor, EntryOrder } from "./entry_order.ts";
import { KeyTable } from "./key_table.ts";

/** See the module. */
export class ManyChildren {
  size = 0;
  readonly #table = new KeyTable();
  readonly #order = new EntryOrder();
  readonly #behindFirst: () => EntryCursor;

  /** @param first Those that it begins with */
  constructor(first: Iterable<Entry>) {
    for (const child of first) this.add(child);
    this.#behindFirst = this.#order.end();
  }

  /** The child of that key and hash. */
  get(key: ElementKey, hash: number): Entry | undefined {
    return this.#table.get(key, hash);
  }

  /** Adds a child whose key is not in here. */
  add(child: Entry): void {
    this.size++;
    this.#order.push(child);
    this.#table.add(child);
  }

  /** Removes a child. It has to have lost its parent already. */
  delete(child: Entry): void {
    this.size--;
    this.#table.delete(child);
    this.#order.removed(this.size);
  }

  /** Starts at the first one. */
  cursor(): EntryCursor {
    return this.#order.cursor();
  }

  /** Starts behind those that it began with. */
  cursorBehindFirst(): EntryCursor {
    return this.#behindFirst();
  }
}
