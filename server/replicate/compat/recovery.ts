/**
 * Recovery after a split, in the original's four steps. Each member of either side that is in its side's history takes
 * part, later the farther behind it stands, and leaves out what another of its side has done.
 *
 * With cycle C and q = 1 − 2^−prio:
 *
 * | step | when | what |
 * | --- | --- | --- |
 * | 0 | at the meeting | the election's `hist` |
 * | 1 | after C·q | `info.ticks` |
 * | 2 | and C·(1 + q)/2 | `info.missing`, even if nothing is |
 * | 3 | and C·q | the answers to what is missing elsewhere |
 *
 * Source: `spec/server-protocol.md` 6.
 *
 * @module
 */

/** One recovery. */
interface Run {
  readonly prio: number;
  /** The own side's names that are not on the other. */
  readonly local: Set<string>;
  step: 1 | 2 | 3;
  atMs: number;
  /** Whether another of the own side has done the present step. */
  isDone: boolean;
}

/** What happens in the steps. */
export interface RecoverySteps {
  ticks(): void;
  missing(): void;
  answer(prio: number): void;
}

/** All recoveries under way. */
export class Recoveries {
  #runs: Run[] = [];

  /** @param cycleMs The cycle of the servers' election, as configured @param steps What to do */
  constructor(private readonly cycleMs: number, private readonly steps: RecoverySteps) {}

  /** When the next step is due. */
  get wakeAtMs(): number {
    return this.#runs.reduce((at, run) => Math.min(at, run.isDone ? -Infinity : run.atMs), Infinity);
  }

  /** Whether one is under way. */
  get isRunning(): boolean {
    return this.#runs.length > 0;
  }

  /** Two sides met. */
  begin(nowMs: number, prio: number, local: readonly string[], remote: readonly string[]): void {
    const isLocal = (name: string) => this.#runs.some((run) => run.local.has(name));
    if (remote.every(isLocal)) return;
    const names = new Set(local.filter((name) => !remote.includes(name)));
    for (const run of this.#runs) for (const name of names) run.local.delete(name);
    this.#runs = this.#runs.filter((run) => run.local.size > 0);
    this.#runs.push({ prio, local: names, step: 1, atMs: nowMs + this.cycleMs * lateness(prio), isDone: false });
  }

  /** Another server has done this. */
  heard(node: string, step: 1 | 2): void {
    for (const run of this.#runs) if (run.step === step && run.local.has(node)) run.isDone = true;
  }

  /** Does what is due. */
  time(nowMs: number): void {
    for (const run of [...this.#runs]) {
      // A step that another has done is over at once, as in the original.
      while (this.#runs.includes(run) && (run.atMs <= nowMs || run.isDone)) this.#advance(run, nowMs);
    }
  }

  #advance(run: Run, nowMs: number): void {
    const { prio, step, isDone } = run;
    run.isDone = false;
    if (step === 3) {
      this.#runs = this.#runs.filter((each) => each !== run);
      return this.steps.answer(prio);
    }
    if (!isDone && step === 1) this.steps.ticks();
    if (!isDone && step === 2) this.steps.missing();
    run.step = step === 1 ? 2 : 3;
    run.atMs = nowMs + this.cycleMs * (step === 1 ? (1 + lateness(prio)) / 2 : lateness(prio));
  }
}

/** How long the member at a place of the history waits, in cycles: 0, ½, ¾, … */
function lateness(prio: number): number {
  return 1 - 2 ** -prio;
}
