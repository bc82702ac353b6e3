/**
 * An entry's version in a reply: the fields `value`, `chain` and `tock`.
 *
 * `nchain` links of the chain are sent, newest first: `{node: "b", tick: 7, prev: {node: "a", tick: 3, prev: null}}`; `prev`
 * is null at the real end and absent where the chain was cut. 0: no `chain` at all; negative: all links.
 *
 * Source: `spec/client-protocol.md` 3.8.
 *
 * @module
 */

import { replyKeys } from "../../wire/message/reply.ts";
import { type Encoder, preEncode } from "../../wire/msgpack/encoder.ts";
import type { Link } from "../core/chain.ts";
import type { Entry } from "../core/entry.ts";
import { NO_VALUE, type ValueArena } from "../core/values.ts";
import type { Writer } from "../core/writer.ts";

const keyNode = preEncode("node");
const keyTick = preEncode("tick");

/** How many of `value` and `chain` an entry's version has. */
export function versionFields(value: number, nchain: number): number {
  return (value === NO_VALUE ? 0 : 1) + (nchain === 0 ? 0 : 1);
}

/** Appends `value`, if there is one. */
export function writeValue(out: Encoder, values: ValueArena, value: number): void {
  if (value === NO_VALUE) return;
  out.raw(replyKeys.value);
  values.copyTo(value, out);
}

/** Appends `chain`, unless `nchain` is 0. */
export function writeChain(
  out: Encoder,
  writer: Writer | null,
  tick: number,
  older: Link | null,
  nchain: number,
): void {
  if (nchain === 0) return;
  out.raw(replyKeys.chain);
  writeLinks(out, writer, tick, older, nchain);
}

/** Appends the chain of an entry: null if it has no value, whatever it had before. */
export function writeEntryChain(out: Encoder, entry: Entry | undefined, nchain: number): void {
  if (nchain === 0) return;
  const { writer = null, tick = 0, older = null } = entry?.hasValue ? entry : {};
  writeChain(out, writer, tick, older, nchain);
}

/** Appends a value under another name. */
export function writeValueAs(out: Encoder, name: string, values: ValueArena, value: number): void {
  out.str(name);
  values.copyTo(value, out);
}

/** Appends the first link as fields of the message itself, `node`, `tick`, `prev`; returns how many. */
export function writeLinkFields(
  out: Encoder,
  writer: Writer,
  tick: number,
  older: Link | null,
  nchain: number,
): number {
  out.raw(keyNode);
  out.str(writer.name);
  out.raw(keyTick);
  out.int(tick);
  if (older !== null && nchain === 1) return 2;
  out.raw(replyKeys.prev);
  if (older === null) out.nil();
  else writeLinks(out, older.writer, older.tick, older.prev, nchain - 1);
  return 3;
}

/** Appends the links themselves. */
export function writeLinks(
  out: Encoder,
  writer: Writer | null,
  tick: number,
  older: Link | null,
  nchain: number,
): void {
  if (writer === null) return out.nil();
  let left = nchain;
  for (let name = writer.name, at = tick, next = older;;) {
    const isCut = --left === 0 && next !== null;
    out.mapHeader(isCut ? 2 : 3);
    out.raw(keyNode);
    out.str(name);
    out.raw(keyTick);
    out.int(at);
    if (isCut) return;
    out.raw(replyKeys.prev);
    if (next === null) return out.nil();
    name = next.writer.name;
    at = next.tick;
    next = next.prev;
  }
}
