/**
 * Lets in a few at a time; some may wait, in their order, and the others are refused.
 *
 * @module
 */

import { RequestError } from "../../wire/errors.ts";

/** See the module. */
export class Turnstile {
  #inside = 0;
  readonly #waiting: (() => void)[] = [];

  /** @param insideMax How many are let in @param waitingMax How many may wait */
  constructor(readonly insideMax: number, readonly waitingMax: number) {}

  /** Whether nobody is here. */
  get isIdle(): boolean {
    return this.#inside === 0;
  }

  /** Runs `body` when there is room. @throws {RequestError} With code `limit` if too many wait */
  async pass<T>(body: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      return await body();
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#inside < this.insideMax) return void this.#inside++;
    if (this.#waiting.length >= this.waitingMax) {
      throw new RequestError("limit", "Too many logins at once: try again in a moment");
    }
    await new Promise<void>((resume) => this.#waiting.push(resume));
  }

  /** Hands the place over, so that nobody can come in between. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#inside--;
    else next();
  }
}

/** A turnstile for each key, as long as somebody is there. */
export class Turnstiles {
  readonly #byKey = new Map<string, Turnstile>();

  /** @param insideMax How many of one key are let in @param waitingMax How many may wait */
  constructor(readonly insideMax: number, readonly waitingMax: number) {}

  /** As {@linkcode Turnstile.pass}, at the turnstile of that key. */
  async pass<T>(key: string, body: () => Promise<T>): Promise<T> {
    const turnstile = this.#byKey.get(key) ?? new Turnstile(this.insideMax, this.waitingMax);
    this.#byKey.set(key, turnstile);
    try {
      return await turnstile.pass(body);
    } finally {
      if (turnstile.isIdle) this.#byKey.delete(key);
    }
  }
}
