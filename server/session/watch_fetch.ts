/**
 * What is there when a watch begins, slice by slice: everything, or what its owner does not have yet.
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";
import type { StreamOut, StreamState } from "../action/stream_source.ts";
import { type Version, withoutChain } from "../action/tree_item.ts";
import type { WatchOptions } from "../action/watch.ts";
import type { Entry } from "../core/entry.ts";
import type { RangeSet } from "../core/range_set.ts";
import type { Store } from "../core/store.ts";
import { Walk } from "../core/walk.ts";
import type { RuleBook } from "../meta/acl/rights.ts";
import type { Sight } from "../meta/acl/sight.ts";
import type { Writer } from "../core/writer.ts";
import type { Have } from "./token.ts";

/** Entries looked at in one step. */
const visitsPerStep = 500;

/** Sends a version whose relative path is the first `length` keys. */
type Send = (version: Version, keys: readonly ElementKey[], length: number) => void;

/** Walks over what a watch starts with. */
export class WatchFetch {
  readonly #walk: Walk;
  readonly #options: WatchOptions;
  /** What is newer was, or will be, sent as a change. */
  readonly #clock: number;
  readonly #have: ReadonlyMap<Writer, RangeSet> | undefined;
  readonly #keys: ElementKey[] = [];
  #waiting: Entry | undefined;

  /**
   * @param have If given, only what is not in it is sent, deletions too
   * @param sight What may be seen; undefined: everything
   * @param before If given, only what these rules did not show is sent, deletions too
   */
  constructor(
    store: Store,
    start: Entry,
    options: WatchOptions,
    have: Have | undefined,
    readonly sight?: Sight,
    readonly before?: RuleBook,
  ) {
    this.#options = options;
    this.#clock = store.clock;
    const enter = sight && ((entry: Entry, depth: number) => sight.enter(entry, depth));
    this.#walk = new Walk(start, { maxDepth: options.maxDepth, empty: true, meta: options.empty, enter });
    if (have === undefined) return;
    const found = new Map<Writer, RangeSet>();
    for (const [name, ticks] of have) {
      const writer = store.writers.get(name);
      if (writer !== undefined) found.set(writer, ticks);
    }
    this.#have = found;
  }

  /** Sends some entries, as far as there is room. */
  step(out: Pick<StreamOut, "hasRoom">, send: Send): StreamState {
    for (let visits = 0; visits < visitsPerStep; visits++) {
      const entry = this.#waiting ?? this.#walk.next();
      if (entry === undefined) return "done";
      const { depth } = this.#walk;
      if (depth > 0) this.#keys[depth - 1] = entry.key;
      if (!this.#isWanted(entry, depth)) {
        this.#waiting = undefined;
        continue;
      }
      this.#waiting = out.hasRoom ? undefined : entry;
      if (this.#waiting !== undefined) return "wait";
      send(this.#have === undefined ? withoutChain(entry) : entry, this.#keys, depth);
    }
    return "more";
  }

  #isWanted(entry: Entry, depth: number): boolean {
    if (depth < this.#options.minDepth) return false;
    // A change since then has been sent, or waits to be.
    if (entry.writer !== null && entry.tock > this.#clock) return false;
    return this.#isNews(entry) && (this.sight === undefined || this.#isShown(this.sight, entry, depth));
  }

  #isNews(entry: Entry): boolean {
    if (this.#have !== undefined) return entry.writer !== null && !this.#have.get(entry.writer)?.has(entry.tick);
    return entry.hasValue || this.#options.empty || (this.before !== undefined && entry.isTombstone);
  }

  #isShown(sight: Sight, entry: Entry, depth: number): boolean {
    return sight.sees(entry, depth) && (this.before === undefined || !sight.wasSeen(this.before, entry, depth));
  }
}
