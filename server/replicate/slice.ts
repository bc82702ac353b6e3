/**
 * A slice of what a server shows, to be compared with what a peer shows.
 *
 * @module
 */

import { encodeHead } from "../../wire/message/sync_heads.ts";
import { ticksField } from "../../wire/message/sync.ts";
import { Encoder } from "../../wire/msgpack/encoder.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import { Link } from "../core/chain.ts";
import type { Store } from "../core/store.ts";
import type { Walk } from "../core/walk.ts";
import { haveOf } from "./ticks.ts";

/** Bytes and entries of one slice. */
const sliceBytes = 48 * 1024;
const sliceEntries = 1000;

/** See the module. */
export interface Slice {
  /** The heads, encoded. */
  readonly heads: Uint8Array;
  /** The life ids of their writers, as far as they are known. */
  readonly lives: { readonly [writer: string]: string };
  /** All that was had when they were the heads, encoded. */
  readonly have: Uint8Array;
  /** Whether nothing comes behind them. */
  readonly isLast: boolean;
}

/** Before the first one. */
export const noSlice: Slice = { heads: new Uint8Array(0), lives: {}, have: new Uint8Array(0), isLast: false };

/** The next slice of a walk. */
export function nextSlice(store: Store, walk: Walk): Slice {
  const out = new Encoder(sliceBytes + 4096);
  const lives: { [writer: string]: string } = {};
  let count = 0;
  let entry = walk.next();
  for (; entry !== undefined; entry = walk.next()) {
    if (entry.writer === null) continue;
    const keys: ElementKey[] = [];
    keys.length = entry.readKeys(keys);
    encodeHead(out, keys, entry.tock, new Link(entry.writer, entry.tick, entry.older));
    if (entry.writer.lifeId !== null) lives[entry.writer.name] = entry.writer.lifeId;
    if (++count === sliceEntries || out.length >= sliceBytes) break;
  }
  const whole = new Encoder(out.length + 5);
  whole.arrayHeader(count);
  whole.raw(out.bytes, 0, out.length);
  out.reset();
  ticksField(haveOf(store))(out);
  return { heads: whole.take(), lives, have: out.take(), isLast: entry === undefined };
}
