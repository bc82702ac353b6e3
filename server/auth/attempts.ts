/**
 * Failed logins slow down whoever makes them: after some that are free, each doubles the time until the next is looked at.
 * Counted per user and place, so that nobody can lock a user out from elsewhere, and per place, for those who try many
 * users. Success clears the first count. What comes too early is refused unseen, right or wrong.
 *
 * Attempts of one user from one place are looked at one after the other, so that none of them overtakes the count; and only
 * some from one place, so that it does not keep others from logging in.
 *
 * @module
 */

import { AuthError, RequestError } from "../../wire/errors.ts";
import { Turnstiles } from "./turnstile.ts";

const firstPenaltyMs = 1000;
const penaltyMsMax = 60_000;
/** After so long without another, failures are forgotten. */
const forgetMs = 15 * 60_000;
/** Attempts of one user from one place that may wait for each other. */
const waitingMax = 31;
/** Attempts from one place that are looked at, and that may wait for that. */
const placeMax = 4;
const placeWaitingMax = 64;

/** The failures of one key. */
interface Strikes {
  readonly count: number;
  readonly lastMs: number;
}

/** Failures by key. A full table forgets the oldest. */
class StrikeTable {
  readonly #strikes = new Map<string, Strikes>();

  /** @param free Failures that cost nothing @param max Keys */
  constructor(readonly free: number, readonly max: number) {}

  /** When the next attempt is looked at. */
  nextMs(key: string, nowMs: number): number {
    const strikes = this.#get(key, nowMs);
    if (strikes === undefined || strikes.count < this.free) return 0;
    const penaltyMs = Math.min(penaltyMsMax, firstPenaltyMs * 2 ** Math.min(30, strikes.count - this.free));
    return strikes.lastMs + penaltyMs;
  }

  /** One more failure. */
  add(key: string, nowMs: number): void {
    const count = (this.#get(key, nowMs)?.count ?? 0) + 1;
    this.#strikes.delete(key);
    if (this.#strikes.size >= this.max) this.#strikes.delete(this.#strikes.keys().next().value!);
    this.#strikes.set(key, { count, lastMs: nowMs });
  }

  /** All is forgiven. */
  clear(key: string): void {
    this.#strikes.delete(key);
  }

  #get(key: string, nowMs: number): Strikes | undefined {
    const strikes = this.#strikes.get(key);
    if (strikes !== undefined && nowMs - strikes.lastMs < forgetMs) return strikes;
    this.#strikes.delete(key);
    return undefined;
  }
}

/** See the module. */
export class Attempts {
  readonly #nowMs: () => number;
  readonly #pairs = new StrikeTable(5, 10_000);
  readonly #places = new StrikeTable(30, 10_000);
  readonly #pairLines = new Turnstiles(1, waitingMax);
  readonly #placeLines = new Turnstiles(placeMax, placeWaitingMax);

  /** @param nowMs Time that only goes forward */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /**
   * Looks at an attempt, if its time has come.
   * @param check Looks at it; what it throws as AuthError or `not_found` is a failure
   * @throws {RequestError} With code `limit` if it comes too early; else what `check` throws
   */
  async look<T>(place: string, user: string, check: () => Promise<T>): Promise<T> {
    const pair = `${place} ${user.slice(0, 64)}`;
    return await this.#pairLines.pass(pair, () => this.#look(place, pair, check));
  }

  async #look<T>(place: string, pair: string, check: () => Promise<T>): Promise<T> {
    try {
      const result = await this.#placeLines.pass(place, () => {
        this.#refuseEarly(place, pair);
        return check();
      });
      this.#pairs.clear(pair);
      return result;
    } catch (error) {
      if (isFailure(error)) {
        this.#pairs.add(pair, this.#nowMs());
        this.#places.add(place, this.#nowMs());
      }
      throw error;
    }
  }

  #refuseEarly(place: string, pair: string): void {
    const nowMs = this.#nowMs();
    const nextMs = Math.max(this.#pairs.nextMs(pair, nowMs), this.#places.nextMs(place, nowMs));
    if (nextMs <= nowMs) return;
    const seconds = Math.ceil((nextMs - nowMs) / 1000);
    throw new RequestError("limit", `Too many failed logins: try again in ${seconds} s`);
  }
}

function isFailure(error: unknown): boolean {
  return error instanceof AuthError || error instanceof RequestError && ["auth", "not_found"].includes(error.code);
}
