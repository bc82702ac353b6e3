/**
 * After a split, ours repair among themselves in a second, and then lack nothing they could ask originals' peers for. But
 * originals hear of a change only if it goes over `ROOT/update` while they listen, and those that are out of the history ask
 * for nothing. So when two sides have met, whatever came from elsewhere by the short way, and was neither sent nor told in
 * the original's form a while later, is sent by one of ours.
 *
 * @module
 */

import type { Change, Effect } from "../../core/effect.ts";
import type { Entry } from "../../core/entry.ts";
import { RangeSet } from "../../core/range_set.ts";
import { Latest } from "./latest.ts";
import type { Outbox } from "./outbox.ts";
import { addTick, type MutableTicks } from "./tick_sets.ts";
import type { TickMemory } from "./tick_memory.ts";

/** Entries, and ranges of a writer, that are kept in mind. */
const entriesMax = 40_000;
const rangesMax = 5_000;

/** An event from elsewhere. */
interface Arrival {
  readonly writer: string;
  readonly tick: number;
  readonly atMs: number;
}

/** See the module. */
export class Bridge {
  /** When what nobody has told is told; Infinity: no sides have met. */
  dueMs = Infinity;
  readonly #arrivals = new Latest<Entry, Arrival>(entriesMax);
  #superseded: MutableTicks = new Map();
  #supersededSinceMs = Infinity;

  /**
   * @param heard What originals can know of
   * @param keptMs How long before a meeting things may have come from the other side
   */
  constructor(private readonly outbox: Outbox, private readonly heard: TickMemory, private readonly keptMs: number) {}

  /** A change from elsewhere. */
  changed({ entry, writer, tick, isRefresh }: Change, nowMs: number): void {
    if (isRefresh || this.heard.has(writer.name, tick)) return;
    this.#arrivals.set(entry, { writer: writer.name, tick, atMs: nowMs });
  }

  /** Ticks that came without an event. */
  noticed(effect: Effect, nowMs: number): void {
    if (effect.kind !== "superseded" && effect.kind !== "believed") return;
    if (effect.kind === "superseded" && this.heard.has(effect.writer.name, effect.first)) return;
    if (nowMs - this.#supersededSinceMs > this.keptMs) this.#superseded = new Map();
    if (this.#superseded.size === 0) this.#supersededSinceMs = nowMs;
    const { name } = effect.writer;
    if (effect.kind === "superseded") addTick(this.#superseded, name, effect.first);
    else if (effect.ticks.rangeCount < rangesMax) {
      this.#superseded.set(name, effect.ticks.union(this.#superseded.get(name) ?? new RangeSet()));
    }
    if ((this.#superseded.get(name)?.rangeCount ?? 0) > rangesMax) this.#superseded.delete(name);
  }

  /** Two sides have met. */
  met(dueMs: number): void {
    this.dueMs = Math.min(this.dueMs, dueMs);
  }

  /** Tells what nobody has told. */
  time(nowMs: number): void {
    if (nowMs < this.dueMs) return;
    const sinceMs = this.dueMs - this.keptMs;
    this.dueMs = Infinity;
    for (const [entry, { writer, tick, atMs }] of this.#arrivals) {
      const isHead = entry.writer?.name === writer && entry.tick === tick;
      if (atMs >= sinceMs && isHead && !this.heard.has(writer, tick)) this.outbox.resend(entry, writer, tick, nowMs);
    }
    this.#arrivals.clear();
    if (this.#supersededSinceMs >= sinceMs) {
      for (const [writer, ticks] of this.#superseded) {
        this.outbox.knownAll(writer, this.heard.unknown(writer, ticks), nowMs);
      }
    }
    this.#superseded = new Map();
  }
}
