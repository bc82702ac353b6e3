/**
 * Tells watchers of changes. However many watch, the body of an item is encoded once per form; each stream only adds its
 * own number.
 *
 * @module
 */

import { Encoder } from "../../wire/msgpack/encoder.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import { type ItemForm, writeItem } from "../action/tree_item.ts";
import type { Change, Effect } from "../core/effect.ts";
import type { Entry, Watcher } from "../core/entry.ts";
import type { ValueArena } from "../core/values.ts";

/** One encoded body. */
interface Body {
  readonly form: ItemForm;
  readonly start: number;
  readonly depth: number;
  readonly bytes: Uint8Array;
}

/** Distributes the changes of a turn. */
export class Fanout {
  /** How many watchers there are. */
  watchers = 0;
  /** The path of the change under way. */
  readonly keys: ElementKey[] = [];
  length = 0;
  readonly #values: ValueArena;
  readonly #scratch = new Encoder(1024);
  #bodies: Body[] = [];
  #change: Change | undefined;

  constructor(values: ValueArena) {
    this.#values = values;
  }

  /** Adds a watcher. */
  add(entry: Entry, watcher: Watcher): void {
    (entry.watchers ??= []).push(watcher);
    this.watchers++;
  }

  /** Removes a watcher. */
  remove(entry: Entry, watcher: Watcher): void {
    const at = entry.watchers?.indexOf(watcher) ?? -1;
    if (at < 0) return;
    entry.watchers!.splice(at, 1);
    if (entry.watchers!.length === 0) entry.watchers = null;
    this.watchers--;
  }

  /** Tells all watchers at and above each changed entry. The internal tree is not below the root, for them. */
  deliver(effects: readonly Effect[]): void {
    if (this.watchers === 0) return;
    for (const effect of effects) if (effect.kind === "change" && !effect.isRefresh) this.#deliver(effect);
    this.#change = undefined;
  }

  #deliver(change: Change): void {
    this.#change = undefined;
    for (let at: Entry | null = change.entry, depth = 0; at !== null; at = at.parent, depth++) {
      if (at.watchers !== null) {
        if (this.#change === undefined) this.#begin(change);
        for (const watcher of at.watchers) watcher.notify(change, depth);
      }
      if (at.key === null && at.parent?.parent === null) return;
    }
  }

  #begin(change: Change): void {
    this.#change = change;
    this.length = change.entry.readKeys(this.keys);
    if (this.#bodies.length > 0) this.#bodies = [];
    this.#scratch.reset();
  }

  /** Appends the body of the change under way: its path begins at `start`, `depth` elements are known from the item before. */
  write(out: Encoder, form: ItemForm, start: number, depth: number): void {
    for (const body of this.#bodies) {
      if (body.start !== start || body.depth !== depth || !isSame(body.form, form)) continue;
      return out.raw(body.bytes);
    }
    const scratch = this.#scratch;
    const from = scratch.length;
    writeItem(scratch, this.#values, this.#change!, form, this.keys, start, this.length, depth);
    const bytes = scratch.view(from);
    this.#bodies.push({ form, start, depth, bytes });
    out.raw(bytes);
  }
}

function isSame(a: ItemForm, b: ItemForm): boolean {
  return a.nchain === b.nchain && a.withHead === b.withHead && a.isWhole === b.isWhole;
}
