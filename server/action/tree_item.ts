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

import { Encoder, preEncode } from "../../wire/msgpack/encoder.ts";
import { extPath } from "../../wire/msgpack/ext.ts";
import { type ElementKey, encodeKey } from "../../wire/path/keys.ts";
import type { Link } from "../core/chain.ts";
import { NO_VALUE, type ValueArena } from "../core/values.ts";
import type { Writer } from "../core/writer.ts";
import { versionFields, writeChain, writeValue } from "./entry_fields.ts";

const keyTock = preEncode("tock");
const keyPath = preEncode("path");
const keyDepth = preEncode("depth");
const keyHead = preEncode("head");

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
  writeChain(out, version.writer, version.tick, version.older, form.nchain);
  out.raw(keyTock);
  out.int(version.tock);
  writePath(out, keys, start, end, depth, form.isWhole);
  if (!form.withHead || version.writer === null) return;
  out.raw(keyHead);
  out.arrayHeader(2);
  out.str(version.writer.name);
  out.int(version.tick);
}

const elements = new Encoder(256);

/** Appends `path` and `depth`. */
export function writePath(
  out: Encoder,
  keys: readonly ElementKey[],
  start: number,
  end: number,
  depth: number,
  isWhole: boolean,
): void {
  out.raw(keyPath);
  if (isWhole && depth === 0) {
    elements.reset();
    for (let i = start; i < end; i++) encodeKey(elements, keys[i]);
    out.extHeader(extPath, elements.length);
    out.raw(elements.bytes, 0, elements.length);
  } else {
    out.arrayHeader(end - start - depth);
    for (let i = start + depth; i < end; i++) encodeKey(out, keys[i]);
  }
  out.raw(keyDepth);
  out.int(depth);
}

/** Of the version that is sent where there is nothing: neither value nor chain. */
export function withoutChain(version: Version): Version {
  return version.value === NO_VALUE ? { value: NO_VALUE, writer: null, tick: 0, older: null, tock: version.tock } : version;
}
