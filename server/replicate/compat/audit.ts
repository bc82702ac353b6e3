/**
 * Asks originals now and then, when things are quiet, whether they show what we show. They drop entries, or keep another value,
 * on words that we may never hear: an `info.deleted` that was lost, or that an original sent on our far side of a split. What
 * betrays it is cheap to ask: they call a tick superseded that heads a live entry here. That event is sent to them again: they
 * take it over nothing, over a deletion, and over what it ties with or outranks (DESIGN 4.10.2).
 *
 * Only while something has happened; the first of ours does it, the next ones leave it much time.
 *
 * @module
 */

import type { Entry } from "../../core/entry.ts";
import type { RangeSet } from "../../core/range_set.ts";
import type { Store } from "../../core/store.ts";
import type { Writer } from "../../core/writer.ts";
import { haveOf, minus } from "../ticks.ts";
import type { OriginalAsker, OriginalState } from "./options.ts";
import type { Outbox } from "./outbox.ts";

/** An event is sent again so often; some are never taken. */
const sentMax = 3;

/** Servers of ours with higher names leave so many times the usual pause. */
const leftToOthers = 10;

/** What it needs. */
export interface AuditParts {
  readonly store: Store;
  readonly ask: OriginalAsker | undefined;
  readonly outbox: Outbox;
  /** How long it waits for things to settle. */
  readonly settleMs: number;
  /** How long it leaves originals alone in between. */
  readonly everyMs: number;
  /** This server's place among ours, from 0. */
  readonly place: () => number;
  readonly told: (node: string, state: OriginalState) => void;
}

/** See the module. */
export class Audit {
  /** When to ask. */
  dueMs = Infinity;
  /** Events that were sent again. */
  count = 0;
  #lastMs = -Infinity;
  readonly #sent = new WeakMap<Entry, { readonly tick: number; count: number }>();

  constructor(private readonly parts: AuditParts) {}

  /** Something may be different there from now on. */
  noticed(nowMs: number): void {
    const { ask, settleMs, everyMs, place } = this.parts;
    if (ask === undefined || this.dueMs < Infinity) return;
    this.dueMs = Math.max(nowMs + settleMs, this.#lastMs + everyMs) + place() * leftToOthers * everyMs;
  }

  /** Asks, if it is time; when things are not quiet, later. */
  time(nowMs: number, isQuiet: boolean, originals: () => readonly string[]): void {
    if (nowMs < this.dueMs) return;
    if (!isQuiet) return void (this.dueMs = nowMs + this.parts.settleMs);
    this.dueMs = Infinity;
    this.#lastMs = nowMs;
    for (const node of originals()) {
      this.parts.ask?.state(node, (state) => state !== undefined && this.#compare(node, state, nowMs));
    }
  }

  #compare(node: string, state: OriginalState, nowMs: number): void {
    const { store, told } = this.parts;
    told(node, state);
    // It may know better in what is on its way.
    if (minus(state.present, haveOf(store)).size > 0) return this.noticed(nowMs);
    const before = this.count;
    for (const [name, known] of minus(state.known, state.present)) {
      const writer = store.writers.get(name);
      if (writer !== undefined) this.#compareWriter(writer, known, nowMs);
    }
    if (this.count > before) this.noticed(nowMs);
  }

  #compareWriter(writer: Writer, known: RangeSet, nowMs: number): void {
    for (let i = 0; i < known.rangeCount; i++) {
      const last = known.last(i);
      writer.index.forEach((tick) => {
        if (tick > last) return true;
        for (const entry of writer.entries(tick)) {
          if (entry.hasValue && entry.writer === writer && entry.tick === tick) this.#show(entry, writer, tick, nowMs);
        }
      }, known.first(i));
    }
  }

  #show(entry: Entry, writer: Writer, tick: number, nowMs: number): void {
    const known = this.#sent.get(entry);
    const sent = known?.tick === tick ? known : { tick, count: 0 };
    this.#sent.set(entry, sent);
    if (++sent.count > sentMax) return;
    this.count++;
    this.parts.outbox.resend(entry, writer.name, tick, nowMs);
  }
}
