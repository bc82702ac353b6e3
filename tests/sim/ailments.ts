/**
 * The faults that a node suffers from: whatever it does within their time counts as done under them.
 *
 * @module
 */

import type { Fault } from "./coverage.ts";
import type { Timeline } from "./timeline.ts";

/** How long one lasts, if nobody says so. */
const usualMs = 30_000;

/** See the module. */
export class Ailments {
  readonly #untilMs = new Map<Fault, number>();

  constructor(private readonly timeline: Timeline) {}

  /** From now on, and for a while. */
  add(fault: Fault, ms: number = usualMs): void {
    this.#untilMs.set(fault, this.timeline.nowMs + ms);
  }

  /** Those of the present. */
  *[Symbol.iterator](): Iterator<Fault> {
    for (const [fault, untilMs] of this.#untilMs) if (untilMs > this.timeline.nowMs) yield fault;
  }
}
