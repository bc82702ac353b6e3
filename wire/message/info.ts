/**
 * What servers tell each other about ticks, and the same facts as a state file or a `get_state` reply holds them.
 *
 * | here | on the wire | holds |
 * | --- | --- | --- |
 * | `ticks` | `ticks`; in a state `nodes` | each node's highest known tick |
 * | `missing` | `missing` | ticks that the sender lacks |
 * | `known` | `known` or `superseded` | ticks that are in no entry any more |
 * | `deleted` | `deleted` | ticks of deletions not yet forgotten |
 * | `present`, `remoteMissing` | `present`, `remote_missing` | states only: ticks in entries; ticks that others lack |
 * | `nodeDrop` | `node_drop` | nodes to forget |
 *
 * Source: `spec/server-protocol.md` 3.2 and 7.
 *
 * @module
 */

import { RequestError } from "../errors.ts";
import type { Encoder } from "../msgpack/encoder.ts";
import type { Value } from "../value.ts";
import { isCounter } from "./chain.ts";
import { type DecodedMap, entriesOf, field, isMap } from "./decoded_map.ts";
import { encodeRanges, type Ranges, readRanges } from "./ranges.ts";

/** A set of ticks for each node. */
export type NodeRanges = ReadonlyMap<string, Ranges>;

/** Facts about ticks. What is absent was not said. */
export interface Info {
  /** Who says it; empty if a client injected it. */
  readonly node?: string;
  /** The sender's own tick; null before it has one. */
  readonly tick?: number | null;
  /** The sender's clock. */
  readonly tock?: number;
  /** Each node's highest known tick; null if it has none yet. */
  readonly ticks?: ReadonlyMap<string, number | null>;
  /** Ticks that the sender lacks. */
  readonly missing?: NodeRanges;
  /** Ticks that no entry names any more. */
  readonly known?: NodeRanges;
  /** Ticks of deletions that are not forgotten yet. */
  readonly deleted?: NodeRanges;
  /** Ticks that entries name. */
  readonly present?: NodeRanges;
  /** Ticks that others lack. */
  readonly remoteMissing?: NodeRanges;
  /** Nodes to forget. */
  readonly nodeDrop?: readonly string[];
}

type SetName = "missing" | "known" | "deleted" | "present" | "remoteMissing";

/** The sets in the order of the original, and their wire names. */
const sets: readonly (readonly [SetName, string])[] = [
  ["known", "known"],
  ["present", "present"],
  ["deleted", "deleted"],
  ["missing", "missing"],
  ["remoteMissing", "remote_missing"],
];

/**
 * Reads a decoded `info` message or state. Unknown fields are passed over.
 * @throws {RequestError} If it is no map or a field is not what it has to be
 */
export function readInfo(message: Value): Info {
  if (!isMap(message)) throw refusal("message", "a map");
  const ticks = field(message, "ticks") ?? field(message, "nodes");
  const drop = field(message, "node_drop");
  return {
    ...readSender(message),
    ...(ticks === undefined ? {} : { ticks: readTicks(ticks) }),
    ...(drop === undefined ? {} : { nodeDrop: readNames(drop) }),
    ...readSets(message),
  };
}

function readSender(message: DecodedMap): Info {
  const node = field(message, "node");
  const tick = field(message, "tick");
  const tock = field(message, "tock");
  return {
    ...(typeof node === "string" ? { node } : {}),
    ...(isCounter(tick) || tick === null ? { tick } : {}),
    ...(isCounter(tock) ? { tock } : {}),
  };
}

function readTicks(value: Value): Map<string, number | null> {
  if (!isMap(value)) throw refusal("ticks", "a map of nodes");
  const ticks = new Map<string, number | null>();
  for (const [node, tick] of entriesOf(value)) {
    if (typeof node !== "string" || tick !== null && !isCounter(tick)) {
      throw refusal("ticks", "a map of nodes to ticks");
    }
    ticks.set(node, tick);
  }
  return ticks;
}

function readSets(message: DecodedMap): Info {
  const found: { -readonly [name in SetName]?: NodeRanges } = {};
  for (const [name, wireName] of sets) {
    const value = (name === "known" ? field(message, "superseded") : undefined) ?? field(message, wireName);
    if (value !== undefined) found[name] = readNodeRanges(value, wireName);
  }
  return found;
}

function readNodeRanges(value: Value, name: string): NodeRanges {
  if (!isMap(value)) throw refusal(name, "a map of nodes");
  const result = new Map<string, Ranges>();
  for (const [node, ranges] of entriesOf(value)) {
    if (typeof node !== "string") throw refusal(name, "a map of nodes");
    result.set(node, readRanges(ranges));
  }
  return result;
}

/** The original repeats `[name, nil]` for a name; such items are passed over. */
function readNames(value: Value): readonly string[] {
  if (!Array.isArray(value)) throw refusal("node_drop", "an array of names");
  return value.filter((name) => typeof name === "string");
}

/** Appends an `info` message, or a state if `ticks` is to be called `nodes`. */
export function encodeInfo(out: Encoder, info: Info, ticksName: "ticks" | "nodes" = "ticks"): void {
  out.mapHeader(Object.values(info).filter((value) => value !== undefined).length);
  if (info.ticks !== undefined) encodeTicks(out, info.ticks, ticksName);
  for (const [name, wireName] of sets) {
    const ranges = info[name];
    if (ranges !== undefined) encodeNodeRanges(out, wireName, ranges);
  }
  if (info.nodeDrop !== undefined) encodeField(out, "node_drop", [...info.nodeDrop]);
  if (ticksName === "ticks") encodeClock(out, info);
  if (info.node !== undefined) encodeField(out, "node", info.node);
  if (info.tick !== undefined) encodeField(out, "tick", info.tick);
  if (ticksName === "nodes") encodeClock(out, info);
}

function encodeClock(out: Encoder, info: Info): void {
  if (info.tock !== undefined) encodeField(out, "tock", info.tock);
}

function encodeField(out: Encoder, name: string, value: Value): void {
  out.str(name);
  out.value(value);
}

function encodeTicks(out: Encoder, ticks: ReadonlyMap<string, number | null>, name: string): void {
  out.str(name);
  out.mapHeader(ticks.size);
  for (const [node, tick] of ticks) encodeField(out, node, tick);
}

function encodeNodeRanges(out: Encoder, name: string, sets: NodeRanges): void {
  out.str(name);
  out.mapHeader(sets.size);
  for (const [node, ranges] of sets) {
    out.str(node);
    encodeRanges(out, ranges);
  }
}

function refusal(name: string, wanted: string): RequestError {
  return new RequestError("request", `The ${name} of an info message must be ${wanted}`);
}
