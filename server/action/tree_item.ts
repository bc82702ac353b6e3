/**
 * One entry in a stream: `{?value, ?chain, tock, path, depth, ?head}`.
 *
 * `path` is relative to the request's path and lacks the first `depth` elements, which are those of the item before. Like the
 * original, a path from the very root travels as a Path and any other as an array.
 *
 * Source: `spec/client-protocol.md` 1.4, 3.7, 3.10.
 *
 * @module
 */

import type { Encoder } from "../../wire/msgpack/encoder.ts";
import { replyKeys } from "../../wire/message/reply.ts";
import { type ElementKey, encodeArray, encodePath } from "../../wire/path/keys.ts";
import type { Link } from "../core/chain.ts";
import { NO_VALUE, type ValueArena } from "../core/values.ts";
import type { Writer } from "../core/writer.ts";
import { versionFields, writeChain, writeValue } from "./entry_fields.ts";

/** What an entry or a change has. */
export interface Version {
  readonly value: number;
  readonly writer: Writer | null;
  readonly tick: number;
  readonly older: Link | null;
  readonly tock: number;
}

/** What a stream's items look like. */
export interface ItemForm {
  /** Links of `chain`; 0: none, negative: all. */
  readonly nchain: number;
  /** Whether items carry `head: [writer, tick]`. */
  readonly withHead: boolean;
  /** Whether paths begin at the root of the tree. */
  readonly isWhole: boolean;
}

/** How many fields an item has. */
export function itemFields(version: Version, form: ItemForm): number {
  return 3 + versionFields(version.value, form.nchain) + (form.withHead && version.writer !== null ? 1 : 0);
}

/** Appends the fields of an item whose relative path is `keys[start … end)`, and has `depth` elements in common. */
export function writeItem(
  out: Encoder,
  values: ValueArena,
  version: Version,
  form: ItemForm,
  keys: readonly ElementKey[],
  start: number,
  end: number,
  depth: number,
): void {
  writeValue(out, values, version.value);
  writeItemRest(out, version, form, keys, start, end, depth);
}

/** Appends the fields of an item behind its value. */
export function writeItemRest(
  out: Encoder,
  version: Version,
  form: ItemForm,
  keys: readonly ElementKey[],
  start: number,
  end: number,
  depth: number,
): void {
  writeChain(out, version.writer, version.tick, version.older, form.nchain);
  out.raw(replyKeys.tock);
  out.int(version.tock);
  writePath(out, keys, start, end, depth, form.isWhole);
  if (!form.withHead || version.writer === null) return;
  out.raw(replyKeys.head);
  out.arrayHeader(2);
  out.str(version.writer.name);
  out.int(version.tick);
}

/** Appends `path` and `depth`. */
export function writePath(
  out: Encoder,
  keys: readonly ElementKey[],
  start: number,
  end: number,
  depth: number,
  isWhole: boolean,
): void {
  out.raw(replyKeys.path);
  if (isWhole && depth === 0) encodePath(out, keys, start, end);
  else encodeArray(out, keys, start + depth, end);
  out.raw(replyKeys.depth);
  out.int(depth);
}

/** What is sent of an entry whose value may not be seen: that it is there. */
export function nameOf({ tock }: Version): Version {
  return { value: NO_VALUE, writer: null, tick: 0, older: null, tock };
}

/** Of the version that is sent where there is nothing: neither value nor chain. */
export function withoutChain(version: Version): Version {
  return version.value === NO_VALUE
    ? { value: NO_VALUE, writer: null, tick: 0, older: null, tock: version.tock }
    : version;
}
