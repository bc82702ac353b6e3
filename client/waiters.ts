/**
 * Tasks that wait until something has become true.
 *
 * @module
 */

interface Waiter {
  isTrue(): boolean;
  resolve(): void;
  reject(error: unknown): void;
}

/** Whoever changes something calls {@linkcode Waiters.check}. */
export class Waiters {
  readonly #waiters = new Set<Waiter>();

  /** Waits until `isTrue` is, or rejects with the signal's reason. */
  wait(isTrue: () => boolean, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener("abort", giveUp);
      };
      const giveUp = () => waiter.reject(signal?.reason);
      const waiter: Waiter = {
        isTrue,
        resolve: () => (leave(), resolve()),
        reject: (error) => (leave(), reject(error)),
      };
      this.#waiters.add(waiter);
      signal?.addEventListener("abort", giveUp, { once: true });
    });
  }

  /** Wakes those for whom it is true now. */
  check(): void {
    for (const waiter of this.#waiters) if (waiter.isTrue()) waiter.resolve();
  }

  /** Fails all of them. */
  fail(error: unknown): void {
    for (const waiter of this.#waiters) waiter.reject(error);
  }
}
