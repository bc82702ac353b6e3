/**
 * The children of one entry, in the order of their creation. Found in few steps, because each is a wait for the memory when
 * there are many entries; and from there up to millions without a pause.
 *
 * | children | kept in |
 * | --- | --- |
 * | up to 1024 | the platform's `Map`, which has the order, too; all of it is copied when it has to grow |
 * | more | {@linkcode ManyChildren}, whose insertions move a part of 2,560 slots at most |
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";
import type { Link } from "./chain.ts";
import type { Entry, Watcher } from "./entry.ts";
import type { EntryCursor } from "./entry_order.ts";
import { hashKey } from "./key_hash.ts";
import { ManyChildren } from "./many_children.ts";

/** Children in a `Map` at most. */
const fewMax = 1024;

/** The children of one entry, in the order of their creation; and what else few entries have. */
export class Children implements Iterable<Entry> {
  #few: Map<ElementKey, Entry> | null = new Map();
  #many: ManyChildren | null = null;
  /** Of the entry whose children these are: see there. */
  older: Link | null = null;
  watchers: Watcher[] | null = null;

  /** How many there are. */
  get size(): number {
    return this.#few === null ? this.#many!.size : this.#few.size;
  }

  /** The child of that key. @param hash Its `hashKey`, if that is known */
  get(key: ElementKey, hash?: number): Entry | undefined {
    return this.#few === null ? this.#many!.get(key, hash ?? hashKey(key)) : this.#few.get(key);
  }

  /** Adds a child whose key is not in here. */
  add(child: Entry): void {
    if (this.#few === null) return this.#many!.add(child);
    this.#few.set(child.key, child);
    if (this.#few.size <= fewMax) return;
    this.#many = new ManyChildren(this.#few.values());
    this.#few = null;
  }

  /** Removes a child. It has to have lost its parent already. */
  delete(child: Entry): void {
    if (this.#few === null) this.#many!.delete(child);
    else this.#few.delete(child.key);
  }

  /** Starts at the first child. */
  cursor(): ChildCursor {
    return new ChildCursor(this.#few, () => this.#many);
  }

  /** The children, first made first. */
  *[Symbol.iterator](): Iterator<Entry> {
    const cursor = this.cursor();
    for (let entry = cursor.next(); entry !== undefined; entry = cursor.next()) yield entry;
  }
}

/**
 * A place among the children. It stays good while some are added (they come at the end) and removed (they are left out); it
 * returns none twice.
 */
export class ChildCursor {
  /** Of the few that there were when it began; undefined: at their end. */
  #few: MapIterator<Entry> | undefined;
  #many: EntryCursor | undefined;

  /** @param few Those that there are @param many Tells whether they have become many meanwhile */
  constructor(few: Map<ElementKey, Entry> | null, private readonly many: () => ManyChildren | null) {
    if (few === null) this.#many = many()!.cursor();
    else this.#few = few.values();
  }

  /** The next child; undefined at the end. */
  next(): Entry | undefined {
    if (this.#few !== undefined) {
      for (let each = this.#few.next(); !each.done; each = this.#few.next()) {
        // The few are left as they were when they became many.
        if (each.value.parent !== null) return each.value;
      }
      this.#few = undefined;
      this.#many = this.many()?.cursorBehindFirst();
    }
    return this.#many?.next();
  }
}
