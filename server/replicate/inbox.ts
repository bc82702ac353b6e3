/**
 * Takes events from elsewhere into the store, a message at a time; what is malformed harms only itself.
 *
 * @module
 */

import type { Incoming } from "../core/incoming.ts";
import type { MergeResult } from "../core/store.ts";
import type { ReplicatorParts } from "./parts.ts";

/** Refusals are reported at most so often. */
const reportEveryMs = 60_000;

/** See the module. */
export class Inbox {
  /** Messages and events that were refused. */
  refused = 0;
  /** Events that were merged, and how many of them were new. */
  merged = 0;
  applied = 0;
  #reportAtMs = -Infinity;
  #unreported = 0;

  constructor(private readonly parts: ReplicatorParts) {}

  /** Merges events; to be called within a turn. */
  merge(events: readonly Incoming[], from: string): MergeResult[] {
    const { store } = this.parts;
    const results: MergeResult[] = [];
    for (const event of events) {
      const result = store.merge(event);
      if (result.outcome === "refused") this.refuse(result.reason ?? "", from);
      else this.merged++;
      if (result.outcome === "applied") this.applied++;
      results.push(result);
    }
    store.settleClaims();
    return results;
  }

  /** Counts a refusal; reports the first, and then one a minute. */
  refuse(reason: string, from: string): void {
    this.refused++;
    this.#unreported++;
    const nowMs = this.parts.nowMs();
    if (nowMs < this.#reportAtMs) return;
    this.#reportAtMs = nowMs + reportEveryMs;
    const more = this.#unreported > 1 ? ` (and ${this.#unreported - 1} more since the last report)` : "";
    this.parts.report(`Refused what ${from} sent: ${reason}${more}`);
    this.#unreported = 0;
  }
}
