/**
 * The servers' own bookkeeping, in a client's hands: `enum_node`, `kill_node`, `check_deleted`, `fake_info`, `fake_info_send`.
 *
 * @module
 */

import { RequestError } from "../../wire/errors.ts";
import { readInfo } from "../../wire/message/info.ts";
import { entriesOf, isMap } from "../../wire/message/decoded_map.ts";
import { type Ranges, readRanges } from "../../wire/message/ranges.ts";
import { decode } from "../../wire/msgpack/decoder.ts";
import { RangeSet } from "../core/range_set.ts";
import type { Writer } from "../core/writer.ts";
import type { Store } from "../core/store.ts";
import type { Call } from "./call.ts";
import { forgetNode } from "./members.ts";
import { badField, missingField, noKey, serverError } from "./refusal.ts";

/** Nobody has counted this far honestly. */
const tickMax = 2 ** 48;

/** Answers `enum_node {node, ?max=0, ?current}` → `{result: [ticks]}`: ticks that entries still refer to. */
export function enumNode(call: Call): void {
  const name = call.text("node");
  const writer = call.services.store.writers.get(name);
  if (writer === undefined) throw noKey(name);
  const max = call.request.int("max", 0);
  if (Number.isNaN(max)) throw badField("max", "an integer");
  const current = call.request.bool("current", false);
  const ticks: number[] = [];
  for (const tick of writer.present()) {
    if (max > 0 && ticks.length === max) break;
    if (!current || writer.heads(tick)) ticks.push(tick);
  }
  const out = call.begin(2);
  out.str("result");
  out.arrayHeader(ticks.length);
  for (const tick of ticks) out.int(tick);
  call.tock();
  call.end();
}

/**
 * Answers `kill_node {node}`: a node without entries is forgotten, with all names under which it wrote. Without other servers
 * nothing is left of it. In a network its ticks have to be remembered, so that no late message brings something back: there it
 * is `forget_node` for a node that has left nothing.
 */
export function killNode(call: Call): void {
  const { store, turn, cluster, node } = call.services;
  const name = call.text("node");
  const writers = [...store.writers.values()].filter((writer) => writer.name === name || writer.node === name);
  if (writers.length === 0 && (cluster.isAlone || cluster.member(name) === undefined)) throw noKey(name);
  if (turn.refusal !== undefined) throw new RequestError("read_only", turn.refusal);
  for (const writer of writers) {
    for (const tick of writer.present()) if (owns(writer, tick)) throw serverError(`Node ${name} has entry ${tick}`);
  }
  if (name === node || writers.includes(store.local)) throw serverError(`Node ${name} is this one`);
  if (!cluster.isAlone) return forgetNode(call);
  for (const writer of writers) store.dropWriter(writer.name);
  call.done();
}

/** Whether this event is an entry's newest; that which only says that there is such a node does not count. */
function owns(writer: Writer, tick: number): boolean {
  return writer.entries(tick).some((entry) =>
    entry.writer === writer && entry.tick === tick &&
    !(entry.key === writer.node && entry.parent?.key === "member" && entry.parent.parent?.key === null)
  );
}

/**
 * Answers `check_deleted {nodes: {name: ticks}}`: a server of the original asks which of these are deleted. All of them hear
 * of those that are purged here, which is to say everywhere; the answer itself says nothing.
 */
export function checkDeleted(call: Call): void {
  const nodes = call.request.value("nodes");
  if (nodes === undefined) throw missingField("nodes");
  if (!isMap(nodes)) throw badField("nodes", "a map of nodes to ticks");
  const ticks = new Map<string, Ranges>();
  for (const [name, ranges] of entriesOf(nodes)) ticks.set(String(name), readRanges(ranges));
  call.services.cluster.checkDeleted(ticks);
  call.done();
}

/** Answers `fake_info`: takes facts about ticks as if another server had said them. */
export function fakeInfo(call: Call): void {
  const { store, turn } = call.services;
  const info = read(call);
  if (turn.refusal !== undefined) throw new RequestError("read_only", turn.refusal);
  for (const [name, tick] of info.ticks ?? []) if (tick !== null) store.hear(name, tick);
  for (const [name, ranges] of info.missing ?? []) store.writer(name).remoteMissing.addAll(setOf(ranges));
  believe(store, [...info.known ?? [], ...info.deleted ?? []]);
  for (const name of info.nodeDrop ?? []) if (store.writers.get(name) !== store.local) store.dropWriter(name);
  call.done();
}

/**
 * Answers `fake_info_send`: the same for all servers of the original. Ours believe nobody's word alone. Deleted ticks are told
 * as superseded, because originals drop live entries for them.
 */
export function fakeInfoSend(call: Call): void {
  const { ticks, missing, known, deleted, nodeDrop } = read(call);
  const gone = new Map([...known ?? [], ...deleted ?? []].map(([name]) => [name, new RangeSet()]));
  for (const sets of [known, deleted]) for (const [name, ranges] of sets ?? []) gone.get(name)!.addAll(setOf(ranges));
  const told = new Map([...gone].map(([name, set]) => [name, rangesOf(set)]));
  call.services.cluster.tellOriginals({ ticks, missing, known: told.size > 0 ? told : undefined, nodeDrop });
  call.done();
}

function read(call: Call): ReturnType<typeof readInfo> {
  const { request, services: { store } } = call;
  const info = readInfo(decode(request.bytes, request.start, request.end));
  const highest = new Map<string, number>();
  const note = (name: string, tick: number) => highest.set(name, Math.max(tick, highest.get(name) ?? 0));
  for (const [name, tick] of info.ticks ?? []) note(name, tick ?? 0);
  for (const sets of [info.missing, info.known, info.deleted]) {
    for (const [name, ranges] of sets ?? []) note(name, ranges.at(-1)?.[1] ?? 0);
  }
  for (const [name, tick] of highest) {
    // What somebody lied about once can be marked, too.
    const heard = store.writers.get(name)?.tick ?? 0;
    const max = name === store.local.name ? store.local.tick : Math.max(tickMax, heard);
    if (tick > max) throw new RequestError("value", `${name} has not got as far as tick ${tick}`);
  }
  return info;
}

/** The admin's word is enough: what is claimed is all that the claim depends on. */
function believe(store: Store, claims: readonly (readonly [string, Ranges])[]): void {
  const known = new Map<string, RangeSet>();
  for (const [name, ranges] of claims) {
    const set = known.get(name) ?? new RangeSet();
    set.addAll(setOf(ranges));
    known.set(name, set);
  }
  if (known.size === 0) return;
  store.claim("", known, known);
  store.settleClaims();
}

function rangesOf(set: RangeSet): Ranges {
  return Array.from({ length: set.rangeCount }, (_, i) => [set.first(i), set.last(i)] as const);
}

function setOf(ranges: Ranges): RangeSet {
  const set = new RangeSet();
  for (const [first, last] of ranges) set.addRange(Math.max(1, first), last);
  return set;
}
