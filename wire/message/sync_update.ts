/**
 * The events of an `update` among servers of this kind: `[path, tock, links, replaces, ?value]` each. `links` is the chain,
 * flat and newest first: `[writer, tick, writer, tick, …]`. `replaces` (or nil) are earlier ticks of the same writer at this
 * path, left out of the message. Without a fifth element it is a deletion.
 *
 * @module
 */

import { KvError, ProtocolError } from "../errors.ts";
import { chainLinksMax } from "../limits.ts";
import type { Encoder } from "../msgpack/encoder.ts";
import { isArrayHead, readLength } from "../msgpack/head.ts";
import { lengthBytes } from "../msgpack/head.ts";
import { skip } from "../msgpack/skip.ts";
import { type ElementKey, encodePath, readPathKeys } from "../path/keys.ts";
import { readInteger, readText } from "./scalar.ts";

/** A link of a chain. */
export interface SyncLink {
  readonly node: string;
  readonly tick: number;
  readonly prev: SyncLink | null;
}

/** One event. The value is `bytes[start … end)`; null is a deletion. */
export interface SyncEvent {
  readonly keys: readonly ElementKey[];
  readonly length: number;
  readonly tock: number;
  readonly chain: SyncLink;
  readonly replaces: readonly number[] | undefined;
  readonly bytes: Uint8Array | null;
  readonly start: number;
  readonly end: number;
}

/** Those that were well-formed, and what was wrong with the others. */
export interface SyncEvents {
  readonly events: readonly SyncEvent[];
  readonly refused: readonly string[];
}

/**
 * Reads the array at `start`, which is well-formed msgpack. An event that is none harms only itself.
 * @throws {ProtocolError} If there is no array
 */
export function readSyncEvents(bytes: Uint8Array, start: number, end: number): SyncEvents {
  if (start < 0 || !isArrayHead(bytes[start])) throw new ProtocolError("An update has no events", Math.max(0, start));
  const events: SyncEvent[] = [];
  const refused: string[] = [];
  let at = behindHead(bytes, start);
  for (let left = readLength(bytes, start); left > 0; left--) {
    const next = skip(bytes, at, end);
    try {
      events.push(readEvent(bytes, at, next));
    } catch (error) {
      if (!(error instanceof KvError)) throw error;
      refused.push(error.message);
    }
    at = next;
  }
  return { events, refused };
}

function behindHead(bytes: Uint8Array, at: number): number {
  return at + 1 + lengthBytes(bytes[at]);
}

function readEvent(bytes: Uint8Array, at: number, end: number): SyncEvent {
  if (!isArrayHead(bytes[at]) || readLength(bytes, at) < 4) throw new ProtocolError("An event must be an array", at);
  const hasValue = readLength(bytes, at) > 4;
  const pathAt = behindHead(bytes, at);
  const tockAt = skip(bytes, pathAt, end);
  const linksAt = skip(bytes, tockAt, end);
  const replacesAt = skip(bytes, linksAt, end);
  const valueAt = skip(bytes, replacesAt, end);
  const keys: ElementKey[] = [];
  const length = readPathKeys(bytes, pathAt, tockAt, keys);
  return {
    keys,
    length,
    tock: readInteger(bytes, tockAt),
    chain: readLinks(bytes, linksAt, replacesAt),
    replaces: bytes[replacesAt] === 0xc0 ? undefined : readTicks(bytes, replacesAt, valueAt),
    bytes: hasValue ? bytes : null,
    start: valueAt,
    end: hasValue ? skip(bytes, valueAt, end) : valueAt,
  };
}

function readLinks(bytes: Uint8Array, start: number, end: number): SyncLink {
  const count = isArrayHead(bytes[start]) ? readLength(bytes, start) : 0;
  if (count === 0 || count % 2 === 1 || count > 2 * chainLinksMax) {
    throw new ProtocolError("The links of an event must be pairs of a writer and a tick", start);
  }
  const found: [string, number][] = [];
  for (let i = 0, at = behindHead(bytes, start); i < count; i += 2) {
    const tickAt = skip(bytes, at, end);
    const node = readText(bytes, at, tickAt);
    if (node === undefined || node === "") throw new ProtocolError("A writer must be a text", at);
    found.push([node, readInteger(bytes, tickAt)]);
    at = skip(bytes, tickAt, end);
  }
  return found.reduceRight<SyncLink | null>((prev, [node, tick]) => ({ node, tick, prev }), null)!;
}

function readTicks(bytes: Uint8Array, start: number, end: number): number[] {
  if (!isArrayHead(bytes[start])) throw new ProtocolError("Replaced ticks must be an array", start);
  const ticks: number[] = [];
  let at = behindHead(bytes, start);
  for (let left = readLength(bytes, start); left > 0; left--) {
    ticks.push(readInteger(bytes, at));
    at = skip(bytes, at, end);
  }
  return ticks;
}

/** A link of a chain, to be sent. */
export interface LinkOut {
  readonly writer: { readonly name: string };
  readonly tick: number;
  readonly prev: LinkOut | null;
}

/**
 * Appends an event up to its value, which has to follow if `hasValue`.
 * @param length The path is `keys[0 … length)`
 */
export function encodeSyncEvent(
  out: Encoder,
  keys: readonly ElementKey[],
  length: number,
  tock: number,
  head: LinkOut,
  replaces: readonly number[] | undefined,
  hasValue: boolean,
): void {
  out.arrayHeader(hasValue ? 5 : 4);
  encodePath(out, keys, 0, length);
  out.int(tock);
  let links = 0;
  for (let link: LinkOut | null = head; link !== null; link = link.prev) links++;
  out.arrayHeader(2 * links);
  for (let link: LinkOut | null = head; link !== null; link = link.prev) {
    out.str(link.writer.name);
    out.int(link.tick);
  }
  if (replaces === undefined) return out.nil();
  out.arrayHeader(replaces.length);
  for (const tick of replaces) out.int(tick);
}
