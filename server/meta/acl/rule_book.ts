/**
 * All rules of one ACL at one moment. A book never changes: when a rule changes there is a new one, so that what hangs on a
 * book (a cache, a running watch) can see the difference.
 *
 * @module
 */

import { Encoder } from "../../../wire/msgpack/encoder.ts";
import { type ElementKey, encodeArray } from "../../../wire/path/keys.ts";
import type { Entry } from "../../core/entry.ts";
import type { Store } from "../../core/store.ts";
import { Places } from "../wildcard.ts";
import { type AclLetter, letterBits } from "./letters.ts";
import { readRuleValue, Rule, unruledBits } from "./rule.ts";
import { Spot } from "./spot.ts";

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
  /** The rules themselves. */
  readonly rules: Rule;
  /** When the first of its rules ends, in ms since 1970. */
  untilMs: number = Infinity;
  readonly #ended: { readonly pattern: readonly ElementKey[]; readonly untilMs: number }[] = [];
  #a = 0;
  #b = 0;

  /** Reads the rules below `:n.acl.NAME`. @param nowMs The time, in ms since 1970 */
  constructor(store: Store, name: string, readonly nowMs: number) {
    this.rules = new Rule(undefined, name);
    const start = store.find([null, "acl", name], 3);
    if (start !== undefined) this.#read(store, start, this.rules, new Encoder(256));
    this.top = new Spot(Places.at(this.rules), undefined);
  }

  #read(store: Store, entry: Entry, rule: Rule, scratch: Encoder): void {
    if (entry.hasValue) {
      const value = readRuleValue(store.values.read(entry.value));
      if (value.untilMs <= this.nowMs) {
        this.#ended.push({ pattern: rule.keys.slice(1), untilMs: value.untilMs });
      } else {
        rule.set(value);
        this.untilMs = Math.min(this.untilMs, value.untilMs);
        this.#addHead(entry, rule, scratch);
      }
    }
    for (const child of entry.children ?? []) this.#read(store, child, rule.make(child.key), scratch);
  }

  /** The order of children differs between servers, so the parts of the digest are added up. */
  #addHead(entry: Entry, rule: Rule, scratch: Encoder): void {
    scratch.reset();
    encodeArray(scratch, rule.keys);
    scratch.str(entry.writer?.name ?? "");
    scratch.int(entry.tick);
    let a = 0x811c9dc5;
    let b = 0xcbf29ce4;
    for (const byte of scratch.view()) {
      a = Math.imul(a ^ byte, 0x01000193);
      b = Math.imul(b ^ byte ^ (a >>> 24), 0x01000193);
    }
    this.#a = this.#a + a | 0;
    this.#b = this.#b + b | 0;
  }

  /** The patterns of the rules that have ended since then. */
  endedSince(ms: number): (readonly ElementKey[])[] {
    return this.#ended.filter(({ untilMs }) => untilMs > ms).map(({ pattern }) => pattern);
  }

  /** Stands for the heads of all rules, at every server alike. */
  get digest(): number[] {
    return [this.#a >>> 0, this.#b >>> 0];
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
