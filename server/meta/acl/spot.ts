/**
 * What the rules say of one path. Spots are made as paths are asked for, and kept; a path costs one look-up per level.
 *
 * @module
 */

import type { ElementKey } from "../../../wire/path/keys.ts";
import type { PatternPlaces } from "../wildcard.ts";
import { letterBits } from "./letters.ts";
import { type Rule, unruledBits } from "./rule.ts";

/** Spots that are kept, of one set of rules. */
const spotsMax = 20_000;

/** The rules' word on one path, and on those below. */
export class Spot {
  /** What decides here; undefined: no rule fits. */
  readonly rule: Rule | undefined;
  /** The first rule on the way, here included, that lets nobody pass. */
  readonly barrier: Rule | undefined;
  readonly #places: PatternPlaces<Rule>;
  readonly #below = new Map<ElementKey, Spot>();
  readonly #top: Spot;
  /** Of the top: how many spots there are. */
  #count = 1;

  /** @param above Undefined for the root of the tree */
  constructor(places: PatternPlaces<Rule>, above: Spot | undefined) {
    this.#places = places;
    this.#top = above === undefined ? this : above.#top;
    this.rule = places.best();
    this.barrier = above?.barrier ?? (this.bits & letterBits.x ? undefined : this.rule);
  }

  /** The letters here, whatever stands in the way. */
  get bits(): number {
    return this.rule === undefined ? unruledBits : this.rule.bits;
  }

  /** The spot below. */
  below(key: ElementKey): Spot {
    return this.#below.get(key) ?? this.#make(key);
  }

  #make(key: ElementKey): Spot {
    const spot = new Spot(this.#places.step(key), this);
    const top = this.#top;
    if (++top.#count > spotsMax) {
      top.#below.clear();
      top.#count = 1;
    } else {
      this.#below.set(key, spot);
    }
    return spot;
  }

  /** All rules that fit, the one that decides first. */
  get fitting(): Rule[] {
    return this.#places.all();
  }

  /** What decides below, without making a spot: for leaves, which are many. */
  ruleBelow(key: ElementKey): Rule | undefined {
    return this.#places.bestBelow(key);
  }

  /** The letters below. */
  bitsBelow(key: ElementKey): number {
    const rule = this.#places.bestBelow(key);
    return rule === undefined ? unruledBits : rule.bits;
  }
}
