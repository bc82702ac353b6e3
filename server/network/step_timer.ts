/**
 * Gives step machines their clock: calls `time()` when it is due.
 *
 * @module
 */

/** A step machine. */
export interface StepMachine {
  /** When `time()` has to be called; Infinity: never. */
  readonly dueMs: number;
  time(): void;
}

/** Timers beyond this are armed anew when they ring. */
const sleepMsMax = 60_000;

/** See the module. */
export class StepTimer implements Disposable {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #armedAtMs = Infinity;
  #isStopped = false;

  /** @param machine Made later is fine: it is asked for when needed @param defect Hears of its errors */
  constructor(private readonly machine: () => StepMachine, private readonly defect: (error: unknown) => void) {}

  /** Looks when the machine is due; to be called whenever that may have become earlier. */
  arm(): void {
    const atMs = this.machine().dueMs;
    if (this.#isStopped || atMs >= this.#armedAtMs) return;
    clearTimeout(this.#timer);
    this.#armedAtMs = atMs;
    const waitMs = Math.min(atMs - performance.now(), sleepMsMax);
    this.#timer = setTimeout(this.#ring, Math.max(0, Math.ceil(waitMs)));
  }

  readonly #ring = (): void => {
    this.#armedAtMs = Infinity;
    try {
      if (performance.now() >= this.machine().dueMs) this.machine().time();
    } catch (error) {
      this.defect(error);
    }
    this.arm();
  };

  /** Stops it for good. */
  [Symbol.dispose](): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }
}
