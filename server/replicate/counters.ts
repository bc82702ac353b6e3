/**
 * What a replicator has done, for `status`.
 *
 * @module
 */

import type { OutboxCounters } from "./outbox.ts";
import type { Rooms } from "./rooms.ts";

/** What was done so far. */
export interface ReplicatorCounters {
  readonly sent: Readonly<OutboxCounters>;
  /** Messages and events that were malformed or unbelievable. */
  readonly refused: number;
  readonly merged: number;
  readonly applied: number;
  /** Ticks asked for; events sent again, and claims. */
  readonly wanted: number;
  readonly resent: number;
  readonly claims: number;
  /** Times that a peer had the same ticks and another tree. */
  readonly alarms: number;
  readonly purged: number;
}

/** The counters of a replicator's parts. */
export function countersOf({ outbox, inbox, gaps, answers, suspicion, tombstones }: Rooms): ReplicatorCounters {
  return {
    sent: outbox.counters,
    refused: inbox.refused,
    merged: inbox.merged,
    applied: inbox.applied,
    wanted: gaps.wanted,
    resent: answers.events,
    claims: answers.claims,
    alarms: suspicion.alarms,
    purged: tombstones.purged,
  };
}
