/**
 * Tells in an instant of most paths that no pattern fits them, by their first and last element. What passes may still fit
 * none: then the matcher says so.
 *
 * @module
 */

import type { ElementKey } from "../../../wire/path/keys.ts";
import type { Entry } from "../../core/entry.ts";
import { Walk } from "../../core/walk.ts";

/** How the patterns with one beginning end. */
class Ends {
  readonly keys = new Set<ElementKey>();
  /** Whether one of them ends with a wildcard. */
  hasAny = false;

  add(key: ElementKey): void {
    if (isWild(key)) this.hasAny = true;
    else this.keys.add(key);
  }

  has(key: ElementKey): boolean {
    return this.hasAny || this.keys.has(key);
  }
}

/** Knows how the patterns below an entry begin and end. */
export class PatternFilter {
  readonly #byFirst = new Map<ElementKey, Ends>();
  /** Of those that begin with a wildcard. */
  #wild: Ends | undefined;
  /** What was looked for last: writes come in flocks. */
  #first: ElementKey | undefined;
  #ofFirst: Ends | undefined;

  /** @param top Where the patterns begin */
  constructor(top: Entry) {
    const keys: ElementKey[] = [];
    const walk = new Walk(top, { empty: true });
    for (let entry = walk.next(); entry !== undefined; entry = walk.next()) {
      if (walk.depth === 0) continue;
      keys[walk.depth - 1] = entry.key;
      if (entry.hasValue) this.#endsOf(keys[0]).add(entry.key);
    }
  }

  #endsOf(first: ElementKey): Ends {
    if (isWild(first)) return this.#wild ??= new Ends();
    let ends = this.#byFirst.get(first);
    if (ends === undefined) this.#byFirst.set(first, ends = new Ends());
    return ends;
  }

  /** Whether there are no patterns. */
  get isEmpty(): boolean {
    return this.#byFirst.size === 0 && this.#wild === undefined;
  }

  /** Whether a pattern may fit `keys[0 … count)`. */
  mayFit(keys: readonly ElementKey[], count: number): boolean {
    if (count === 0) return false;
    const first = keys[0];
    if (first !== this.#first) {
      this.#first = first;
      this.#ofFirst = this.#byFirst.get(first);
    }
    const last = keys[count - 1];
    return (this.#ofFirst !== undefined && this.#ofFirst.has(last)) ||
      (this.#wild !== undefined && this.#wild.has(last));
  }
}

function isWild(key: ElementKey): boolean {
  return key === "+" || key === "#";
}
