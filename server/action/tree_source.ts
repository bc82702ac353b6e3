/**
 * Fills the stream of a `get_tree`, slice by slice.
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";
import { PathShortener } from "../../wire/path/shorten.ts";
import type { Entry } from "../core/entry.ts";
import type { ValueArena } from "../core/values.ts";
import { Walk } from "../core/walk.ts";
import type { StreamOut, StreamSource, StreamState } from "./stream_source.ts";
import type { ConvertingItems } from "./converting_items.ts";
import type { Sight } from "../meta/acl/sight.ts";
import { itemFields, type ItemForm, nameOf, type Version, withoutChain, writeItem } from "./tree_item.ts";

/** Entries looked at in one step. */
const visitsPerStep = 500;

/** What is sent of a tree. */
export interface TreeOptions {
  readonly minDepth: number;
  /** Negative: no limit. */
  readonly maxDepth: number;
  /** Whether entries without a value are sent too, and the internal tree. */
  readonly empty: boolean;
  /** Whether tombstones are sent, with their chains. */
  readonly tombstones: boolean;
  readonly nchain: number;
  readonly isWhole: boolean;
}

/** Sends a tree. */
export class TreeSource implements StreamSource {
  readonly #values: ValueArena;
  readonly #options: TreeOptions;
  readonly #form: ItemForm;
  readonly #walk: Walk;
  readonly #shortener = new PathShortener();
  /** The keys below the start of the entry last visited. */
  readonly #keys: ElementKey[] = [];
  /** Visited, and not sent because there was no room. */
  #waiting: Entry | undefined;
  /** What is on its way through codecs. */
  readonly #items: ConvertingItems | undefined;
  #out: StreamOut | undefined;

  /**
   * @param sight What of it may be seen; undefined: everything
   * @param items Converts values, if a codec may lie between
   */
  constructor(
    values: ValueArena,
    start: Entry,
    options: TreeOptions,
    readonly sight?: Sight,
    items?: (form: ItemForm, wake: () => void) => ConvertingItems,
  ) {
    this.#values = values;
    this.#options = options;
    this.#form = { nchain: options.nchain, withHead: false, isWhole: options.isWhole };
    this.#items = items?.(this.#form, () => this.#out?.wake());
    // Every entry is visited, so that the keys on the way are known and the work of a step is bounded.
    const enter = sight && ((entry: Entry, depth: number) => sight.enter(entry, depth));
    this.#walk = new Walk(start, { maxDepth: options.maxDepth, empty: true, meta: options.empty, enter });
  }

  /** Sends some entries. */
  step(out: StreamOut): StreamState {
    const items = this.#items;
    const state = this.#walkOn(out);
    if (items === undefined) return state;
    this.#out = out;
    items.flush(out, this.#shortener);
    if (state === "done") return items.isEmpty ? "done" : "wait";
    return state === "wait" && items.hasRoom ? "more" : state;
  }

  #walkOn(out: StreamOut): StreamState {
    for (let visits = 0; visits < visitsPerStep; visits++) {
      const entry = this.#waiting ?? this.#walk.next();
      if (entry === undefined) return "done";
      const { depth } = this.#walk;
      if (depth > 0) this.#keys[depth - 1] = entry.key;
      this.#waiting = undefined;
      if (depth < this.#options.minDepth || !this.#isWanted(entry)) continue;
      const shown = this.sight === undefined ? "value" : this.sight.shows(entry, depth);
      if (shown === "nothing") continue;
      if (this.#items === undefined ? !out.hasRoom : !this.#items.hasRoom) {
        this.#waiting = entry;
        return "wait";
      }
      this.#send(out, shown === "value" ? entry : nameOf(entry), depth);
    }
    return "more";
  }

  /** Nothing to do. */
  close(): void {}

  #isWanted(entry: Entry): boolean {
    return entry.hasValue || this.#options.empty || (this.#options.tombstones && entry.isTombstone);
  }

  #send(out: StreamOut, entry: Version, length: number): void {
    const version = this.#options.tombstones ? entry : withoutChain(entry);
    if (this.#items !== undefined) return this.#items.add(version, this.#keys, 0, length);
    const depth = this.#shortener.depth(this.#keys, 0, length);
    const to = out.begin(itemFields(version, this.#form));
    writeItem(to, this.#values, version, this.#form, this.#keys, 0, length, depth);
    out.end();
  }
}
