/**
 * How long to wait before the next attempt: twice as long each time, up to a limit, and never twice the same, so that
 * those who lost the same peer do not return all at once.
 *
 * @module
 */

/** Delays between attempts. */
export class Backoff {
  #attempts = 0;

  /**
   * @param firstMs The first delay, at most
   * @param maxMs No delay is longer
   * @param random 0 ≤ random() < 1
   */
  constructor(readonly firstMs: number, readonly maxMs: number, readonly random: () => number) {}

  /** The next delay, in milliseconds: the upper half of what the attempt allows. */
  next(): number {
    const limit = Math.min(this.maxMs, this.firstMs * 2 ** Math.min(this.#attempts++, 30));
    return limit * (0.5 + this.random() / 2);
  }

  /** An attempt succeeded. */
  reset(): void {
    this.#attempts = 0;
  }
}
