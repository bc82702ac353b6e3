/**
 * The points in time at which a member has something to do, by name: a name has at most one.
 *
 * @module
 */

/** What can be due: ping, end of the gap, end of the turn, settings, history, telling of others' pings. */
export type TimerName = "ping" | "gap" | "hold" | "vers" | "hist" | "tell";

/** Named points in time. */
export class Timers {
  readonly #at = new Map<TimerName, number>();

  /** The earliest; Infinity if there is none. */
  get nextMs(): number {
    let next = Infinity;
    for (const at of this.#at.values()) next = Math.min(next, at);
    return next;
  }

  /** `name` is due at `atMs`, and no longer at another time. */
  set(name: TimerName, atMs: number): void {
    this.#at.set(name, atMs);
  }

  /** `name` is not due any more. */
  clear(name: TimerName): void {
    this.#at.delete(name);
  }

  /** Takes out the earliest that is due at `nowMs`. */
  take(nowMs: number): { readonly name: TimerName; readonly atMs: number } | undefined {
    const nextMs = this.nextMs;
    if (nextMs > nowMs) return undefined;
    for (const [name, atMs] of this.#at) {
      if (atMs !== nextMs) continue;
      this.#at.delete(name);
      return { name, atMs };
    }
  }
}
