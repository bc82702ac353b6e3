/**
 * Everything since the last commit: the effects, and how to take them back.
 *
 * @module
 */

import { Change, type Effect } from "./effect.ts";

/** One way back: a change is reversed from its own fields, anything else by a function. */
type Undo = Change | (() => void);

/** The effects since the last commit, and their undoing. */
export class Turn {
  effects: Effect[] = [];
  readonly #undo: Undo[] = [];
  #atCommit: (() => void)[] = [];

  /** Notes a change. */
  change(change: Change): void {
    this.effects.push(change);
    this.#undo.push(change);
  }

  /** Notes an effect, and how to take it back. */
  note(effect: Effect, undo?: () => void): void {
    this.effects.push(effect);
    if (undo !== undefined) this.#undo.push(undo);
  }

  /** Notes how to take something back that is no effect. */
  undo(step: () => void): void {
    this.#undo.push(step);
  }

  /** Puts something off until the turn is final. */
  atCommit(step: () => void): void {
    this.#atCommit.push(step);
  }

  /** Ends the turn; returns its effects. `release` is told each value that nobody refers to any more. */
  commit(release: (value: number) => void): Effect[] {
    const { effects } = this;
    this.effects = [];
    this.#undo.length = 0;
    for (const effect of effects) {
      if (effect instanceof Change && effect.oldValue !== effect.value) release(effect.oldValue);
    }
    const steps = this.#atCommit;
    if (steps.length > 0) {
      this.#atCommit = [];
      for (const step of steps) step();
    }
    return effects;
  }

  /** Takes everything back, last step first. `reverse` puts an entry's former version back. */
  rollback(reverse: (change: Change) => void): void {
    this.effects = [];
    this.#atCommit = [];
    for (let step = this.#undo.pop(); step !== undefined; step = this.#undo.pop()) {
      if (step instanceof Change) reverse(step);
      else step();
    }
  }
}
