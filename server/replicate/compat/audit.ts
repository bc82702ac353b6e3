/**
 * Asks originals now and then, when things are quiet, whether they show what we show. They drop entries, or keep another value,
 * on words that we may never hear: an `info.deleted` that was lost, or that an original sent on our far side of a split. What
 * betrays it is cheap to ask, by the tick that heads a live entry here:
 *
 * | there it is | then | what is done |
 * | --- | --- | --- |
 * | superseded | they show nothing, or something else | the event is sent again |
 * | in a deletion's chain | we never got it, and believe that it is superseded | the entry is written again |
 *
 * What is in chains there and in none here may be a value that lost here, or was deleted: then trees are compared.
 *
 * They ask once for what they lack, and a question can be lost, too: what is here and not there is answered as if it were asked
 * for.
 *
 * They take an event over nothing, over a deletion, and over what it ties with or outranks. Nothing of ours goes on their word
 * alone (DESIGN 4.10.1, 4.10.2).
 *
 * Only while something has happened; the first of ours does it, the next ones leave it much time.
 *
 * @module
 */

import type { Entry } from "../../core/entry.ts";
import type { Ticks } from "../../core/claims.ts";
import type { RangeSet } from "../../core/range_set.ts";
import type { Store } from "../../core/store.ts";
import type { Writer } from "../../core/writer.ts";
import { addTo, both, haveOf, minus, type MutableTicks } from "../ticks.ts";
import type { Assertions } from "./assertions.ts";
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
  readonly assertions: Assertions;
  /** How long it waits for things to settle. */
  readonly settleMs: number;
  /** How long it leaves originals alone in between. */
  readonly everyMs: number;
  /** This server's place among ours, from 0. */
  readonly place: () => number;
  /** Whether that original has its first state. */
  readonly isReady: (node: string) => boolean;
  /** Trees are to be compared. */
  readonly exchange: (node: string, nowMs: number) => void;
  /** Some original lacks these. */
  readonly lacked: (ticks: Ticks, nowMs: number) => void;
  readonly told: (node: string, state: OriginalState) => void;
}

/** See the module. */
export class Audit {
  /** When to ask. */
  dueMs = Infinity;
  /** Events that were sent again. */
  count = 0;
  #lastMs = -Infinity;
  /** By original: ticks that are in chains there and in none here. */
  readonly #odd = new Map<string, Ticks>();
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
    const { store, told, isReady } = this.parts;
    told(node, state);
    // It may know better in what is on its way.
    if (minus(state.present, haveOf(store)).size > 0) return this.noticed(nowMs);
    const before = this.count;
    const lacked = minus(haveOf(store), haveThere(state));
    if (lacked.size > 0 && isReady(node)) this.parts.lacked(lacked, nowMs);
    this.#look(node, both(state.present, supersededIn(store)), nowMs);
    this.#heads(minus(state.known, state.present), (entry) => this.#show(entry, nowMs));
    const { assertions, settleMs } = this.parts;
    this.#heads(both(state.deleted, state.present), (entry) => assertions.dropped(entry, nowMs, settleMs));
    if (this.count > before) this.noticed(nowMs);
  }

  /** These are in chains there, and in none here: deep links, or what lost here, or was deleted. Where there are new ones, trees tell. */
  #look(node: string, odd: Ticks, nowMs: number): void {
    const known = this.#odd.get(node);
    this.#odd.set(node, odd);
    if (minus(odd, known ?? new Map()).size > 0) this.parts.exchange(node, nowMs);
  }

  /** Live entries that these ticks head. */
  #heads(ticks: Ticks, found: (entry: Entry) => void): void {
    for (const [name, set] of ticks) {
      const writer = this.parts.store.writers.get(name);
      if (writer !== undefined) headsOf(writer, set, found);
    }
  }

  #show(entry: Entry, nowMs: number): void {
    const { tick, writer } = entry;
    const known = this.#sent.get(entry);
    const sent = known?.tick === tick ? known : { tick, count: 0 };
    this.#sent.set(entry, sent);
    if (++sent.count > sentMax) return;
    this.count++;
    this.parts.outbox.resend(entry, writer!.name, tick, nowMs);
  }
}

function supersededIn(store: Store): Ticks {
  return new Map([...store.writers.values()].map((writer) => [writer.name, writer.superseded()]));
}

function haveThere({ present, known }: OriginalState): Ticks {
  const have: MutableTicks = new Map();
  for (const ticks of [present, known]) addTo(have, ticks);
  return have;
}

function headsOf(writer: Writer, ticks: RangeSet, found: (entry: Entry) => void): void {
  for (let i = 0; i < ticks.rangeCount; i++) {
    const last = ticks.last(i);
    writer.index.forEach((tick) => {
      if (tick > last) return true;
      for (const entry of writer.entries(tick)) {
        if (entry.hasValue && entry.writer === writer && entry.tick === tick) found(entry);
      }
    }, ticks.first(i));
  }
}
