/**
 * Builds a store's state from what was stored: fast, no effects, no way back. Calls may come in any order; for one entry
 * the last one counts, as in a log.
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";
import { type Link, without } from "./chain.ts";
import type { Entry } from "./entry.ts";
import { IndexBuilder } from "./index_builder.ts";
import type { Ledger } from "./ledger.ts";
import type { RangeSet } from "./range_set.ts";
import type { Tree } from "./tree.ts";
import { NO_VALUE, type ValueArena } from "./values.ts";
import type { Versions } from "./versions.ts";
import { walk } from "./walk.ts";
import type { Writer } from "./writer.ts";

const everything = { empty: true, meta: true };

/** The parts of a store that are restored. */
export interface RestorerParts {
  readonly ledger: Ledger;
  readonly tree: Tree;
  readonly versions: Versions;
  readonly values: ValueArena;
}

/** Restores one store. */
export class Restorer {
  constructor(private readonly parts: RestorerParts) {}

  /** Puts a version into an entry. What it replaces stays had. `bytes` null is a tombstone. */
  version(
    entry: Entry,
    writer: Writer,
    tick: number,
    older: Link | null,
    tock: number,
    bytes: Uint8Array | null,
    start: number,
    end: number,
  ): void {
    const { values, ledger } = this.parts;
    if (entry.writer !== null) this.#leave(entry);
    entry.value = bytes === null ? NO_VALUE : values.put(bytes, start, end);
    entry.writer = writer;
    entry.tick = tick;
    entry.older = older;
    entry.tock = tock;
    ledger.seen(writer, tick, tock);
  }

  /** Frees the entry's value; its ticks were had. */
  #leave(entry: Entry): void {
    entry.writer!.have.add(entry.tick);
    for (let link = entry.older; link !== null; link = link.prev) link.writer.have.add(link.tick);
    this.parts.values.free(entry.value);
  }

  /** These ticks were had. */
  have(writer: Writer, ticks: RangeSet): void {
    writer.have.addAll(ticks);
  }

  /** An entry lost its version for good. Nothing happens if another event is there by now. */
  purge(keys: readonly ElementKey[], length: number, writer: Writer, tick: number): void {
    const { tree } = this.parts;
    writer.have.add(tick);
    writer.purgedUpTo = Math.max(writer.purgedUpTo, tick);
    const entry = tree.find(keys, length);
    if (entry === undefined || entry.writer !== writer || entry.tick !== tick) return;
    this.#leave(entry);
    entry.value = NO_VALUE;
    entry.writer = null;
    entry.tick = 0;
    entry.older = null;
    tree.prune(entry);
  }

  /** A writer was forgotten, unless a later record names it as the head of a chain. */
  drop(writer: Writer): void {
    const named: Entry[] = [];
    for (const entry of walk(this.parts.tree.root, everything)) {
      if (entry.writer === writer) return;
      if (entry.older !== null) named.push(entry);
    }
    for (const entry of named) entry.older = without(entry.older, writer);
    this.parts.ledger.writers.delete(writer.name);
  }

  /** Derives the rest. Whatever is present is had; whatever is had was heard of, and is not given up. */
  finish(): void {
    this.parts.tree.commit();
    this.#buildIndexes();
    for (const writer of this.parts.ledger.writers.values()) {
      writer.have.addAll(writer.present());
      writer.givenUp.removeAll(writer.have);
      writer.tick = Math.max(writer.tick, writer.have.max, writer.givenUp.max);
    }
  }

  #buildIndexes(): void {
    this.parts.versions.recount();
    for (const { index, tombstones } of this.parts.ledger.writers.values()) {
      index.clear();
      tombstones.clear();
    }
    const builders = new Map<Writer, IndexBuilder>();
    const note = (writer: Writer, tick: number, entry: Entry) => {
      const builder = builders.get(writer) ?? new IndexBuilder(writer);
      if (!builders.has(writer)) builders.set(writer, builder);
      builder.add(tick, entry);
    };
    const steps = walk(this.parts.tree.root, everything);
    for (let entry = steps.next(); entry !== undefined; entry = steps.next()) {
      if (entry.writer === null) continue;
      this.parts.versions.restored(entry);
      note(entry.writer, entry.tick, entry);
      for (let link = entry.older; link !== null; link = link.prev) note(link.writer, link.tick, entry);
    }
    for (const builder of builders.values()) builder.build();
  }
}
