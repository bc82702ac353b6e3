/**
 * Divides the time that streams take: long answers are sent in slices, so that no reply waits long behind them, however
 * many connections fetch whole trees.
 *
 * @module
 */

/** Time for streams, before everybody else has a turn. */
const sliceMs = 2;

/** A connection whose streams want steps. */
export interface Sliced {
  /** Gives each of its streams one step and returns whether they want more. */
  step(): boolean;
  /** Hands over what the steps produced. */
  flush(): void;
}

/** Gives connections steps in their order. */
export class Slicer {
  readonly #waiting = new Set<Sliced>();
  #isScheduled = false;

  /** @param isFree Whether steps may be taken now: not in the middle of a turn, whose changes are not logged yet */
  constructor(readonly isFree: () => boolean, readonly now: () => number = () => performance.now()) {}

  /** Puts a connection in the queue. Its first step comes with the next {@linkcode Slicer.run}. */
  add(member: Sliced): void {
    this.#waiting.add(member);
  }

  /** Forgets a connection. */
  remove(member: Sliced): void {
    this.#waiting.delete(member);
  }

  /** Makes sure that somebody calls {@linkcode Slicer.run}. */
  schedule(): void {
    if (this.#isScheduled || this.#waiting.size === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      // Otherwise the end of the turn runs it.
      if (this.isFree()) this.run();
    });
  }

  /** Gives steps until the time is up. */
  run(): void {
    if (this.#waiting.size === 0) return;
    const until = this.now() + sliceMs;
    for (const member of this.#waiting) {
      this.#waiting.delete(member);
      if (member.step()) this.#waiting.add(member);
      member.flush();
      if (this.now() >= until) break;
    }
    this.schedule();
  }
}
