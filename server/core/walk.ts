/**
 * An entry and everything below it, parents first, children in the order of their creation.
 *
 * @module
 */

import type { ChildCursor } from "./children.ts";
import type { Entry } from "./entry.ts";

/** What a walk visits. Depth 0 is the entry it starts at. */
export interface WalkOptions {
  /** Levels to leave out; 0 if absent. */
  readonly minDepth?: number;
  /** The last level; no limit if absent or negative. */
  readonly maxDepth?: number;
  /** Whether entries without a value are visited too. */
  readonly empty?: boolean;
  /** Whether the root's child `null` and all below it are visited; only if told. */
  readonly meta?: boolean;
  /** Asked before the children of an entry are looked at. */
  readonly enter?: (entry: Entry, depth: number) => boolean;
}

/**
 * A walk that can rest: call `next()` as often as time allows, and go on later. The tree may change meanwhile. What is
 * there all the time is visited once; what comes or goes meanwhile, once or not at all.
 */
export class Walk implements Iterable<Entry> {
  /** Levels of the last entry below the start. */
  depth = 0;
  /** Whether the last entry is one that was asked for. */
  isWanted = false;
  readonly #minDepth: number;
  readonly #maxDepth: number;
  readonly #empty: boolean;
  readonly #meta: boolean;
  readonly #enter: ((entry: Entry, depth: number) => boolean) | undefined;
  readonly #cursors: ChildCursor[] = [];
  /** Whose children are next. */
  #pending: Entry | null = null;
  #start: Entry | null;

  /** @param start Where it begins @param options What is visited */
  constructor(start: Entry, options: WalkOptions = {}) {
    const { minDepth = 0, maxDepth = -1, empty = false, meta = false, enter } = options;
    this.#start = start;
    this.#minDepth = minDepth;
    this.#maxDepth = maxDepth < 0 ? Infinity : maxDepth;
    this.#empty = empty;
    this.#meta = meta;
    this.#enter = enter;
  }

  /** The next entry that is wanted; undefined at the end. */
  next(): Entry | undefined {
    let entry = this.step();
    while (entry !== undefined && !this.isWanted) entry = this.step();
    return entry;
  }

  /** One step, to an entry that may not be wanted: lets a walk rest that finds nothing for long. */
  step(): Entry | undefined {
    if (this.#start !== null) {
      const start = this.#start;
      this.#start = null;
      return this.#arrive(start, 0);
    }
    this.#descend();
    while (this.#cursors.length > 0) {
      const entry = this.#cursors[this.#cursors.length - 1].next();
      if (entry === undefined) this.#cursors.pop();
      else if (this.#meta || !isMeta(entry)) return this.#arrive(entry, this.#cursors.length);
    }
    return undefined;
  }

  #arrive(entry: Entry, depth: number): Entry {
    this.depth = depth;
    this.isWanted = depth >= this.#minDepth && (this.#empty || entry.hasValue);
    this.#pending = entry;
    return entry;
  }

  #descend(): void {
    const entry = this.#pending;
    this.#pending = null;
    if (entry === null || entry.children === null || this.depth >= this.#maxDepth) return;
    if (this.#enter === undefined || this.#enter(entry, this.depth)) this.#cursors.push(entry.children.cursor());
  }

  /** All entries, in a loop. */
  *[Symbol.iterator](): Iterator<Entry> {
    for (let entry = this.next(); entry !== undefined; entry = this.next()) yield entry;
  }
}

function isMeta(entry: Entry): boolean {
  return entry.key === null && entry.parent !== null && entry.parent.parent === null;
}

/** A walk from `entry`. */
export function walk(entry: Entry, options?: WalkOptions): Walk {
  return new Walk(entry, options);
}
