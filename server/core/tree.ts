/**
 * The tree of entries. Entries are made on the way and unhooked when nothing is left in them.
 *
 * @module
 */

import { RequestError } from "../../wire/errors.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import { Children } from "./children.ts";
import { Entry } from "./entry.ts";
import { hashKey } from "./key_hash.ts";

/** The tree. */
export class Tree {
  /** The entry with the empty path; always there. */
  readonly root: Entry = new Entry(null, "", 0);
  /** Entries, the root and empty ones included. */
  size = 1;
  /** Made since the last commit. */
  readonly #made: Entry[] = [];

  /** The entry at `keys[0 … length)`, below `from`. */
  find(keys: readonly ElementKey[], length: number, from: Entry = this.root): Entry | undefined {
    let entry = from;
    for (let i = 0; i < length; i++) {
      const { children } = entry;
      if (children === null) return undefined;
      const child = children.get(keys[i]);
      if (child === undefined) return undefined;
      entry = child;
    }
    return entry;
  }

  /**
   * The entry at `keys[0 … length)`, made if need be. `from` is the one at `keys[0 … depth)`, if that is known.
   * @throws {RequestError} If an element but the first is null
   */
  ensure(keys: readonly ElementKey[], length: number, from: Entry = this.root, depth: number = 0): Entry {
    let entry = from;
    for (let i = depth; i < length; i++) {
      const key = keys[i];
      const child = entry.children?.get(key);
      if (child === undefined) checkNulls(keys, i, length);
      entry = child ?? this.#make(entry, key);
    }
    return entry;
  }

  #make(parent: Entry, key: ElementKey): Entry {
    const made = new Entry(parent, key, hashKey(key));
    parent.children ??= new Children();
    parent.children.add(made);
    this.size++;
    this.#made.push(made);
    return made;
  }

  /** Unhooks `entry`, and then those above it, as long as nothing is in them. */
  prune(entry: Entry): void {
    for (let at = entry; isEmpty(at);) {
      const { parent } = at;
      if (parent === null) return;
      at.parent = null;
      parent.children!.delete(at);
      if (parent.children!.size === 0) parent.children = null;
      this.size--;
      at = parent;
    }
  }

  /** Keeps the entries made in this turn. */
  commit(): void {
    if (this.#made.length > 0) this.#made.length = 0;
  }

  /** Unhooks the entries made in this turn, unless somebody watches them. */
  rollback(): void {
    for (let entry = this.#made.pop(); entry !== undefined; entry = this.#made.pop()) {
      if (entry.parent !== null) this.prune(entry);
    }
  }
}

function checkNulls(keys: readonly ElementKey[], from: number, length: number): void {
  for (let i = Math.max(1, from); i < length; i++) {
    if (keys[i] === null) throw new RequestError("value", "Null path element");
  }
}

function isEmpty(entry: Entry): boolean {
  return entry.writer === null && entry.children === null && entry.watchers === null;
}
