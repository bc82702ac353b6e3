/**
 * Asks originals now and then what they have, while deletions wait to be forgotten: they are members, too, and nothing is
 * purged before every member has the deletion (DESIGN 4.5).
 *
 * @module
 */

import type { Store } from "../../core/store.ts";
import type { OriginalAsker, OriginalState } from "./options.ts";

/** See the module. */
export class Statements {
  /** When to look. */
  dueMs: number;
  /** Originals that were asked and have not answered. */
  readonly #open = new Set<string>();

  /**
   * @param everyMs How often
   * @param told Hears what an original has
   */
  constructor(
    private readonly store: Store,
    private readonly ask: OriginalAsker | undefined,
    private readonly everyMs: number,
    private readonly told: (node: string, state: OriginalState) => void,
  ) {
    this.dueMs = ask === undefined ? Infinity : 0;
  }

  /** Asks, if it is time and deletions wait. */
  time(nowMs: number, originals: () => readonly string[]): void {
    if (nowMs < this.dueMs) return;
    this.dueMs = nowMs + this.everyMs;
    if (![...this.store.writers.values()].some((writer) => !writer.tombstones.isEmpty)) return;
    for (const node of originals()) {
      if (this.#open.has(node)) continue;
      this.#open.add(node);
      this.ask?.state(node, (state) => {
        this.#open.delete(node);
        if (state !== undefined) this.told(node, state);
      });
    }
  }
}
