/**
 * What the speaker to the original's servers counts.
 *
 * @module
 */

import type { CompatRooms } from "./rooms.ts";

/** What was done so far. */
export interface CompatCounters {
  /** Messages on `update` and `info`, out and in. */
  readonly sent: number;
  readonly received: number;
  /** Events left to be asked for, because too many waited. */
  readonly dropped: number;
  /** Events that would have killed an original. */
  readonly withheld: number;
  /** Winners written again; resets of originals noticed. */
  readonly assertions: number;
  readonly resets: number;
  /** Events sent again, because an original does not show them. */
  readonly shown: number;
}

/** Reads them. */
export function countersOf({ outbox, reception, assertions, resets, audit }: CompatRooms): CompatCounters {
  const { sent, dropped, withheld } = outbox.counters;
  const { count: received } = reception;
  return { sent, received, dropped, withheld, assertions: assertions.count, resets: resets.count, shown: audit.count };
}
