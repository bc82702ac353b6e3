/**
 * How long to wait before the next attempt to connect.
 *
 * @module
 */

/** The waiting times between attempts. */
export interface Backoff {
  /** Before the first new attempt. Default 100. */
  readonly firstMs?: number;
  /** The longest wait. Default 30,000. */
  readonly maxMs?: number;
  /** How much longer each wait is than the one before. Default 2. */
  readonly factor?: number;
  /**
   * Chance for the jitter: a number from 0 up to 1. Many clients of one server that went down would otherwise all
   * return in the same instant. Default `Math.random`.
   */
  readonly random?: () => number;
}

/**
 * The wait before attempt `attempt` (1 is the first new one): doubled each time, then shortened by up to a half.
 *
 * @example With `random` always 0, the attempts 1, 2, 3 wait 100, 200, 400 ms; with ½ it is 75, 150, 300
 */
export function delayMs(attempt: number, backoff: Backoff = {}): number {
  const { firstMs = 100, maxMs = 30_000, factor = 2, random = Math.random } = backoff;
  const full = Math.min(maxMs, firstMs * factor ** Math.min(attempt - 1, 64));
  return full * (1 - random() / 2);
}

/** Waits, or rejects with the signal's reason. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const wake = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", wake);
      resolve();
    }, ms);
    signal.addEventListener("abort", wake, { once: true });
  });
}
