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
  /** Whether originals took part, and what they show at the end that ours do not. */
  readonly isMixed: boolean;
  readonly disagreement: string | undefined;
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
    isMixed: world.isMixed,
    disagreement: world.disagreement,
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
  /** Networks with originals, and those in which an original ended with another value. */
  mixed = 0;
  disagreed = 0;
  /** How long the slowest healed network took to agree. */
  slowestMs = 0;
  readonly coverage: Coverage = new Coverage();

  /** Adds one. */
  add({ violation, isMixed, disagreement, events, acknowledged, convergedMs, meetings }: Result): void {
    this.seeds++;
    if (isMixed) this.mixed++;
    if (disagreement !== undefined) this.disagreed++;
    if (violation !== undefined) this.failed++;
    this.events += events;
    this.acknowledged += acknowledged;
    if (!isMixed && convergedMs > this.slowestMs) this.slowestMs = convergedMs;
    this.coverage.add(meetings);
  }

  /** In one line. */
  toString(): string {
    const { seeds, failed, events, acknowledged, slowestMs, mixed, disagreed } = this;
    return `${seeds} seeds, ${failed} failed, ${events} events, ${acknowledged} acknowledged writes, ` +
      `agreed within ${
        slowestMs / 1000
      } s of virtual time; ${mixed} with originals, which in ${disagreed} show something else`;
  }
}
