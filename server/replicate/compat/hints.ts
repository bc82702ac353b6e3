/**
 * What originals say is superseded (or deleted). They may never have had it: `-a` makes them claim whatever they lack. So
 * it is a hint only: the ticks stay missing and are asked for; if nobody has offered them after a whole recovery round, the
 * original is asked for everything it has, and the pair rule decides (DESIGN 4.7.2, 4.10.1).
 *
 * @module
 */

import type { NodeRanges } from "../../../wire/message/info.ts";
import type { Ticks } from "../../core/claims.ts";
import { RangeSet } from "../../core/range_set.ts";
import type { Store } from "../../core/store.ts";
import { addTo, both, minus } from "../ticks.ts";
import type { OriginalAsker, OriginalState } from "./options.ts";
import { addRange, type MutableTicks } from "./tick_sets.ts";

/** Ranges of one writer, hinted at by one original. */
const rangesMax = 10_000;

/** What one original has hinted at. */
interface Hint {
  readonly ticks: MutableTicks;
  /** When a recovery round will have passed. */
  atMs: number;
  isAsked: boolean;
}

/** What it needs. */
export interface HintParts {
  readonly store: Store;
  readonly ask: OriginalAsker | undefined;
  readonly roundMs: number;
  readonly turn: (body: () => void) => void;
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
    const { store } = this.parts;
    const said: MutableTicks = new Map();
    for (const [writer, list] of ranges) for (const [first, last] of list) addRange(said, writer, first, last);
    const open: MutableTicks = new Map();
    for (const [writer, set] of said) {
      const missing = store.writers.get(writer)?.missing().intersection(set);
      if (missing !== undefined && !missing.isEmpty && missing.rangeCount <= rangesMax) open.set(writer, missing);
    }
    if (open.size === 0) return;
    const hint = this.#byNode.get(node) ?? { ticks: new Map(), atMs: nowMs + this.parts.roundMs, isAsked: false };
    addTo(hint.ticks, open);
    this.#byNode.set(node, hint);
  }

  /** Asks those whose round is over; a hint whose ticks have arrived is forgotten. */
  time(nowMs: number): void {
    for (const [node, hint] of [...this.#byNode]) {
      if (hint.isAsked || nowMs < hint.atMs) continue;
      const open = this.#open(hint);
      if (open.size === 0 || this.parts.ask === undefined) {
        this.#byNode.delete(node);
        continue;
      }
      hint.isAsked = true;
      hint.atMs = nowMs + this.parts.roundMs;
      this.parts.ask.state(node, (state) => this.#hear(node, hint, state));
    }
  }

  #open(hint: Hint): Ticks {
    const { writers } = this.parts.store;
    return both(hint.ticks, new Map([...hint.ticks.keys()].map((name) => [name, missingOf(writers.get(name))])));
  }

  /** The answer. If there is none, it is asked again after another round. */
  #hear(node: string, hint: Hint, state: OriginalState | undefined): void {
    hint.isAsked = false;
    if (state === undefined) return;
    this.#byNode.delete(node);
    this.parts.told(node, state);
    const known = both(this.#open(hint), minus(state.known, state.present));
    if (known.size === 0) return;
    const have: MutableTicks = new Map();
    addTo(have, known);
    addTo(have, state.present);
    this.parts.turn(() => {
      this.parts.store.claim(node, known, have);
      this.parts.store.settleClaims();
    });
  }
}

function missingOf(writer: { missing(): RangeSet } | undefined): RangeSet {
  return writer?.missing() ?? new RangeSet();
}
