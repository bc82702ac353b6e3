/**
 * The items of a watch on their way to its client: at once, or through its codecs.
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";
import { PathShortener } from "../../wire/path/shorten.ts";
import { ConvertingItems } from "../action/converting_items.ts";
import type { StreamOut } from "../action/stream_source.ts";
import { itemFields, type ItemForm, type Version, writeItem } from "../action/tree_item.ts";
import type { Change } from "../core/effect.ts";
import type { Store } from "../core/store.ts";
import type { Conversion } from "../meta/conversion.ts";
import type { Fanout } from "./fanout.ts";

/** Sends the items of one watch. */
export class WatchItems {
  readonly #store: Store;
  readonly #form: ItemForm;
  readonly #shortener = new PathShortener();
  /** What is on its way through codecs, and whether something has to wait for it. */
  readonly #converting: ConvertingItems | undefined;
  #isAwaited = false;

  /**
   * @param keys What is watched
   * @param conversion What becomes of values; undefined: nothing
   * @param wake Called when there is something to send
   */
  constructor(
    store: Store,
    form: ItemForm,
    keys: readonly ElementKey[],
    conversion: Conversion | undefined,
    wake: () => void,
  ) {
    this.#store = store;
    this.#form = form;
    this.#converting = conversion && new ConvertingItems(store, conversion, keys, form, wake);
  }

  /** What says whether more can be sent. */
  room(out: StreamOut): { readonly hasRoom: boolean } {
    return this.#converting ?? out;
  }

  /** Sends a version whose relative path is the first `length` keys. */
  send(out: StreamOut, version: Version, keys: readonly ElementKey[], length: number): void {
    if (this.#converting !== undefined) return this.#converting.add(version, keys, 0, length);
    const known = this.#shortener.depth(keys, 0, length);
    const to = out.begin(itemFields(version, this.#form));
    writeItem(to, this.#store.values, version, this.#form, keys, 0, length, known);
    out.end();
  }

  /** Sends the change that is told right now, `depth` levels below what is watched. */
  sendChange(out: StreamOut, fanout: Fanout, change: Change, depth: number): void {
    const start = fanout.length - depth;
    if (this.#converting !== undefined) {
      this.#converting.add(change, fanout.keys, start, fanout.length);
      return out.wake();
    }
    const known = this.#shortener.depth(fanout.keys, start, fanout.length);
    fanout.write(out.begin(itemFields(change, this.#form)), this.#form, start, known);
    out.end();
    out.flushSoon();
  }

  /** A step begins. */
  begin(): void {
    this.#isAwaited = false;
  }

  /** Sends what has come through. Returns whether there is something to be done then. */
  flush(out: StreamOut): boolean {
    const items = this.#converting;
    if (items === undefined) return false;
    const wasFull = !items.hasRoom;
    items.flush(out, this.#shortener);
    return (wasFull && items.hasRoom) || (this.#isAwaited && items.isEmpty);
  }

  /** Whether everything is sent. What is said of everything has to wait for that. */
  areSent(): boolean {
    this.#isAwaited = !(this.#converting?.isEmpty ?? true);
    return !this.#isAwaited;
  }

  /** Forgets those on their way that may not be shown; all of them without `mayShow`. */
  drop(mayShow: (keys: readonly ElementKey[]) => boolean = () => false): void {
    this.#converting?.retain(mayShow);
  }
}
