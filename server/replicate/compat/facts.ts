/**
 * What this server tells originals about ticks: all it has heard of, once a cycle (the last update of a quiet writer is
 * otherwise never missed), and what it lacks itself, at most once a cycle and each tick at most once in one. What another
 * server has just told is not repeated.
 *
 * @module
 */

import type { Info, NodeRanges } from "../../../wire/message/info.ts";
import type { ReplicatorParts } from "../parts.ts";
import type { Ticks } from "../../core/claims.ts";
import { areEqual, minus, missingOf } from "../ticks.ts";
import { addRange, type MutableTicks, toRanges } from "./tick_sets.ts";

/** Requests of the last cycle that are remembered. */
const requestsMax = 100;

/** What does not come is asked for again after so many cycles at the latest. */
const repeatCyclesMax = 6;

/** See the module. */
export class Facts {
  /** When to tell ticks; Infinity: nobody listens. */
  ticksDueMs = Infinity;
  /** When to ask for what is missing. */
  missingDueMs = Infinity;
  #tock = 0;
  #tick: number | null = null;
  #askedAtMs = -Infinity;
  /** Who was told last of each writer's tick, and when. */
  readonly #told = new Map<string, { readonly tick: number; readonly atMs: number }>();
  /** What was missing when it was looked at last, and how often it was the same. */
  #lacking: Ticks = new Map();
  #repeats = 0;
  #repeatAtMs = -Infinity;
  /** What anybody asked for lately. */
  #requests: { readonly ticks: MutableTicks; readonly atMs: number }[] = [];

  /** @param parts Store and readiness @param cycleMs How often, at most @param send Sends a message */
  constructor(
    private readonly parts: ReplicatorParts,
    private readonly cycleMs: number,
    private readonly send: (info: Info, nowMs: number) => void,
  ) {}

  /** Everything in the store is logged and may be told. */
  logged(): void {
    const { store, node, isReady } = this.parts;
    this.#tock = store.clock;
    this.#tick = isReady?.() ?? true ? store.writers.get(node)?.tick ?? 0 : null;
  }

  /** This server's clock and tick, or null before it has a state. */
  get value(): readonly [tock: number, tick: number] | null {
    return this.#tick === null ? null : [this.#tock, this.#tick];
  }

  /** What every message about ticks says of its sender. */
  get sender(): { readonly node: string; readonly tick: number | null; readonly tock: number } {
    return { node: this.parts.node, tick: this.#tick, tock: this.#tock };
  }

  /** When something is due. */
  get wakeAtMs(): number {
    return Math.min(this.ticksDueMs, this.missingDueMs);
  }

  /** Something may be missing: asked for after `delayMs`, if the last request is a cycle ago. */
  missWithin(delayMs: number, nowMs: number): void {
    const atMs = Math.max(nowMs + delayMs, this.#askedAtMs + this.cycleMs);
    this.missingDueMs = Math.min(this.missingDueMs, atMs);
  }

  /** Does what is due. */
  time(nowMs: number): void {
    if (nowMs >= this.ticksDueMs) {
      this.ticksDueMs = nowMs + this.cycleMs * (1 + this.parts.random() / 4);
      this.tellTicks(nowMs, false);
    }
    if (nowMs >= this.missingDueMs) {
      this.missingDueMs = Infinity;
      this.askForMissing(nowMs, false);
    }
  }

  /** Tells the highest ticks, unless others have told them within the last cycle. `isForced`: in any case. */
  tellTicks(nowMs: number, isForced: boolean): void {
    const ticks = new Map<string, number>();
    let isNews = isForced;
    for (const { name, tick } of this.parts.store.writers.values()) {
      if (tick === 0) continue;
      ticks.set(name, tick);
      const told = this.#told.get(name);
      if (told === undefined || told.tick < tick || told.atMs <= nowMs - this.cycleMs) isNews = true;
    }
    if (!isNews) return;
    this.heardTicks(ticks, nowMs);
    this.send({ ticks }, nowMs);
  }

  /** Somebody told these. */
  heardTicks(ticks: ReadonlyMap<string, number | null>, nowMs: number): void {
    for (const [name, tick] of ticks) if (tick !== null) this.#told.set(name, { tick, atMs: nowMs });
  }

  /** Asks for what is missing and was not asked for lately. `isForced`: says so even if there is nothing. */
  askForMissing(nowMs: number, isForced: boolean): void {
    const all = missingOf(this.parts.store);
    if (!isForced && !this.#isTime(all, nowMs)) return;
    let missing = all;
    this.#requests = this.#requests.filter(({ atMs }) => atMs > nowMs - this.cycleMs);
    for (const { ticks } of this.#requests) missing = minus(missing, ticks);
    if (all.size > 0) this.missingDueMs = Math.min(this.missingDueMs, nowMs + this.cycleMs);
    if (missing.size === 0 && !isForced) return;
    this.#askedAtMs = nowMs;
    this.#repeatAtMs = nowMs + this.cycleMs * Math.min(repeatCyclesMax, 1 + this.#repeats++ / 2);
    const ranges = toRanges(missing);
    this.heardMissing(ranges, nowMs);
    this.send({ missing: ranges }, nowMs);
  }

  /** What does not come is asked for less and less often. */
  #isTime(missing: Ticks, nowMs: number): boolean {
    if (!areEqual(missing, this.#lacking)) {
      this.#lacking = missing;
      this.#repeats = 0;
      return true;
    }
    if (nowMs < this.#repeatAtMs && missing.size > 0) this.missingDueMs = Math.max(nowMs + 1, this.#repeatAtMs);
    return nowMs >= this.#repeatAtMs;
  }

  /** Somebody asked for these; the answers reach everybody. */
  heardMissing(missing: NodeRanges, nowMs: number): void {
    const ticks: MutableTicks = new Map();
    for (const [name, ranges] of missing) for (const [first, last] of ranges) addRange(ticks, name, first, last);
    if (ticks.size > 0 && this.#requests.length < requestsMax) this.#requests.push({ ticks, atMs: nowMs });
  }
}
