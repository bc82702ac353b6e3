/**
 * All rules of one ACL at one moment. A book never changes: when a rule changes there is a new one, so that what hangs on a
 * book (a cache, a running watch) can see the difference.
 *
 * @module
 */

import type { ElementKey } from "../../../wire/path/keys.ts";
import type { Store } from "../../core/store.ts";
import { PatternPlaces } from "../wildcard.ts";
import { type AclLetter, letterBits } from "./letters.ts";
import { digestOf } from "./digest.ts";
import { type Rule, unruledBits } from "./rule.ts";
import { type ReadRules, readRules, rereadRules } from "./rule_reading.ts";
import { Spot } from "./spot.ts";

/** So many rules are read one by one; then all are, because removed ones leave places behind. */
const rereadMax = 5000;

/** More that change at once are read with all others: that is faster. */
const patternsMax = 32;

/** Why something is not allowed. */
export interface Denial {
  /** What decides; undefined: no rule fits. */
  readonly rule: Rule | undefined;
  /** What it lacks. */
  readonly letter: AclLetter;
}

/** What a write depends on, beside the rules. */
export interface WritePlace {
  /** Whether there is a value now. */
  readonly hasValue: boolean;
  /** Whether there is anything at or below the first `levels` elements of the path. */
  exists(levels: number): boolean;
}

/** See the module. */
export class RuleBook {
  /** The rules' word on the root of the tree. */
  readonly top: Spot;
  /** When the first of its rules ends, in ms since 1970. */
  readonly untilMs: number;
  readonly #read: ReadRules;
  #digest: number[] | undefined;

  /** @param age How many of its rules were read since all of them were */
  private constructor(read: ReadRules, readonly age: number) {
    this.#read = read;
    this.untilMs = read.timed.reduce((first, { untilMs }) => Math.min(first, untilMs), Infinity);
    this.top = new Spot(PatternPlaces.at(read.rules), undefined);
  }

  /** The rules of an ACL. @param nowMs The time, in ms since 1970 */
  static read(store: Store, name: string, nowMs: number): RuleBook {
    return new RuleBook(readRules(store, name, nowMs), 0);
  }

  /** The book after some of its rules have changed. */
  after(store: Store, patterns: readonly (readonly ElementKey[])[], nowMs: number): RuleBook {
    const age = this.age + patterns.length;
    if (age > rereadMax || patterns.length > patternsMax) {
      return RuleBook.read(store, this.#read.rules.key as string, nowMs);
    }
    return new RuleBook(rereadRules(store, this.#read, patterns, nowMs), age);
  }

  /** The patterns of the rules that end up to a moment. */
  ending(ms: number): (readonly ElementKey[])[] {
    return this.#read.timed.filter(({ untilMs }) => untilMs <= ms).map(({ pattern }) => pattern);
  }

  /** Stands for the heads of all rules, at every server alike. */
  get digest(): number[] {
    return this.#digest ??= digestOf(this.#read.rules);
  }

  /** Why a letter is not granted at `keys[0 … count)`; undefined: it is. */
  denial(letter: AclLetter, keys: readonly ElementKey[], count: number): Denial | undefined {
    if (count === 0) return deny(this.top.rule, letter);
    // The internal tree is closed to whoever is bound.
    if (keys[0] === null) return { rule: undefined, letter };
    const above = this.spot(keys, count - 1);
    if (above.barrier !== undefined) return { rule: above.barrier, letter: "x" };
    return deny(above.ruleBelow(keys[count - 1]), letter);
  }

  /** Why a value may not be set, or taken away, at `keys[0 … count)`; undefined: it may. */
  writeDenial(keys: readonly ElementKey[], count: number, place: WritePlace): Denial | undefined {
    if (keys[0] === null && count > 0) return { rule: undefined, letter: "w" };
    let spot = this.top;
    for (let i = 0; i < count; i++) {
      const way = spot.bits & unruledBits;
      if (way !== unruledBits) {
        const needed = way === 0 || place.exists(i + 1) ? "x" : "n";
        if ((way & letterBits[needed]) === 0) return { rule: spot.rule, letter: needed };
      }
      if (i < count - 1) spot = spot.below(keys[i]);
    }
    const rule = count === 0 ? this.top.rule : spot.ruleBelow(keys[count - 1]);
    const bits = rule?.bits ?? 0;
    // Who may do neither does not learn whether there is a value.
    const isBlind = (bits & (letterBits.w | letterBits.c)) === 0;
    const letter = isBlind || place.hasValue ? "w" : "c";
    return (bits & letterBits[letter]) === 0 ? { rule, letter } : undefined;
  }

  /**
   * Whether whoever lists what is below the first `start` keys sees the value at `keys[0 … count)`: he may list every place
   * in between, and read this one.
   */
  sees(keys: readonly ElementKey[], start: number, count: number): boolean {
    if (count === 0) return (this.top.bits & letterBits.r) !== 0;
    if (keys[0] === null) return false;
    let spot = this.top;
    for (let i = 0; i < count; i++) {
      if (i >= start && (spot.bits & letterBits.e) === 0) return false;
      if (i < count - 1) spot = spot.below(keys[i]);
    }
    return spot.barrier === undefined && (spot.bitsBelow(keys[count - 1]) & letterBits.r) !== 0;
  }

  /** The rules' word on `keys[0 … count)`. */
  spot(keys: readonly ElementKey[], count: number): Spot {
    let spot = this.top;
    for (let i = 0; i < count; i++) spot = spot.below(keys[i]);
    return spot;
  }
}

function deny(rule: Rule | undefined, letter: AclLetter): Denial | undefined {
  const bits = rule === undefined ? unruledBits : rule.bits;
  return (bits & letterBits[letter]) === 0 ? { rule, letter } : undefined;
}
