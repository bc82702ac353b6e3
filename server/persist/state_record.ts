/**
 * The records of a state file in the original's format: msgpack maps, one behind the other.
 *
 * | record | fields |
 * | --- | --- |
 * | entry | `value, chain: {node, tick, prev}, tock, path, depth` |
 * | change | `node, tick, prev, ?value, tock, path, depth`; without `value` it is a deletion |
 * | info | `nodes: {name: tick}, known: {name: ranges}, deleted: {name: ranges}, node, tock`, or `{info: {…}}` |
 *
 * Whatever has a `path` is an entry or change, with the chain in either place.
 *
 * Source: `spec/server-protocol.md` 7; the original mistakes deletions for info records, and loses its place.
 *
 * @module
 */

import { ProtocolError } from "../../wire/errors.ts";
import { chainLinksMax, counterMax } from "../../wire/limits.ts";
import { RequestView, scanRequest } from "../../wire/message/request.ts";
import { Path, type PathInput } from "../../wire/path/path.ts";
import { PathLengthener } from "../../wire/path/shorten.ts";
import type { Value } from "../../wire/value.ts";
import type { IncomingChain } from "../core/chain.ts";
import { RangeSet } from "../core/range_set.ts";

/** An entry's value or deletion. */
export interface EntryRecord {
  readonly kind: "entry";
  readonly path: Path;
  /** The encoded value, an own copy; null is a deletion. */
  readonly value: Uint8Array | null;
  readonly chain: IncomingChain;
  readonly tock: number;
}

/** What the writer of the file knew. */
export interface InfoRecord {
  readonly kind: "info";
  /** Who wrote the file, and its clock. */
  readonly node: string | undefined;
  readonly tock: number;
  /** Per writer: the highest tick, superseded ticks, ticks of deletions. */
  readonly nodes: ReadonlyMap<string, number>;
  readonly known: ReadonlyMap<string, RangeSet>;
  readonly deleted: ReadonlyMap<string, RangeSet>;
}

/** A record of a state file. */
export type StateRecord = EntryRecord | InfoRecord;

/** Reads records, each in the context of those before it. */
export class StateRecordReader {
  readonly #view = new RequestView();
  readonly #paths = new PathLengthener();

  /**
   * The record that is `bytes[start … end)`; undefined if it is nil.
   * @throws {KvError} If it is none, and says why; the next one can be read all the same
   */
  read(bytes: Uint8Array, start: number, end: number): StateRecord | undefined {
    if (bytes[start] === 0xc0) return undefined;
    const view = this.#view;
    scanRequest(bytes, start, end, view);
    if (!view.isMap) throw new ProtocolError("A record is not a map", 0);
    if (view.pathStart >= 0) return this.#entry(view);
    if (view.has("info")) return infoRecord(asMap(view.value("info")));
    if (infoKeys.some((key) => view.has(key))) return infoRecord((key) => view.value(key));
    throw new ProtocolError("A record has neither a path nor anything else that is known", 0);
  }

  #entry(view: RequestView): EntryRecord {
    const tail = view.value("path");
    const depth = view.has("depth") ? view.int("depth", 0) : undefined;
    const path = this.#paths.path(toPath(tail), depth);
    const inChain = view.value("chain") ?? undefined;
    const chain = readChain(inChain === undefined ? (key) => view.value(key) : asMap(inChain));
    const tock = counter(view.value("tock"), "tock");
    const value = view.valueStart < 0 ? null : view.bytes.slice(view.valueStart, view.valueEnd);
    return { kind: "entry", path, value, chain, tock };
  }
}

function toPath(value: Value | undefined): Path {
  if (value instanceof Path) return value;
  if (Array.isArray(value)) return Path.from(value as PathInput[]);
  throw new ProtocolError("A path is neither a Path nor an array", 0);
}

type Fields = (key: string) => Value | undefined;

const infoKeys = ["nodes", "known", "superseded", "deleted", "node_drop", "remote_missing", "tock"];

function asMap(value: Value | undefined): Fields {
  if (value instanceof Map) return (key) => value.get(key);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) {
    throw new ProtocolError("A map is expected", 0);
  }
  return (key) => (value as { readonly [key: string]: Value })[key];
}

function infoRecord(fields: Fields): InfoRecord {
  const node = fields("node");
  return {
    kind: "info",
    node: typeof node === "string" ? node : undefined,
    tock: counter(fields("tock") ?? 0, "tock"),
    nodes: perWriter(fields("nodes"), (tick) => tick === null ? 0 : counter(tick, "tick")),
    known: perWriter(fields("known") ?? fields("superseded"), (ranges) => RangeSet.fromWire(ranges)),
    deleted: perWriter(fields("deleted"), (ranges) => RangeSet.fromWire(ranges)),
  };
}

function perWriter<T>(value: Value | undefined, read: (value: Value) => T): Map<string, T> {
  const found = new Map<string, T>();
  if (value === undefined || value === null) return found;
  asMap(value);
  for (const [name, item] of value instanceof Map ? value : Object.entries(value)) found.set(String(name), read(item));
  return found;
}

/** The chain, of at most as many links as are accepted. A link whose tick is not known ends it. */
function readChain(fields: Fields): IncomingChain {
  const links: { node: string; tick: number }[] = [];
  for (let link: Fields | undefined = fields; link && links.length < chainLinksMax;) {
    const node = link("node");
    const tick = link("tick");
    if (typeof node !== "string" || tick === undefined || tick === null) break;
    links.push({ node, tick: counter(tick, "tick") });
    const prev: Value | undefined = link("prev");
    link = prev === undefined || prev === null ? undefined : asMap(prev);
  }
  if (links.length === 0) throw new ProtocolError("An entry has no chain", 0);
  return links.reduceRight<IncomingChain | null>((prev, link) => ({ ...link, prev }), null)!;
}

function counter(value: Value | undefined, name: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= counterMax) return value;
  throw new ProtocolError(`A ${name} is not an integer from 0 to 2^53 − 1`, 0);
}
