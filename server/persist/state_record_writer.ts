/**
 * State and changes to records of a state file, straight into one buffer. Paths are always whole (`depth` 0): the
 * original's reader loses its place behind a deletion otherwise.
 *
 * @module
 */

import { type Encoder, preEncode } from "../../wire/msgpack/encoder.ts";
import { type ElementKey, elementOf } from "../../wire/path/keys.ts";
import type { Link } from "../core/chain.ts";
import type { Change } from "../core/effect.ts";
import type { Entry } from "../core/entry.ts";
import type { RangeSet } from "../core/range_set.ts";
import type { Store } from "../core/store.ts";
import { NO_VALUE } from "../core/values.ts";
import type { Writer } from "../core/writer.ts";

const keys = {
  value: preEncode("value"),
  chain: preEncode("chain"),
  tock: preEncode("tock"),
  path: preEncode("path"),
  depth: preEncode("depth"),
  node: preEncode("node"),
  tick: preEncode("tick"),
  prev: preEncode("prev"),
  nodes: preEncode("nodes"),
  known: preEncode("known"),
  deleted: preEncode("deleted"),
};

/** Appends records to an encoder. */
export class StateRecordWriter {
  readonly #keys: ElementKey[] = [];

  constructor(private readonly encoder: Encoder, private readonly store: Store) {}

  /** What this node knows: `{nodes, known, deleted, node, tock}`. */
  info(): void {
    const { encoder, store } = this;
    const { nodes, known, deleted } = store.state({ nodes: true, known: true, deleted: true });
    encoder.mapHeader(5);
    encoder.raw(keys.nodes);
    encoder.value(nodes!);
    encoder.raw(keys.known);
    this.#ranges(known!);
    encoder.raw(keys.deleted);
    this.#ranges(deleted!);
    encoder.raw(keys.node);
    encoder.str(store.node);
    encoder.raw(keys.tock);
    encoder.int(store.clock);
  }

  #ranges(sets: ReadonlyMap<string, RangeSet>): void {
    this.encoder.mapHeader(sets.size);
    for (const [name, ranges] of sets) {
      this.encoder.str(name);
      ranges.encode(this.encoder);
    }
  }

  /** An entry that has a value: `{value, chain, tock, path, depth}`. */
  entry(entry: Entry): void {
    const { encoder } = this;
    encoder.mapHeader(5);
    encoder.raw(keys.value);
    this.store.values.copyTo(entry.value, encoder);
    encoder.raw(keys.chain);
    encoder.mapHeader(3);
    this.#links(entry.writer!, entry.tick, entry.older);
    this.#tock(entry.tock);
    this.#path(entry);
    this.#depth();
  }

  /** A change: `{node, tick, prev, path, ?value, tock, depth}`. */
  change(change: Change): void {
    this.#event(change.entry, change);
  }

  /** A tombstone, as the change that made it: the original passes over it. */
  tombstone(entry: Entry): void {
    this.#event(entry, entry);
  }

  #event(entry: Entry, { value, writer, tick, older, tock }: Change | Entry): void {
    const { encoder } = this;
    const hasValue = value !== NO_VALUE;
    encoder.mapHeader(hasValue ? 7 : 6);
    this.#links(writer!, tick, older);
    this.#path(entry);
    if (hasValue) {
      encoder.raw(keys.value);
      this.store.values.copyTo(value, encoder);
    }
    this.#tock(tock);
    this.#depth();
  }

  /** `node, tick, prev` of all links, each inside the one before. The first map's header is written already. */
  #links(writer: Writer, tick: number, older: Link | null): void {
    this.#link(writer, tick);
    for (let link = older; link !== null; link = link.prev) {
      this.encoder.mapHeader(3);
      this.#link(link.writer, link.tick);
    }
    this.encoder.nil();
  }

  #link(writer: Writer, tick: number): void {
    this.encoder.raw(keys.node);
    this.encoder.str(writer.name);
    this.encoder.raw(keys.tick);
    this.encoder.int(tick);
    this.encoder.raw(keys.prev);
  }

  #tock(tock: number): void {
    this.encoder.raw(keys.tock);
    this.encoder.int(tock);
  }

  #path(entry: Entry): void {
    const path = this.#keys;
    this.encoder.raw(keys.path);
    this.encoder.pathOf(path.slice(0, entry.readKeys(path)).map(elementOf));
  }

  #depth(): void {
    this.encoder.raw(keys.depth);
    this.encoder.int(0);
  }
}

/** The one record of `dump init`: a tree whose root has a value, as the node of that name would write it first. */
export function encodeInitRecord(encoder: Encoder, node: string): void {
  encoder.value({ chain: { node, tick: 1, prev: null }, depth: 0, path: [], tock: 1, value: "Initial data" });
}
