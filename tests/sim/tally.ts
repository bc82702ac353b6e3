/**
 * What many runs came to, as plain data that workers can send.
 *
 * @module
 */

import { Coverage, type Meetings } from "./coverage.ts";
import type { Law } from "./failure.ts";
import type { Outcome } from "./run.ts";

/** What one run came to. */
export interface Result {
  readonly seed: number;
  /** Which law was broken, and what was seen. */
  readonly violation: { readonly law: Law; readonly message: string } | undefined;
  readonly events: number;
  readonly acknowledged: number;
  readonly convergedMs: number;
  readonly meetings: Meetings;
}

/** What a run came to. */
export function resultOf(seed: number, { world, violation, convergedMs }: Outcome): Result {
  return {
    seed,
    violation: violation && { law: violation.law, message: violation.message },
    events: world.timeline.events,
    acknowledged: world.ghost.acknowledged,
    convergedMs,
    meetings: world.coverage.meetings,
  };
}

/** Sums of results. */
export class Tally {
  seeds = 0;
  failed = 0;
  events = 0;
  acknowledged = 0;
  /** How long the slowest healed network took to agree. */
  slowestMs = 0;
  readonly coverage: Coverage = new Coverage();

  /** Adds one. */
  add({ violation, events, acknowledged, convergedMs, meetings }: Result): void {
    this.seeds++;
    if (violation !== undefined) this.failed++;
    this.events += events;
    this.acknowledged += acknowledged;
    if (convergedMs > this.slowestMs) this.slowestMs = convergedMs;
    this.coverage.add(meetings);
  }

  /** In one line. */
  toString(): string {
    const { seeds, failed, events, acknowledged, slowestMs } = this;
    return `${seeds} seeds, ${failed} failed, ${events} events, ${acknowledged} acknowledged writes, ` +
      `agreed within ${slowestMs / 1000} s of virtual time`;
  }
}
