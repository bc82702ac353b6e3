/**
 * How fast messages in the original's form may go out. A server of the original dies when 99 of them are unread; so all
 * servers of this kind together send at most 50 in 100 ms, and each keeps to its share.
 *
 * @module
 */

/** Messages in one window, of all together. */
const messagesMax = 50;

/** The window. */
const windowMs = 100;

/** A sliding window over what was sent. */
export class Pace {
  /** When the own messages of the last window went out. */
  #own: number[] = [];
  /** When those of others of this kind came. */
  #others: number[] = [];

  /** One of ours went out. */
  sent(nowMs: number): void {
    this.#own.push(nowMs);
  }

  /** One of another server of this kind came. */
  heard(nowMs: number): void {
    if (this.#others.length < messagesMax) this.#others.push(nowMs);
    else this.#others = [...this.#others.slice(1), nowMs];
  }

  /** When the next may go; `nowMs` if at once. `servers`: how many of this kind are here. */
  freeAtMs(nowMs: number, servers: number): number {
    const spanMs = windowMs * Math.max(1, servers / messagesMax);
    this.#own = this.#own.filter((at) => at > nowMs - spanMs);
    this.#others = this.#others.filter((at) => at > nowMs - windowMs);
    const share = Math.max(1, Math.floor(messagesMax / servers));
    const free = this.#own.length < share ? nowMs : this.#own[this.#own.length - share] + spanMs;
    const all = this.#own.length + this.#others.length;
    if (all < messagesMax || this.#others.length === 0) return free;
    return Math.max(free, Math.min(this.#others[0], this.#own[0] ?? Infinity) + windowMs);
  }
}
