/**
 * What happened, a line per event per node, for people who have to understand a failing run.
 *
 * ```text
 *   3.204 B   update ← A: a.b = 3 [A7 B2]@19
 *   3.204 B   logs a.b
 * ```
 *
 * @module
 */

import type { Timeline } from "./timeline.ts";

/** See the module. Lines are only made if somebody wants them. */
export class Trace {
  readonly lines: string[] = [];

  /** @param timeline For the time @param isOn Whether lines are kept */
  constructor(private readonly timeline: Timeline, readonly isOn: boolean) {}

  /** Adds a line. */
  add(who: string, text: () => string): void {
    if (!this.isOn) return;
    const seconds = (this.timeline.nowMs / 1000).toFixed(3).padStart(9);
    this.lines.push(`${seconds} ${who.padEnd(4)} ${text()}`);
  }
}
