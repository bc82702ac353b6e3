/**
 * What a server shows at which path: `[path, tock, writer, tick, …]`, the chain flat as in updates.
 *
 * @module
 */

import { RequestError } from "../errors.ts";
import { chainLinksMax } from "../limits.ts";
import type { Encoder } from "../msgpack/encoder.ts";
import { type ElementKey, encodePath, keysOf } from "../path/keys.ts";
import { Path } from "../path/path.ts";
import type { Value } from "../value.ts";
import { isCounter } from "./chain.ts";
import type { LinkOut } from "./sync_update.ts";

/** The event at a path. */
export interface SyncHead {
  readonly keys: readonly ElementKey[];
  readonly tock: number;
  /** Newest first; at least one. */
  readonly links: readonly (readonly [writer: string, tick: number])[];
}

/** Reads decoded heads. @throws {RequestError} If they are none */
export function readHeads(value: Value | undefined): SyncHead[] {
  if (!Array.isArray(value)) throw refusal();
  return value.map(readHead);
}

function readHead(item: Value): SyncHead {
  if (!Array.isArray(item) || item.length < 4 || item.length % 2 === 1 || item.length > 2 + 2 * chainLinksMax) {
    throw refusal();
  }
  const [path, tock] = item;
  if (!(path instanceof Path) || !isCounter(tock)) throw refusal();
  const links: [string, number][] = [];
  for (let i = 2; i < item.length; i += 2) {
    const [writer, tick] = [item[i], item[i + 1]];
    if (typeof writer !== "string" || !isCounter(tick)) throw refusal();
    links.push([writer, tick]);
  }
  return { keys: keysOf(path), tock, links };
}

function refusal(): RequestError {
  return new RequestError("request", "Heads must be arrays of a path, a tock, and pairs of a writer and a tick");
}

/** Appends one. */
export function encodeHead(out: Encoder, keys: readonly ElementKey[], tock: number, head: LinkOut): void {
  let links = 0;
  for (let link: LinkOut | null = head; link !== null; link = link.prev) links++;
  out.arrayHeader(2 + 2 * links);
  encodePath(out, keys);
  out.int(tock);
  for (let link: LinkOut | null = head; link !== null; link = link.prev) {
    out.str(link.writer.name);
    out.int(link.tick);
  }
}
