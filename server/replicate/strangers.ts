/**
 * Processes that may know more of who writes under which name than they have told. What they send does not replace what
 * this server wrote before they have told the life ids they know.
 *
 * @module
 */

import type { SyncHave } from "../../wire/message/sync.ts";

/** After so long nothing more is waited for. */
const strangeMs = 2000;
const strangersMax = 1000;

/** See the module. */
export class Strangers {
  readonly #untilMs = new Map<string, number>();

  constructor(private readonly nowMs: () => number) {}

  /** A process has told life ids; just after a change only its own, which says nothing of others. */
  told({ id, lives, have }: SyncHave): void {
    if (lives.size > 1 || have.size <= 1) this.#untilMs.set(id, -Infinity);
  }

  /** Whether a process is a stranger still. */
  has(id: string): boolean {
    const nowMs = this.nowMs();
    if (this.#untilMs.size > strangersMax) this.#untilMs.clear();
    const untilMs = this.#untilMs.get(id) ?? nowMs + strangeMs;
    this.#untilMs.set(id, untilMs);
    return nowMs < untilMs;
  }
}
