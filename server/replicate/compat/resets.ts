/**
 * Originals that were reset: started from an old file, they use ticks again. A ping that tells a lower tick than is known of
 * its sender shows it (a second one confirms it, as pings and updates overtake each other), or an event whose tick is had, in
 * another entry. Then whole trees are exchanged: theirs is read, and what they lack is sent.
 *
 * What they show, and is had but not shown here:
 *
 * | | |
 * | --- | --- |
 * | its tick is in another entry: it was used twice | written here as a new event, if it outranks what is at its path |
 * | an event of others, and nothing is at its path: it was deleted | deleted by a new event |
 * | an event of its own, and nothing is at its path: either | goes to the conflicts |
 *
 * @module
 */

import type { Incoming } from "../../core/incoming.ts";
import type { Entry } from "../../core/entry.ts";
import { outranks } from "../../core/merge.ts";
import type { MergeResult, Store } from "../../core/store.ts";
import { type Walk, walk } from "../../core/walk.ts";
import { nodeOf } from "../../core/writer.ts";
import type { OriginalAsker } from "./options.ts";
import type { Outbox } from "./outbox.ts";
import { Suspects } from "./suspects.ts";

/** Entries looked at in one step. */
const perStep = 2000;

/** Events merged in one turn. */
const mergedPerTurn = 2000;

/** Steps follow each other so closely. */
const stepMs = 10;

/** What it needs. */
export interface ResetParts {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly ask: OriginalAsker | undefined;
  /** With one original, whole trees are exchanged at most so often at first, then less. */
  readonly againMs: number;
  /** How long those of ours with lower names have to do it. */
  readonly yieldMs: () => number;
  readonly merge: (events: readonly Incoming[], from: string, then: (results: readonly MergeResult[]) => void) => void;
  readonly report: (line: string) => void;
  readonly wake: () => void;
}

/** See the module. */
export class Resets {
  /** Trees read. */
  count = 0;
  readonly #suspects: Suspects;
  /** What is compared: the tree here, and the heads there. */
  #comparison: { readonly walk: Walk; readonly theirs: ReadonlyMap<Entry, string> } | undefined;
  #stepAtMs = Infinity;

  constructor(private readonly parts: ResetParts) {
    this.#suspects = new Suspects(parts.againMs);
  }

  /** When something is due. */
  get wakeAtMs(): number {
    return Math.min(this.#stepAtMs, this.#suspects.wakeAtMs);
  }

  /** An original told its tick. */
  pinged(node: string, tick: number, nowMs: number): void {
    const known = this.parts.store.writers.get(node)?.tick ?? 0;
    if (tick >= known) return this.#suspects.clear(node);
    if (this.#suspects.pinged(node)) {
      this.exchange(node, `${node} was reset: it is at tick ${tick}, but ${known} is known of it`, nowMs);
    }
  }

  /** An event that an original sent is had. If its tick is in another entry, it was used twice. */
  had({ keys, length, chain }: Incoming, node: string, nowMs: number): void {
    if (
      nodeOf(chain.node) !== node || !this.#isElsewhere(chain.node, chain.tick, this.parts.store.find(keys, length))
    ) return;
    this.exchange(node, `${node} uses ticks again`, nowMs);
  }

  #isElsewhere(writer: string, tick: number, entry: Entry | undefined): boolean {
    const entries = this.parts.store.writers.get(writer)?.entries(tick) ?? [];
    return entries.length > 0 && (entry === undefined || !entries.includes(entry));
  }

  /** Has trees exchanged, soon. */
  exchange(node: string, why: string, nowMs: number): void {
    if (this.#suspects.plan(node, nowMs + this.parts.yieldMs())) this.parts.report(`${why}; exchanging trees`);
  }

  /** Has trees compared, soon, without a word: nothing was done wrong. */
  compare(node: string, nowMs: number): void {
    this.#suspects.plan(node, nowMs + this.parts.yieldMs());
  }

  #exchange(node: string): void {
    this.count++;
    this.parts.ask?.tree(node, (events) => {
      if (events !== undefined) this.#mergeFrom(node, events, 0, new Map());
    });
  }

  #mergeFrom(node: string, events: readonly Incoming[], from: number, theirs: Map<Entry, string>): void {
    const { store, merge } = this.parts;
    const some = events.slice(from, from + mergedPerTurn);
    merge(some, node, (results) => {
      for (const [i, event] of some.entries()) {
        if (results[i]?.outcome === "had") this.#settle(event, node);
        const entry = store.find(event.keys, event.length);
        if (entry !== undefined) theirs.set(entry, `${event.chain.tick} ${event.chain.node}`);
      }
      if (from + some.length < events.length) return this.#mergeFrom(node, events, from + some.length, theirs);
      this.#comparison = { walk: walk(store.root, { empty: true, meta: true }), theirs };
      this.#stepAtMs = 0;
      this.parts.wake();
    });
  }

  /** Within a turn: something that is shown there, and had here. See the table above. */
  #settle({ keys, length, chain, tock, bytes, start, end }: Incoming, node: string): void {
    const { store } = this.parts;
    const entry = store.find(keys, length);
    const writer = store.writer(chain.node);
    const isGone = entry === undefined || entry.writer === null;
    if (bytes === null) return;
    if (this.#isElsewhere(chain.node, chain.tick, entry)) {
      const theirs = { writer, tick: chain.tick, older: null, tock };
      if (isGone || outranks(theirs, entry)) store.write(store.ensure(keys, length), bytes, start, end);
    } else if (isGone && nodeOf(chain.node) !== node) {
      store.delete(store.ensure(keys, length));
    } else if (isGone) {
      const value = bytes.slice(start, end);
      store.conflicts.add({ kind: "conflict", path: keys.slice(0, length), value, writer, tick: chain.tick, tock });
    }
  }

  /** Reads trees that are due, and compares some entries; those that differ are sent. */
  time(nowMs: number): void {
    for (const node of this.#suspects.take(nowMs)) this.#exchange(node);
    if (nowMs < this.#stepAtMs || this.#comparison === undefined) return;
    const { walk: entries, theirs } = this.#comparison;
    for (let i = 0; i < perStep; i++) {
      const entry = entries.next();
      if (entry === undefined) {
        this.#comparison = undefined;
        this.#stepAtMs = Infinity;
        return;
      }
      if (entry.writer === null || theirs.get(entry) === `${entry.tick} ${entry.writer.name}`) continue;
      if (entry.isTombstone && !theirs.has(entry)) continue;
      this.parts.outbox.resend(entry, entry.writer.name, entry.tick, nowMs);
    }
    this.#stepAtMs = nowMs + stepMs;
  }
}
