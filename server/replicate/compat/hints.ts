/**
 * What originals say is superseded (or deleted). They may never have had it: `-a` makes them claim whatever they lack. So
 * it is a hint only: the ticks stay missing and are asked for; if nobody has offered them after a whole recovery round, the
 * original is asked for all it has at one instant, and the pair rule decides (DESIGN 4.7.2, 4.10.1).
 *
 * What keeps the pair rule from deciding is asked for, too. Originals resend two links of a chain at most, so that deeper ones
 * are never had: their tree is read with whole chains. That leaves out deletions; of these, ticks are taken as superseded that
 * nobody has offered for several rounds, although their events are sent to whoever lacks them.
 *
 * @module
 */

import type { NodeRanges } from "../../../wire/message/info.ts";
import type { Ticks } from "../../core/claims.ts";
import type { Incoming } from "../../core/incoming.ts";
import { RangeSet } from "../../core/range_set.ts";
import type { Store } from "../../core/store.ts";
import { addTo, both, haveOf, minus } from "../ticks.ts";
import type { OriginalAsker, OriginalState } from "./options.ts";
import { addRange, type MutableTicks } from "./tick_sets.ts";

/** Ranges of one writer, hinted at by one original. */
const rangesMax = 10_000;

/** So many rounds the links of deletions are asked for. */
const deletionRounds = 3;

/** What one original has hinted at. */
interface Hint {
  readonly ticks: MutableTicks;
  /** When a recovery round will have passed. */
  atMs: number;
  /** How many have. */
  rounds: number;
  isAsked: boolean;
}

/** What it needs. */
export interface HintParts {
  readonly store: Store;
  readonly ask: OriginalAsker | undefined;
  readonly roundMs: number;
  readonly turn: (body: () => void) => void;
  readonly merge: (events: readonly Incoming[], from: string) => void;
  /** What an original has at this instant. */
  readonly told: (node: string, state: OriginalState) => void;
}

/** See the module. */
export class Hints {
  readonly #byNode = new Map<string, Hint>();

  constructor(private readonly parts: HintParts) {}

  /** When one is due. */
  get wakeAtMs(): number {
    let at = Infinity;
    for (const hint of this.#byNode.values()) if (!hint.isAsked) at = Math.min(at, hint.atMs);
    return at;
  }

  /** An original says that these are superseded. What is had counts no more. */
  add(node: string, ranges: NodeRanges, nowMs: number): void {
    const said: MutableTicks = new Map();
    for (const [writer, list] of ranges) for (const [first, last] of list) addRange(said, writer, first, last);
    const open = this.#missing(said);
    for (const [writer, set] of open) if (set.rangeCount > rangesMax) open.delete(writer);
    if (open.size === 0) return;
    const hint = this.#byNode.get(node) ??
      { ticks: new Map(), atMs: nowMs + this.parts.roundMs, rounds: 0, isAsked: false };
    addTo(hint.ticks, open);
    this.#byNode.set(node, hint);
  }

  /** Those of `ticks` that are missing here. */
  #missing(ticks: Ticks): MutableTicks {
    const { writers } = this.parts.store;
    return both(
      ticks,
      new Map([...ticks.keys()].map((name) => [name, writers.get(name)?.missing() ?? new RangeSet()])),
    );
  }

  /** Asks those whose round is over; a hint whose ticks have arrived is forgotten. */
  time(nowMs: number): void {
    const { ask, roundMs } = this.parts;
    for (const [node, hint] of [...this.#byNode]) {
      if (hint.isAsked || nowMs < hint.atMs) continue;
      if (ask === undefined || this.#missing(hint.ticks).size === 0) {
        this.#byNode.delete(node);
        continue;
      }
      hint.isAsked = true;
      hint.rounds++;
      hint.atMs = nowMs + roundMs;
      ask.state(node, (state) => {
        if (state === undefined) hint.isAsked = false;
        else this.#hear(node, hint, state);
      });
    }
  }

  /** The answer. What it has here, too, lets the claim be believed. */
  #hear(node: string, hint: Hint, state: OriginalState): void {
    const { ask, store, told, merge } = this.parts;
    told(node, state);
    const settled = hint.rounds > deletionRounds ? state.deleted : new Map<string, RangeSet>();
    const needed = minus(state.present, settled);
    if (minus(needed, haveOf(store)).size === 0) return this.#claim(node, hint, state, settled, needed);
    ask?.tree(node, (events) => {
      if (events !== undefined) merge(events, node);
      this.#claim(node, hint, state, settled, needed);
    });
  }

  #claim(node: string, hint: Hint, state: OriginalState, settled: Ticks, needed: Ticks): void {
    const { store, turn } = this.parts;
    hint.isAsked = false;
    const said: MutableTicks = new Map();
    addTo(said, minus(state.known, state.present));
    addTo(said, settled);
    const known = this.#missing(said);
    const have: MutableTicks = new Map();
    addTo(have, known);
    addTo(have, needed);
    turn(() => {
      if (known.size > 0) store.claim(node, known, have);
      store.settleClaims();
    });
  }
}
