/**
 * Notices that the child makes no progress.
 *
 * @module
 */

/** A child that gets no processor is no culprit: it is given this many deadlines. */
const starvedDeadlinesMax = 20;

/** Of the deadline, what it must have computed at least to be a culprit. */
const busyShare = 0.5;

/** Waits for progress. */
export class Watchdog {
  readonly #overdue: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #progressAt = 0;
  #limitMs = 0;
  #pid = 0;
  /** What the child had computed when it last was looked at, and when that was. */
  #cpu: { readonly ms: number | undefined; readonly at: number } = { ms: undefined, at: 0 };

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
    if (limitMs < this.#limitMs && this.#timer !== undefined) this.#clear();
    this.#limitMs = limitMs;
    this.#timer ??= this.#later(limitMs / 2);
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

  #later(ms: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.#look(), ms);
  }

  #look(): void {
    this.#timer = undefined;
    if (this.#limitMs === 0) return;
    const waited = performance.now() - this.#progressAt;
    if (waited < this.#limitMs / 2) return void (this.#timer = this.#later(this.#limitMs / 2 - waited));
    const isFirstLook = this.#cpu.at < this.#progressAt;
    const computed = this.#computedMs();
    if (waited < this.#limitMs) return void (this.#timer = this.#later(this.#limitMs - waited));
    if (isFirstLook || this.#isStarved(computed, waited)) this.#timer = this.#later(this.#limitMs / 2);
    else this.#overdue();
  }

  /** What it computed since it was last looked at, of what was possible. */
  #computedMs(): number | undefined {
    const ms = cpuMs(this.#pid);
    const before = this.#cpu;
    const at = performance.now();
    this.#cpu = { ms, at };
    return ms === undefined || before.ms === undefined ? undefined : (ms - before.ms) / Math.max(1, at - before.at);
  }

  #isStarved(computed: number | undefined, waited: number): boolean {
    return computed !== undefined && computed < busyShare && waited < starvedDeadlinesMax * this.#limitMs;
  }
}

/** What the main thread of a process has computed, where the system tells it. */
function cpuMs(pid: number): number | undefined {
  try {
    const ns = Number(Deno.readTextFileSync(`/proc/${pid}/schedstat`).split(" ", 1)[0]);
    return ns > 0 ? ns / 1e6 : undefined;
  } catch {
    return undefined;
  }
}
