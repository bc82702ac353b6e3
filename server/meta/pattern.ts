/**
 * One pattern that is not in the tree: which paths it fits, followed level by level.
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";
import { type PatternNode, PatternPlaces } from "./wildcard.ts";

/** A pattern as a tree with one branch; places are told apart by identity, so each is made once. */
class Step implements PatternNode<Step> {
  #next: Step | undefined;
  constructor(readonly keys: readonly ElementKey[], readonly at: number) {}

  get hasValue(): boolean {
    return this.at === this.keys.length;
  }

  child(key: ElementKey): Step | undefined {
    if (this.at === this.keys.length || key !== this.keys[this.at]) return undefined;
    return this.#next ??= new Step(this.keys, this.at + 1);
  }
}

/** Follows paths through one pattern. */
export class PatternWalk {
  readonly #levels: (PatternPlaces<Step> | undefined)[];

  constructor(readonly pattern: readonly ElementKey[]) {
    this.#levels = [PatternPlaces.at(new Step(pattern, 0))];
  }

  /** How many of the first elements are names. */
  get literals(): number {
    const first = this.pattern.findIndex((key) => key === "+" || key === "#");
    return first < 0 ? this.pattern.length : first;
  }

  /** Goes to an element at `depth` (1 is the first); those before it are known. Returns whether anything below can fit. */
  step(depth: number, key: ElementKey): boolean {
    const places = this.#levels[depth - 1]?.step(key);
    this.#levels[depth] = places?.isEmpty ? undefined : places;
    return this.#levels[depth] !== undefined;
  }

  /** Whether the path up to `depth` fits. */
  fits(depth: number): boolean {
    return this.#levels[depth]?.best() !== undefined;
  }
}
