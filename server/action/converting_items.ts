/**
 * The items of a stream whose values pass a codec on their way: several are converted at a time, and sent in their order.
 *
 * A value that its codec cannot convert is sent as it is stored, with the reason in `codec_error`: a stream goes on, and
 * without a value it would look like a deletion.
 *
 * @module
 */

import { errorText } from "./refusal.ts";
import { RequestError } from "../../wire/errors.ts";
import { replyKeys } from "../../wire/message/reply.ts";
import { preEncode } from "../../wire/msgpack/encoder.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import type { PathShortener } from "../../wire/path/shorten.ts";
import type { Store } from "../core/store.ts";
import { NO_VALUE } from "../core/values.ts";
import type { Conversion } from "../meta/conversion.ts";
import type { StreamOut } from "./stream_source.ts";
import { itemFields, type ItemForm, type Version, writeItemRest } from "./tree_item.ts";

/** Items that are converted, or wait for others, at a time. */
const itemsMax = 64;

const keyCodecError = preEncode("codec_error");

/** One item. Its version is kept, because the entry may change meanwhile. */
interface Item {
  readonly version: Version;
  /** Relative to the start of the stream. */
  readonly keys: readonly ElementKey[];
  value: Uint8Array | undefined;
  fault: string | undefined;
  isReady: boolean;
}

/** Items on their way. */
export class ConvertingItems {
  readonly #items: Item[] = [];
  /** The path of the item at hand, from the root of the tree. */
  readonly #path: ElementKey[];

  /**
   * @param start Where the stream begins
   * @param wake Called when there is something to send
   */
  constructor(
    readonly store: Store,
    readonly conversion: Conversion,
    readonly start: readonly ElementKey[],
    readonly form: ItemForm,
    readonly wake: () => void,
  ) {
    this.#path = [...start];
  }

  /** Whether everything is sent. */
  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  /** Whether more may be added. */
  get hasRoom(): boolean {
    return this.#items.length < itemsMax;
  }

  /** Adds an item whose relative path is `keys[start … end)`. Its value may change afterwards. */
  add({ value, writer, tick, older, tock }: Version, keys: readonly ElementKey[], start: number, end: number): void {
    const relative = keys.slice(start, end);
    const version = { value, writer, tick, older, tock };
    const item: Item = { version, keys: relative, value: undefined, fault: undefined, isReady: true };
    this.#items.push(item);
    if (value === NO_VALUE) return;
    item.value = this.store.values.read(value);
    const path = this.#path.slice(0, this.start.length).concat(relative);
    const converter = this.conversion.rule(path, path.length);
    if (converter === undefined) return;
    item.isReady = false;
    converter.encode(item.value, { store: this.store, keys: path, count: path.length }).then((shown) => {
      item.value = shown;
      this.#ready(item);
    }, (error) => {
      item.fault = error instanceof RequestError ? errorText(error) : String(error);
      this.#ready(item);
    });
  }

  #ready(item: Item): void {
    item.isReady = true;
    if (item === this.#items[0]) this.wake();
  }

  /** Sends those in front that are ready, while there is room. */
  flush(out: StreamOut, shortener: PathShortener): void {
    let count = 0;
    for (const item of this.#items) {
      if (!item.isReady || !out.hasRoom) break;
      this.#send(out, shortener, item);
      count++;
    }
    if (count > 0) this.#items.splice(0, count);
  }

  #send(out: StreamOut, shortener: PathShortener, { version, keys, value, fault }: Item): void {
    const depth = shortener.depth(keys, 0, keys.length);
    const to = out.begin(itemFields(version, this.form) + (fault === undefined ? 0 : 1));
    if (value !== undefined) {
      to.raw(replyKeys.value);
      to.raw(value);
    }
    writeItemRest(to, version, this.form, keys, 0, keys.length, depth);
    if (fault !== undefined) {
      to.raw(keyCodecError);
      to.str(fault);
    }
    out.end();
  }

  /** Forgets those that were not sent and may not be. */
  retain(mayShow: (keys: readonly ElementKey[]) => boolean): void {
    const kept = this.#items.filter(({ keys }) => mayShow(keys));
    this.#items.splice(0, this.#items.length, ...kept);
  }
}
