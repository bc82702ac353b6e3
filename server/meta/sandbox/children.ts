/**
 * Where children come from. A spare one waits, because to start one takes longer than anybody wants to wait.
 *
 * @module
 */

import { Child, type ChildSettings } from "./child_process.ts";

/** So many starts in a row, … */
const startsMax = 5;
/** … then one in this time. A program that kills its child each time it is stored anew must not keep a processor busy. */
const startEveryMs = 500;

/** Starts children, and keeps a spare one. */
export class Children {
  readonly #settings: ChildSettings;
  #spare: Child | undefined;
  #starts = startsMax;
  #countedAt = 0;

  /** None yet. */
  constructor(settings: ChildSettings) {
    this.#settings = settings;
  }

  /** When the next one may be had, in milliseconds from now: 0 if at once. */
  get waitMs(): number {
    if (this.#spare?.isReady && !this.#spare.hasEnded) return 0;
    const now = performance.now();
    this.#starts = Math.min(startsMax, this.#starts + (now - this.#countedAt) / startEveryMs);
    this.#countedAt = now;
    return this.#starts >= 1 ? 0 : Math.ceil((1 - this.#starts) * startEveryMs);
  }

  /**
   * The spare one, or a new one.
   * @throws {Error} If it cannot be started
   */
  take(): Child {
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare && !spare.hasEnded) return spare;
    return this.#start(false);
  }

  /** Starts a spare one, if there is none and it is time. Returns whether there is one now. */
  prepare(): boolean {
    if (this.#spare && !this.#spare.hasEnded) return true;
    if (this.waitMs > 0) return false;
    try {
      this.#spare = this.#start(true);
      return true;
    } catch {
      return false;
    }
  }

  #start(isSpare: boolean): Child {
    this.#starts--;
    return new Child({ ...this.#settings, isSpare });
  }

  /** Ends the spare one. */
  async close(): Promise<void> {
    const spare = this.#spare;
    this.#spare = undefined;
    await spare?.close();
  }
}
