/**
 * What others lack and asked for: answered after a random delay, unless somebody else was faster. Present ticks are sent
 * again with the entry that has them, each entry once; superseded and given-up ones are told as such; what is missing here,
 * too, is answered when it arrives.
 *
 * Source: `spec/server-protocol.md` 6, retransmit job.
 *
 * @module
 */

import type { NodeRanges } from "../../../wire/message/info.ts";
import type { Ticks } from "../../core/claims.ts";
import type { RangeSet } from "../../core/range_set.ts";
import type { Store } from "../../core/store.ts";
import type { Writer } from "../../core/writer.ts";
import type { Outbox } from "./outbox.ts";
import { addRange, type MutableTicks, removeTick } from "./tick_sets.ts";

/** Ranges of one writer that are remembered; of more, the oldest half is forgotten. */
const rangesMax = 10_000;

/** Writers that are remembered. */
const writersMax = 1000;

/** Present ticks that one step looks at. */
const ticksPerStep = 1000;

/** See the module. */
export class Requests {
  /** When to answer; Infinity: nothing to do. */
  dueMs = Infinity;
  readonly #asked: MutableTicks = new Map();

  constructor(private readonly store: Store, private readonly outbox: Outbox) {}

  /** Ticks that somebody asked for and that nobody has answered. */
  get open(): Ticks {
    return this.#asked;
  }

  /** Somebody lacks these. Returns whether there are any. */
  asked(missing: NodeRanges): boolean {
    let isAny = false;
    for (const [writer, ranges] of missing) {
      if (!this.#asked.has(writer) && this.#asked.size >= writersMax) continue;
      for (const [first, last] of ranges) {
        isAny = true;
        addRange(this.#asked, writer, first, last);
      }
      const set = this.#asked.get(writer);
      if (set !== undefined && set.rangeCount > rangesMax) set.removeRange(1, set.last(rangesMax / 2));
    }
    return isAny;
  }

  /** Answers at `atMs`, or before if that is planned. */
  within(atMs: number): void {
    if (this.#asked.size > 0) this.dueMs = Math.min(this.dueMs, atMs);
  }

  /** Somebody has sent this tick, or said that it is superseded. */
  answered(writer: string, tick: number): void {
    removeTick(this.#asked, writer, tick);
  }

  /** Somebody has said that these are superseded. */
  answeredAll(known: NodeRanges): void {
    for (const [writer, ranges] of known) {
      const set = this.#asked.get(writer);
      if (set === undefined) continue;
      for (const [first, last] of ranges) set.removeRange(first, last);
      if (set.isEmpty) this.#asked.delete(writer);
    }
  }

  /** Puts the answers into the outbox. Returns whether something is left that can be answered. */
  answer(nowMs: number): boolean {
    this.dueMs = Infinity;
    let budget = ticksPerStep;
    for (const [name, asked] of [...this.#asked]) {
      const writer = this.store.writers.get(name);
      if (writer !== undefined) budget = this.#answerWriter(writer, asked, budget, nowMs);
      if (asked.isEmpty) this.#asked.delete(name);
      if (budget <= 0) break;
    }
    return budget <= 0;
  }

  #answerWriter(writer: Writer, asked: RangeSet, budget: number, nowMs: number): number {
    const given = asked.intersection(writer.givenUp);
    for (const tick of asked.intersection(writer.have)) {
      if (budget-- <= 0) break;
      const [entry] = writer.entries(tick);
      if (entry === undefined) this.outbox.known(writer.name, tick, nowMs);
      else this.outbox.resend(entry, writer.name, tick, nowMs);
      asked.remove(tick);
    }
    // In ranges: what a writer that is forgotten had can be endless, if somebody lied about it.
    this.outbox.knownAll(writer.name, given, nowMs);
    asked.removeAll(given);
    return budget;
  }
}
