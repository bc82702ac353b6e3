/**
 * Trying again, more and more slowly.
 *
 * @module
 */

const firstMs = 200;
const lastMs = 10_000;

/** How long to wait between attempts: 200 ms, then half as long again each time, up to 10 s. */
export class Retry {
  #nextMs = firstMs;

  /** It worked: the next wait is short. */
  reset(): void {
    this.#nextMs = firstMs;
  }

  /** Waits. Returns at once when `signal` aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, this.#nextMs);
      function done() {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      }
      signal.addEventListener("abort", done, { once: true });
    });
    this.#nextMs = Math.min(this.#nextMs * 1.5, lastMs);
  }
}
