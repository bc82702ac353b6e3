/**
 * Notices, while a server starts, that another live one bears its name. What the last process of this name has sent may still
 * arrive for a moment, so one message proves nothing: whoever answers a while later is alive.
 *
 * @module
 */

import type { Replicator } from "../replicate/replicator.ts";

/** From the first message of another process to the question whether it is alive. */
const confirmMs = 30;

/** See the module. */
export class NamesakeWatch implements Disposable {
  readonly #replicator: Replicator;
  readonly #found: () => void;
  readonly #watching: Disposable;
  readonly #firstMs = new Map<string, number>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  /** @param found Called when there is one */
  constructor(replicator: Replicator, found: () => void) {
    this.#replicator = replicator;
    this.#found = found;
    this.#watching = replicator.watch((news) => news.kind === "clash" && this.#heard(news.id));
  }

  /** Whether there may be one: then it has to be waited for its answer. */
  get isSuspicious(): boolean {
    return this.#firstMs.size > 0;
  }

  #heard(id: string): void {
    const nowMs = performance.now();
    const firstMs = this.#firstMs.get(id);
    if (firstMs !== undefined) {
      if (nowMs - firstMs >= confirmMs) this.#found();
      return;
    }
    this.#firstMs.set(id, nowMs);
    this.#timers.add(setTimeout(() => this.#replicator.askForHave(), confirmMs));
  }

  /** Watches no more. */
  [Symbol.dispose](): void {
    this.#watching[Symbol.dispose]();
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
