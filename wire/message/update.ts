/**
 * One version of an entry, as servers tell each other and as state files hold it.
 *
 * | | fields |
 * | --- | --- |
 * | live, in a log | `{node, tick, ?prev, path, ?value, tock, ?depth}`: the chain's head beside the rest |
 * | resent, in a saved state | `{?value, chain, tock, path, ?depth, ?node, ?tick}`: `node` and `tick` name the sender |
 *
 * Without `value` it is a deletion. If there is a `chain`, it counts. `depth` is for files: `path` is then what follows
 * `depth` elements of the path before. `older`, from our servers alone, is what lies behind the head in truth, where the
 * original must not see it: it would purge the entry together with a deletion named there.
 *
 * Source: `spec/server-protocol.md` 3.1 and 7.
 *
 * @module
 */

import { ProtocolError } from "../errors.ts";
import { type Encoder, preEncode } from "../msgpack/encoder.ts";
import { type ElementKey, encodeArray, encodePath, readPathKeys } from "../path/keys.ts";
import { type Chain, chainFields, encodeChain, encodeChainFields, isCounter, readChain } from "./chain.ts";
import type { RequestView } from "./request.ts";

/** One version of an entry. */
export interface Update {
  /** The entry's path, or its end if there is a depth. */
  readonly keys: readonly ElementKey[];
  /** How many elements of the path before come first. */
  readonly depth?: number;
  /** The event that made it, and those before. */
  readonly chain: Chain;
  /** What lies behind the chain's head, if `chain` leaves it out for the original's sake. Read, it is in `chain`. */
  readonly older?: Chain;
  /** The event's place in the common order. */
  readonly tock: number;
  /** The encoded value; undefined is a deletion. When read, it lies in the message's buffer. */
  readonly value?: Uint8Array;
  /** Who sent it, if that is not who made it. */
  readonly sender?: { readonly node: string; readonly tick: number | null };
}

const keyNode = preEncode("node");
const keyTick = preEncode("tick");
const keyChain = preEncode("chain");
const keyPath = preEncode("path");
const keyValue = preEncode("value");
const keyTock = preEncode("tock");
const keyDepth = preEncode("depth");
const keyOlder = preEncode("older");

/**
 * Reads an update from a scanned message.
 * @throws {ProtocolError} If a field is missing or is not what it has to be
 * @throws {RequestError} If the path or the chain is none
 */
export function readUpdate(view: RequestView): Update {
  const { bytes } = view;
  if (view.pathStart < 0) throw new ProtocolError("An update has no path", view.start);
  const keys: ElementKey[] = [];
  keys.length = readPathKeys(bytes, view.pathStart, view.pathEnd, keys);
  const isResent = view.has("chain");
  const told = isResent ? readChain(view.value("chain")) : readInlineChain(view);
  if (told === null) throw new ProtocolError("An update has no chain", view.start);
  const chain = view.has("older") ? { ...told, prev: readChain(view.value("older")) } : told;
  const tock = counter(view, "tock");
  const field = view.has("value") ? "value" : "new_value"; // the original understands both
  const value = view.has(field) ? bytes.subarray(view.rawStart(field), view.rawEnd(field)) : undefined;
  const depth = view.has("depth") ? counter(view, "depth") : undefined;
  return { keys, depth, chain, tock, value, sender: isResent ? readSender(view) : undefined };
}

function readInlineChain(view: RequestView): Chain | null {
  const head: [string, ReturnType<RequestView["value"]>][] = [];
  for (const name of ["node", "tick", "prev"]) if (view.has(name)) head.push([name, view.value(name)]);
  return readChain(new Map(head.map(([name, value]) => [name, value ?? null])));
}

function readSender(view: RequestView): Update["sender"] {
  const node = view.text("node");
  if (node === undefined) return undefined;
  const tick = view.int("tick", NaN);
  return { node, tick: isCounter(tick) ? tick : null };
}

function counter(view: RequestView, name: string): number {
  const value = view.int(name, NaN);
  if (isCounter(value)) return value;
  throw new ProtocolError(`An update has no ${name}, or it is no counter`, view.start);
}

/**
 * Appends an update as a live one or as a change in a log: the head of the chain inline.
 * @param links How many links of the chain to send; negative: all
 */
export function encodeChange(out: Encoder, update: Update, links: number = -1): void {
  const { chain, value, depth, older } = update;
  const extras = (value ? 1 : 0) + (depth === undefined ? 0 : 1) + (older ? 1 : 0);
  out.mapHeader(chainFields(chain, links) + 2 + extras);
  encodeChainFields(out, chain, links);
  encodeUpdatePath(out, update);
  encodeUpdateValue(out, value);
  out.raw(keyTock);
  out.int(update.tock);
  encodeDepth(out, depth);
  encodeOlder(out, older);
}

/**
 * Appends an update as a resent one or as an entry of a saved state: the chain in a map of its own.
 * @param links How many links of the chain to send; negative: all
 */
export function encodeEntry(out: Encoder, update: Update, links: number = -1): void {
  const { chain, value, depth, sender, older } = update;
  out.mapHeader(3 + (value ? 1 : 0) + (depth === undefined ? 0 : 1) + (sender ? 2 : 0) + (older ? 1 : 0));
  encodeUpdateValue(out, value);
  out.raw(keyChain);
  encodeChain(out, chain, links);
  out.raw(keyTock);
  out.int(update.tock);
  encodeUpdatePath(out, update);
  encodeDepth(out, depth);
  if (sender) encodeSender(out, sender);
  encodeOlder(out, older);
}

/** A path that lacks its first elements is an array, as with the original. */
function encodeUpdatePath(out: Encoder, { keys, depth }: Update): void {
  out.raw(keyPath);
  if (depth) encodeArray(out, keys);
  else encodePath(out, keys);
}

function encodeUpdateValue(out: Encoder, value: Uint8Array | undefined): void {
  if (value === undefined) return;
  out.raw(keyValue);
  out.raw(value);
}

function encodeDepth(out: Encoder, depth: number | undefined): void {
  if (depth === undefined) return;
  out.raw(keyDepth);
  out.int(depth);
}

function encodeOlder(out: Encoder, older: Chain | undefined): void {
  if (older === undefined) return;
  out.raw(keyOlder);
  encodeChain(out, older);
}

function encodeSender(out: Encoder, sender: NonNullable<Update["sender"]>): void {
  out.raw(keyNode);
  out.str(sender.node);
  out.raw(keyTick);
  if (sender.tick === null) out.nil();
  else out.int(sender.tick);
}
