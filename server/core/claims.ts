/**
 * What peers say is superseded, and when it is believed: the pair rule.
 *
 * A peer says `known`, the ticks superseded there, and `have`, all it has at that instant. What superseded a tick of `known`
 * is in `have`. So once this node has everything of `have` that is not in `known`, the winners are here too, and the claim
 * can be believed without losing sight of anything. Before that, the ticks stay missing and are asked of everybody: else a
 * rumour "superseded" outlives the only node that has the winner.
 *
 * Claims are believed together, if what one still needs is in the other's `known`: following the winners from claim to claim,
 * their ranks rise, so they end at something that is here.
 *
 * @module
 */

import type { Ledger } from "./ledger.ts";
import { RangeSet } from "./range_set.ts";
import type { Turn } from "./turn.ts";

/** Ticks by writer name. */
export type Ticks = ReadonlyMap<string, RangeSet>;

/** Claims of one peer that are kept open; the newest takes the place of the last. */
const openMax = 4;

/** A claim that cannot be believed yet. */
interface Claim {
  readonly source: string;
  readonly known: Ticks;
  /** What has to arrive first. Replaced as it shrinks. */
  readonly needed: Ticks;
  /** One of these ticks that no other claim helps with, when this was looked at last: no need to look before it is here. */
  readonly lacks?: { readonly writer: string; readonly tick: number };
}

/** Claims not yet believed. */
export class Claims {
  #open: readonly Claim[] = [];
  #testedAt = -1;
  readonly #ledger: Ledger;
  readonly #turn: Turn;

  /** @param ledger Whose ticks they are about @param turn Where changes are noted */
  constructor(ledger: Ledger, turn: Turn) {
    this.#ledger = ledger;
    this.#turn = turn;
  }

  /** How many are open. */
  get size(): number {
    return this.#open.length;
  }

  /**
   * A peer's claim. Raises what was heard of.
   * @throws {RangeError} If `have` does not cover `known`
   */
  add(source: string, known: Ticks, have: Ticks): void {
    for (const [name, ticks] of known) {
      if (!have.get(name)?.covers(ticks)) {
        throw new RangeError(`${source} claims ticks of ${name} that it does not have`);
      }
    }
    const needed = new Map<string, RangeSet>();
    for (const [name, ticks] of have) {
      this.#ledger.hearOnly(this.#ledger.writer(name), ticks.max);
      needed.set(name, ticks.difference(known.get(name) ?? new RangeSet()));
    }
    const mine = this.#open.filter((claim) => claim.source === source);
    const kept = mine.length < openMax ? this.#open : this.#open.filter((claim) => claim !== mine[openMax - 1]);
    this.#replace([...kept, { source, known, needed }]);
    this.#testedAt = -1;
  }

  #replace(claims: readonly Claim[]): void {
    const before = this.#open;
    this.#open = claims;
    this.#turn.undo(() => this.#open = before);
  }

  /** Believes what can be believed by now. To be called when events have arrived, before the turn is logged. */
  settle(): void {
    if (this.#open.length === 0 || this.#testedAt === this.#ledger.haveVersion) return;
    this.#testedAt = this.#ledger.haveVersion;
    if (this.#open.every((claim) => this.#isLacking(claim))) return;
    this.#replace(this.#open.map((claim) => ({ ...claim, lacks: undefined, needed: this.#stillNeeded(claim.needed) })));
    const good = this.#complete();
    if (good.size === 0) return;
    const before = this.#open;
    this.#replace(before.filter((claim) => !good.has(claim)));
    for (const claim of before) if (good.has(claim)) this.#believe(claim);
    this.#testedAt = this.#ledger.haveVersion;
  }

  #isLacking({ lacks }: Claim): boolean {
    return lacks !== undefined && !this.#ledger.writer(lacks.writer).have.has(lacks.tick);
  }

  #stillNeeded(needed: Ticks): Ticks {
    const left = new Map<string, RangeSet>();
    for (const [name, ticks] of needed) {
      const rest = ticks.difference(this.#ledger.writer(name).have);
      if (!rest.isEmpty) left.set(name, rest);
    }
    return left;
  }

  /** The most claims that need nothing but what is `known` to one of them. The others note what they lack. */
  #complete(): Set<Claim> {
    const good = new Set(this.#open);
    for (let size = Infinity; good.size < size;) {
      size = good.size;
      const known = unite(good);
      for (const claim of good) {
        const lacks = firstBeyond(claim.needed, known);
        if (lacks === undefined) continue;
        good.delete(claim);
        this.#replace(this.#open.map((each) => each === claim ? { ...claim, lacks } : each));
      }
    }
    return good;
  }

  #believe(claim: Claim): void {
    for (const [name, ticks] of claim.known) this.#ledger.believe(this.#ledger.writer(name), ticks);
  }
}

function unite(claims: Iterable<Claim>): Ticks {
  const all = new Map<string, RangeSet>();
  for (const { known } of claims) {
    for (const [name, ticks] of known) all.set(name, all.get(name)?.union(ticks) ?? ticks);
  }
  return all;
}

/** A tick of `ticks` that is not in `others`. */
function firstBeyond(ticks: Ticks, others: Ticks): { writer: string; tick: number } | undefined {
  for (const [writer, set] of ticks) {
    const other = others.get(writer);
    const rest = other === undefined ? set : set.difference(other);
    if (!rest.isEmpty) return { writer, tick: rest.first(0) };
  }
  return undefined;
}
