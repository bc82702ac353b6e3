/**
 * Originals that were reset: started from an old file, they use ticks again. A ping that tells a lower tick than is known
 * of its sender, though its tock is as new, shows it; a second one confirms it, as pings and updates overtake each other.
 * Then whole trees are exchanged: theirs is read, and what they lack is sent.
 *
 * @module
 */

import type { Incoming } from "../../core/incoming.ts";
import type { Entry } from "../../core/entry.ts";
import type { MergeResult, Store } from "../../core/store.ts";
import { type Walk, walk } from "../../core/walk.ts";
import type { OriginalAsker } from "./options.ts";
import type { Outbox } from "./outbox.ts";

/** Entries looked at in one step. */
const perStep = 2000;

/** With one original, whole trees are exchanged at most so often. */
const againMs = 600_000;

/** Events merged in one turn. */
const mergedPerTurn = 2000;

/** Steps follow each other so closely. */
const stepMs = 10;

/** What it needs. */
export interface ResetParts {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly ask: OriginalAsker | undefined;
  readonly merge: (events: readonly Incoming[], from: string, then: (results: readonly MergeResult[]) => void) => void;
  readonly report: (line: string) => void;
  readonly wake: () => void;
}

/** See the module. */
export class Resets {
  /** Resets noticed. */
  count = 0;
  /** Originals that told a lower tick, and whether that was dealt with. */
  readonly #suspects = new Map<string, "once" | "asked">();
  readonly #exchangedAtMs = new Map<string, number>();
  /** What is compared: the tree here, and the heads there. */
  #comparison: { readonly walk: Walk; readonly theirs: ReadonlyMap<Entry, string> } | undefined;
  #dueMs = Infinity;

  constructor(private readonly parts: ResetParts) {}

  /** When something is due. */
  get wakeAtMs(): number {
    return this.#dueMs;
  }

  /** An original told its tick. */
  pinged(node: string, tock: number, tick: number, nowMs: number): void {
    const writer = this.parts.store.writers.get(node);
    if (writer === undefined || tick >= writer.tick || tock < writer.topTock) {
      this.#suspects.delete(node);
      return;
    }
    const suspicion = this.#suspects.get(node);
    if (suspicion === undefined) this.#suspects.set(node, "once");
    else if (suspicion === "once") {
      this.#suspects.set(node, "asked");
      this.exchange(node, `${node} was reset: it is at tick ${tick}, but ${writer.tick} is known of it`, nowMs);
    }
  }

  /** Reads its tree, then sends what it lacks. */
  exchange(node: string, why: string, nowMs: number): void {
    if (nowMs - (this.#exchangedAtMs.get(node) ?? -Infinity) < againMs) return;
    this.#exchangedAtMs.set(node, nowMs);
    this.count++;
    this.parts.report(`${why}; exchanging trees`);
    this.parts.ask?.tree(node, (events) => {
      if (events === undefined) this.#suspects.delete(node);
      else this.#mergeFrom(node, events, 0, new Map());
    });
  }

  #mergeFrom(node: string, events: readonly Incoming[], from: number, theirs: Map<Entry, string>): void {
    const { store, merge } = this.parts;
    const some = events.slice(from, from + mergedPerTurn);
    merge(some, node, () => {
      for (const { keys, length, chain } of some) {
        const entry = store.find(keys, length);
        if (entry !== undefined) theirs.set(entry, `${chain.tick} ${chain.node}`);
      }
      if (from + some.length < events.length) return this.#mergeFrom(node, events, from + some.length, theirs);
      this.#comparison = { walk: walk(store.root, { empty: true, meta: true }), theirs };
      this.#dueMs = 0;
      this.parts.wake();
    });
  }

  /** Compares some entries; those that differ are sent. */
  time(nowMs: number): void {
    if (nowMs < this.#dueMs || this.#comparison === undefined) return;
    const { walk: entries, theirs } = this.#comparison;
    for (let i = 0; i < perStep; i++) {
      const entry = entries.next();
      if (entry === undefined) {
        this.#comparison = undefined;
        this.#dueMs = Infinity;
        return;
      }
      if (entry.writer === null || theirs.get(entry) === `${entry.tick} ${entry.writer.name}`) continue;
      if (entry.isTombstone && !theirs.has(entry)) continue;
      this.parts.outbox.resend(entry, entry.writer.name, entry.tick, nowMs);
    }
    this.#dueMs = nowMs + stepMs;
  }
}
