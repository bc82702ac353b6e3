/** What the tests of the core share: short words for writes and events, full dumps, and checks of what must always hold. */

import { encode } from "../../../wire/mod.ts";
import { type ElementKey, keysOf } from "../../../wire/path/keys.ts";
import { parsePath } from "../../../wire/path/parse.ts";
import { decode } from "../../../wire/msgpack/decoder.ts";
import type { Value } from "../../../wire/value.ts";
import type { IncomingChain, Link } from "../../../server/core/chain.ts";
import type { Change } from "../../../server/core/effect.ts";
import type { Entry } from "../../../server/core/entry.ts";
import type { Incoming } from "../../../server/core/incoming.ts";
import { RangeSet } from "../../../server/core/range_set.ts";
import type { Store } from "../../../server/core/store.ts";
import { walk } from "../../../server/core/walk.ts";
import { assertEquals } from "../../support/assert.ts";

/** The keys of a printed path. */
export function keys(path: string): ElementKey[] {
  return keysOf(parsePath(path));
}

/** The entry at a path. */
export function at(store: Store, path: string): Entry | undefined {
  const found = keys(path);
  return store.find(found, found.length);
}

/** Writes a value as a local event. */
export function put(store: Store, path: string, value: Value): Change {
  const all = keys(path);
  const bytes = encode(value);
  return store.write(store.ensure(all, all.length), bytes, 0, bytes.length);
}

/** Deletes a value as a local event. */
export function remove(store: Store, path: string): Change {
  const all = keys(path);
  return store.delete(store.ensure(all, all.length));
}

/** The value at a path; undefined if there is none. */
export function valueAt(store: Store, path: string): Value | undefined {
  const entry = at(store, path);
  return entry?.hasValue ? decode(store.values.read(entry.value)) : undefined;
}

/** A chain from `B7 A3`: newest first; the digits at the end are the tick. */
export function chain(text: string): IncomingChain {
  const [head, ...older] = text.split(" ");
  const [, node, tick] = /^(.*?)(\d+)$/.exec(head)!;
  return { node, tick: Number(tick), prev: older.length === 0 ? null : chain(older.join(" ")) };
}

/** An event as it comes from elsewhere; no value is a deletion. */
export function event(path: string, links: string | IncomingChain, tock: number, value?: Value): Incoming {
  const all = keys(path);
  const bytes = value === undefined ? null : encode(value);
  return {
    keys: all,
    length: all.length,
    chain: typeof links === "string" ? chain(links) : links,
    tock,
    bytes,
    start: 0,
    end: bytes?.length ?? 0,
  };
}

/** `B7 A3` of an entry. */
export function chainOf(entry: Entry | undefined, max: number = Infinity): string {
  if (entry === undefined || entry.writer === null) return "";
  const links = [`${entry.writer.name}${entry.tick}`];
  for (let link: Link | null = entry.older; link !== null && links.length < max; link = link.prev) {
    links.push(`${link.writer.name}${link.tick}`);
  }
  return links.join(" ");
}

/** An entry's present version as an event for others, with at most `links` links. */
export function eventAt(store: Store, entry: Entry, links: number = Infinity): Incoming {
  const all: ElementKey[] = [];
  const length = entry.readKeys(all);
  const bytes = entry.hasValue ? store.values.read(entry.value) : null;
  let rest: IncomingChain | null = null;
  const older: Link[] = [];
  for (let link = entry.older; link !== null && older.length + 1 < links; link = link.prev) older.push(link);
  for (const link of older.reverse()) rest = { node: link.writer.name, tick: link.tick, prev: rest };
  const head = { node: entry.writer!.name, tick: entry.tick, prev: rest };
  return { keys: all, length, chain: head, tock: entry.tock, bytes, start: 0, end: bytes?.length ?? 0 };
}

/** What a node has, by writer. */
export function haveOf(store: Store): Map<string, RangeSet> {
  return new Map([...store.writers.values()].map((writer) => [writer.name, writer.have.clone()]));
}

/** What is superseded at a node, by writer. */
export function knownOf(store: Store): Map<string, RangeSet> {
  return new Map([...store.writers.values()].map((writer) => [writer.name, writer.superseded()]));
}

/** The trees as text: `path = value chain @tock`, tombstones with `-`. */
export function treeOf(store: Store): string[] {
  const lines: string[] = [];
  for (const entry of walk(store.root, { empty: true, meta: true })) {
    if (entry.writer === null) continue;
    const value = entry.hasValue ? hex(store.values.read(entry.value)) : "-";
    lines.push(`${entry.path()} = ${value} ${chainOf(entry)} @${entry.tock}`);
  }
  return lines;
}

/** Everything of a store, to be compared. */
export function dump(store: Store): unknown {
  return {
    tree: [...walk(store.root, { empty: true, meta: true })].map((entry) => [
      String(entry.path()),
      entry.hasValue ? hex(store.values.read(entry.value)) : null,
      chainOf(entry),
      entry.tock,
    ]),
    writers: [...store.writers.values()].map((writer) => ({
      name: writer.name,
      tick: writer.tick,
      top: [writer.topTick, writer.topTock],
      purgedUpTo: writer.purgedUpTo,
      have: writer.have.toWire(),
      givenUp: writer.givenUp.toWire(),
      tombstones: writer.tombstones.toWire(),
      present: writer.present().toWire(),
    })).sort((a, b) => a.name < b.name ? -1 : 1),
    clock: store.clock,
    digest: store.digest,
    live: store.liveCount,
    entries: store.entryCount,
    local: store.local.name,
    claims: store.openClaims,
    conflicts: [...store.conflicts].map((each) => `${each.writer.name}${each.tick}@${each.tock}`).sort(),
    values: store.values.liveBytes,
    effects: store.effects.length,
  };
}

/** Fails unless everything that is derived from the tree agrees with it. */
export function checkDerived(store: Store): void {
  const present = new Map<string, RangeSet>();
  const tombstones = new Map<string, RangeSet>();
  const note = (sets: Map<string, RangeSet>, name: string, tick: number) => {
    if (!sets.has(name)) sets.set(name, new RangeSet());
    sets.get(name)!.add(tick);
  };
  let live = 0;
  let size = 0;
  for (const entry of walk(store.root, { empty: true, meta: true })) {
    size++;
    if (entry.hasValue) live++;
    if (entry.writer === null) continue;
    note(present, entry.writer.name, entry.tick);
    if (entry.isTombstone) note(tombstones, entry.writer.name, entry.tick);
    for (let link = entry.older; link !== null; link = link.prev) note(present, link.writer.name, link.tick);
  }
  assertEquals([store.liveCount, store.entryCount], [live, size]);
  const none = new RangeSet();
  for (const writer of store.writers.values()) {
    assertEquals(writer.present().toWire(), (present.get(writer.name) ?? none).toWire());
    assertEquals(writer.tombstones.toWire(), (tombstones.get(writer.name) ?? none).toWire());
    assertEquals(writer.have.covers(writer.present()), true, `present is had, of ${writer.name}`);
    assertEquals(writer.have.max <= writer.tick, true, `heard of what is had, of ${writer.name}`);
    assertEquals(writer.givenUp.intersection(writer.have).toWire(), [], `nothing had is given up, of ${writer.name}`);
    const parts = writer.present().size + writer.superseded().size + writer.missing().size + writer.givenUp.size;
    assertEquals(parts, writer.tick, `every tick is accounted for, of ${writer.name}`);
  }
}

/** Bytes as text. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A small generator of numbers below `n`, from a seed. */
export function dice(seed: number): (n: number) => number {
  let state = seed * 2654435761 >>> 0;
  return (n) => {
    state = state + 0x6d2b79f5 >>> 0;
    let t = Math.imul(state ^ state >>> 15, 1 | state);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) % n;
  };
}
