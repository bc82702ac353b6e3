/**
 * Notices that the child makes no progress.
 *
 * The deadline is wall-clock, but a child that did not get a processor is no culprit: where the system tells what a
 * process has computed, it must have computed most of the second half of its deadline. Nor is it one while this process
 * itself is late: the answer may be there and wait to be read.
 *
 * @module
 */

/** After the deadline, it is looked at again and again, each time after a quarter of it; … */
const looksPerDeadline = 4;
/** … but so often at most, however little it got of the processor. */
const looksMax = 20 * looksPerDeadline;

/** A look that comes later than this after it was due says that this process was busy. */
const lateMs = 5;

/** Of the deadline, what it has computed in its second half, at least, if it was always running. */
const busyShare = 0.4;

/** Waits for progress. */
export class Watchdog {
  readonly #overdue: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pid = 0;
  /** 0: there is nothing to wait for. */
  #limitMs = 0;
  #progressAt = 0;
  /** What the child had computed at half the deadline, and how often it was looked at after its end. */
  #seen: { readonly of: number; readonly ms: number | undefined; looks: number } = { of: 0, ms: undefined, looks: 0 };

  /**
   * A watchdog that watches nothing.
   * @param overdue Called when the child is overdue
   */
  constructor(overdue: () => void) {
    this.#overdue = overdue;
  }

  /** The child made progress; what it does now may take `limitMs`. */
  progress(pid: number, limitMs: number): void {
    this.#progressAt = performance.now();
    this.#pid = pid;
    if (limitMs < this.#limitMs) this.#clear();
    this.#limitMs = limitMs;
    this.#timer ??= this.#lookIn(limitMs / 2);
  }

  /** There is nothing to wait for. */
  idle(): void {
    this.#limitMs = 0;
  }

  /** Ends it. */
  close(): void {
    this.idle();
    this.#clear();
  }

  #clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #lookIn(ms: number): ReturnType<typeof setTimeout> {
    const dueAt = performance.now() + ms;
    return setTimeout(() => this.#look(performance.now() - dueAt > lateMs), ms);
  }

  #look(isLate: boolean): void {
    this.#timer = undefined;
    const limit = this.#limitMs;
    if (limit === 0) return;
    const waited = performance.now() - this.#progressAt;
    if (waited < limit / 2) return void (this.#timer = this.#lookIn(limit / 2 - waited));
    const isNew = this.#seen.of !== this.#progressAt;
    if (isNew) this.#seen = { of: this.#progressAt, ms: computedMs(this.#pid), looks: 0 };
    if (waited < limit) this.#timer = this.#lookIn(limit - waited);
    else if (this.#isPatient(isNew || isLate, limit)) this.#timer = this.#lookIn(limit / looksPerDeadline);
    else this.#overdue();
  }

  /** Whether it is looked at again. `isUnsure`: there may be progress that was not told yet. */
  #isPatient(isUnsure: boolean, limit: number): boolean {
    if (++this.#seen.looks > looksMax) return false;
    return isUnsure || this.#isStarved(limit);
  }

  #isStarved(limit: number): boolean {
    const before = this.#seen.ms;
    const now = before === undefined ? undefined : computedMs(this.#pid);
    return before !== undefined && now !== undefined && now - before < busyShare * limit;
  }
}

/** What the main thread of a process has computed, where the system tells it. */
function computedMs(pid: number): number | undefined {
  try {
    const ns = Number(Deno.readTextFileSync(`/proc/${pid}/schedstat`).split(" ", 1)[0]);
    return ns > 0 ? ns / 1e6 : undefined;
  } catch {
    return undefined;
  }
}
