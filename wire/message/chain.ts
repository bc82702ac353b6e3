/**
 * Who changed an entry, newest first, as it travels: `{node: "b", tick: 7, prev: {node: "a", tick: 3, prev: null}}`.
 *
 * | `prev` | on the wire | means |
 * | --- | --- | --- |
 * | `null` | nil | the chain ends here: this event created the entry |
 * | `undefined` | absent | the sender cut the chain here |
 *
 * Source: `spec/client-protocol.md` 3.8, `spec/server-protocol.md` 2.2.
 *
 * @module
 */

import { RequestError } from "../errors.ts";
import { chainLinksMax, counterMax } from "../limits.ts";
import { type Encoder, preEncode } from "../msgpack/encoder.ts";
import type { Value } from "../value.ts";
import { type DecodedMap, field, isMap } from "./decoded_map.ts";

/** One link of a chain, and what lies behind it. */
export interface Chain {
  /** Who made the event. */
  readonly node: string;
  /** The event's number among that node's; 0 if the sender did not say. */
  readonly tick: number;
  /** The next older link. */
  readonly prev: Chain | null | undefined;
}

const keyNode = preEncode("node");
const keyTick = preEncode("tick");
const keyPrev = preEncode("prev");

/**
 * Appends up to `links` links of a chain, as nested maps.
 * @param links How many; negative: all
 */
export function encodeChain(out: Encoder, chain: Chain | null, links: number = -1): void {
  if (chain === null) return out.nil();
  out.mapHeader(chainFields(chain, links));
  encodeChainFields(out, chain, links);
}

/** How many fields {@linkcode encodeChainFields} appends. */
export function chainFields(chain: Chain, links: number): number {
  return isCut(chain, links) ? 2 : 3;
}

/** Appends the fields of a chain's head (`node`, `tick`, `prev`) to a map that was begun. */
export function encodeChainFields(out: Encoder, chain: Chain, links: number): void {
  for (let link = chain, left = links;; left--) {
    out.raw(keyNode);
    out.str(link.node);
    out.raw(keyTick);
    out.int(link.tick);
    if (isCut(link, left)) return;
    out.raw(keyPrev);
    if (!link.prev) return out.nil();
    link = link.prev;
    out.mapHeader(chainFields(link, left - 1));
  }
}

function isCut(link: Chain, links: number): boolean {
  return link.prev === undefined || links === 1 && link.prev !== null;
}

/**
 * Reads a decoded chain. Null or a map without `node` is no chain: null.
 * @throws {RequestError} If it is none, has more than 64 links, names a node twice, or a tick is no counter
 */
export function readChain(value: Value | undefined): Chain | null {
  const links: DecodedMap[] = [];
  let next: Value | undefined = value;
  for (; isNamed(next); next = field(next, "prev")) {
    if (links.length === chainLinksMax) throw refusal(`has more than ${chainLinksMax} links`);
    links.push(next);
  }
  if (next !== null && next !== undefined && !isMap(next)) {
    throw refusal("must be a map with node, tick and prev, or nil");
  }
  const nodes = new Set(links.map((link) => field(link, "node")));
  if (nodes.size < links.length) throw refusal("names a node twice");
  const end = next === undefined ? undefined : null;
  return links.reduceRight<Chain | null | undefined>((prev, link) => readLink(link, prev), end) ?? null;
}

function readLink(link: DecodedMap, prev: Chain | null | undefined): Chain {
  const node = field(link, "node");
  const tick = field(link, "tick") ?? 0;
  if (typeof node !== "string") throw refusal("has a node that is no text");
  if (!isCounter(tick)) throw refusal("has a tick that is no counter");
  return { node, tick, prev };
}

/** Whether `value` can be a tick or tock. */
export function isCounter(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= counterMax;
}

function isNamed(value: Value | undefined): value is DecodedMap {
  return isMap(value) && (field(value, "node") ?? null) !== null;
}

function refusal(what: string): RequestError {
  return new RequestError("request", `A chain ${what}`);
}
