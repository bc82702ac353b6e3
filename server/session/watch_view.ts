/**
 * What of a watch its client may see, while the rules may change.
 *
 * | rules change, and the watch | then |
 * | --- | --- |
 * | wanted tokens | it begins anew (`resync`), so that its client also forgets what it may not see any more |
 * | fetched what was there | what has become readable is sent, deletions too; what has become unreadable stays away without a word |
 * | did neither | only what changes from now on is seen by the new rules |
 *
 * Rules that do not concern the watched subtree change nothing.
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";
import type { ValueArena } from "../core/values.ts";
import type { Rights, RightsListener, RuleBook } from "../meta/acl/rights.ts";
import { Sight } from "../meta/acl/sight.ts";
import { isBetrayal } from "../meta/acl/subject.ts";

/** See the module. */
export class WatchView {
  readonly #rights: Rights;
  readonly #keys: readonly ElementKey[];
  readonly #values: ValueArena;
  readonly #close: () => void;

  /** @param keys What is watched @param onChange Hears that the rules below it are others now */
  constructor(rights: Rights, keys: readonly ElementKey[], values: ValueArena, onChange: (before: RuleBook) => void) {
    this.#rights = rights;
    this.#keys = keys;
    this.#values = values;
    const listener: RightsListener = (before, changed) => {
      if (changed.some((pattern) => mayConcern(pattern, keys))) onChange(before);
    };
    this.#close = rights.onChange(listener);
  }

  /** Stands for the rules. */
  get digest(): number[] {
    return this.#rights.book.digest;
  }

  /** Whether the value at `keys[0 … count)`, from the root of the tree, may be seen. */
  sees(keys: readonly ElementKey[], count: number, value: number): boolean {
    const { book } = this.#rights;
    return book.sees(keys, this.#keys.length, count) && !isBetrayal(book, keys, count, this.#values, value);
  }

  /** The same for keys below what is watched. */
  seesBelow(keys: readonly ElementKey[], value: number): boolean {
    const whole = [...this.#keys, ...keys];
    return this.sees(whole, whole.length, value);
  }

  /** What a walk over the subtree may see. */
  sight(): Sight {
    return new Sight(this.#rights, this.#keys, this.#keys.length, this.#values);
  }

  /** Hears no more. */
  close(): void {
    this.#close();
  }
}

/** Whether a rule of that pattern says anything of the path, of what is below it, or of the way there. */
export function mayConcern(pattern: readonly ElementKey[], keys: readonly ElementKey[]): boolean {
  for (let i = 0; i < pattern.length && i < keys.length; i++) {
    if (pattern[i] === "#") return true;
    if (pattern[i] !== "+" && pattern[i] !== keys[i]) return false;
  }
  return true;
}
