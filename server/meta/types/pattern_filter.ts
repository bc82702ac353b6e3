/**
 * Tells in an instant of most paths that no pattern fits them, by their first and last element. What passes may still fit
 * none: then the matcher says so.
 *
 * @module
 */

import type { ElementKey } from "../../../wire/path/keys.ts";
import type { Entry } from "../../core/entry.ts";
import { Walk } from "../../core/walk.ts";

/** Stands for any element. */
const any = Symbol("any");
type End = ElementKey | typeof any;

/** Knows how the patterns below an entry begin and end. */
export class PatternFilter {
  /** First element → last elements. */
  readonly #lastByFirst = new Map<End, Set<End>>();
  #ofAny: Set<End> | undefined;

  /** @param top Where the patterns begin */
  constructor(top: Entry) {
    const keys: ElementKey[] = [];
    const walk = new Walk(top, { empty: true });
    for (let entry = walk.next(); entry !== undefined; entry = walk.next()) {
      if (walk.depth === 0) continue;
      keys[walk.depth - 1] = entry.key;
      if (entry.hasValue) this.#add(endOf(keys[0]), endOf(entry.key));
    }
    this.#ofAny = this.#lastByFirst.get(any);
  }

  #add(first: End, last: End): void {
    const lasts = this.#lastByFirst.get(first);
    if (lasts === undefined) this.#lastByFirst.set(first, new Set([last]));
    else lasts.add(last);
  }

  /** Whether there are no patterns. */
  get isEmpty(): boolean {
    return this.#lastByFirst.size === 0;
  }

  /** Whether a pattern may fit `keys[0 … count)`. */
  mayFit(keys: readonly ElementKey[], count: number): boolean {
    if (count === 0) return false;
    const last = keys[count - 1];
    const ofFirst = this.#lastByFirst.get(keys[0]);
    if (ofFirst !== undefined && (ofFirst.has(last) || ofFirst.has(any))) return true;
    const ofAny = this.#ofAny;
    return ofAny !== undefined && (ofAny.has(last) || ofAny.has(any));
  }
}

function endOf(key: ElementKey): End {
  return key === "+" || key === "#" ? any : key;
}
