/**
 * A place in the tree. Its fields are flat, because there are millions: the value is a reference into the arena
 * ({@linkcode NO_VALUE} if there is none), the head of the chain is `writer` and `tick`.
 *
 * | | writer | value |
 * | --- | --- | --- |
 * | made on the way to another entry, or for a watch | null | NO_VALUE |
 * | has a value | set | reference |
 * | tombstone (deleted, not yet purged) | set | NO_VALUE |
 *
 * @module
 */

import { type ElementKey, elementOf } from "../../wire/path/keys.ts";
import { Path } from "../../wire/path/path.ts";
import type { Link } from "./chain.ts";
import { Children } from "./children.ts";
import type { Change } from "./effect.ts";
import { NO_VALUE } from "./values.ts";
import type { Writer } from "./writer.ts";

/** Who wants to hear of changes at and below an entry. The session layer implements it. */
export interface Watcher {
  /** @param change What happened @param depth How many levels below the watched entry */
  notify(change: Change, depth: number): void;
}

/** What most entries have nothing of. Those that have children keep it there, so that they are found with fewer steps. */
class More {
  older: Link | null = null;
  watchers: Watcher[] | null = null;
}

/** A place in the tree. Only the store writes its fields, except `watchers`. */
export class Entry {
  // First, beside the key: both are read when somebody passes by.
  #more: More | Children | null = null;
  /** The value's reference in the arena. */
  value: number = NO_VALUE;
  /** The tock of the last event; of an entry that was never written, its parent's when it was made (it has no rank). */
  tock: number;
  /** Who made the last event. */
  writer: Writer | null = null;
  /** The last event's tick. */
  tick = 0;

  /**
   * @param parent The entry above; null for the root, and for an entry that was unhooked
   * @param key Its name
   * @param hash The name's `hashKey`
   */
  constructor(public parent: Entry | null, readonly key: ElementKey, readonly hash: number) {
    this.tock = parent === null ? 0 : parent.tock;
  }

  /** The entries below, or null if there are none. */
  get children(): Children | null {
    return this.#more instanceof Children ? this.#more : null;
  }

  set children(children: Children | null) {
    const { older, watchers } = this;
    if (children === null) this.#more = older === null && watchers === null ? null : new More();
    else this.#more = children;
    if (this.#more === null) return;
    this.#more.older = older;
    this.#more.watchers = watchers;
  }

  /** The chain behind its head. */
  get older(): Link | null {
    return this.#more === null ? null : this.#more.older;
  }

  set older(older: Link | null) {
    if (older !== null || this.#more !== null) (this.#more ??= new More()).older = older;
  }

  /** Kept by the session layer; an entry with watchers is never unhooked. */
  get watchers(): Watcher[] | null {
    return this.#more === null ? null : this.#more.watchers;
  }

  set watchers(watchers: Watcher[] | null) {
    if (watchers !== null || this.#more !== null) (this.#more ??= new More()).watchers = watchers;
  }

  /** Whether a value is here. */
  get hasValue(): boolean {
    return this.value !== NO_VALUE;
  }

  /** Whether it was deleted and not yet purged. */
  get isTombstone(): boolean {
    return this.writer !== null && this.value === NO_VALUE;
  }

  /** The child of that name. */
  child(key: ElementKey): Entry | undefined {
    return this.children === null ? undefined : this.children.get(key);
  }

  /** Levels below the root. */
  get depth(): number {
    let depth = 0;
    for (let entry = this.parent; entry !== null; entry = entry.parent) depth++;
    return depth;
  }

  /** Writes the keys from the root down to here into `out`; returns their number. */
  readKeys(out: ElementKey[]): number {
    if (this.parent === null) return 0;
    const above = this.parent.readKeys(out);
    out[above] = this.key;
    return above + 1;
  }

  /** The path from the root. */
  path(): Path {
    const keys: ElementKey[] = [];
    const length = this.readKeys(keys);
    return Path.of(...keys.slice(0, length).map(elementOf));
  }
}
