/**
 * Everybody who is connected, as far as logins are concerned: whoever loses the right to be here goes at once.
 *
 * @module
 */

import type { Identity } from "./identity.ts";

/** A connection. */
export interface Connection {
  /** Who it is; undefined: it has not logged in. */
  readonly identity: Identity | undefined;
  /** Whether it may ask for nothing before it has logged in. */
  readonly needsLogin: boolean;
  /** It is somebody, from now on. */
  become(identity: Identity): void;
  /** Ends it, after saying why. */
  dismiss(reason: string): void;
}

/** What is to be done about a connection after a change: nothing, a new identity, or an end with its reason. */
export type Verdict = undefined | Identity | string;

/** The time of day, and timers. */
export interface TimeOfDay {
  /** The time since 1970. */
  nowMs(): number;
  /** Runs something later; returns how to call that off. */
  after(ms: number, run: () => void): () => void;
}

/** The time between two looks at the clock, which may be set. */
const lookMs = 30_000;

/** See the module. */
export class Connections implements Disposable {
  readonly #all = new Set<Connection>();
  readonly #judge: (connection: Connection) => Verdict;
  readonly #clock: TimeOfDay;
  #callOff: () => void = () => {};

  /** @param judge What is to become of a connection */
  constructor(judge: (connection: Connection) => Verdict, clock: TimeOfDay) {
    this.#judge = judge;
    this.#clock = clock;
  }

  /** Somebody came. */
  add(connection: Connection): void {
    this.#all.add(connection);
  }

  /** Somebody left. */
  delete(connection: Connection): void {
    this.#all.delete(connection);
  }

  /** Looks at all of them anew, because users, or what is demanded, have changed. */
  review(): void {
    for (const connection of [...this.#all]) this.#apply(connection, this.#judge(connection));
    this.watchClock();
  }

  #apply(connection: Connection, verdict: Verdict): void {
    if (verdict === undefined) return;
    if (typeof verdict !== "string") return connection.become(verdict);
    this.#all.delete(connection);
    connection.dismiss(verdict);
  }

  /** Sees to it that what ends at some time does. */
  watchClock(): void {
    this.#callOff();
    this.#callOff = () => {};
    let nextMs = Infinity;
    for (const { identity } of this.#all) nextMs = Math.min(nextMs, identity?.untilMs ?? Infinity);
    if (nextMs === Infinity) return;
    const waitMs = Math.max(0, Math.min(lookMs, nextMs - this.#clock.nowMs()));
    this.#callOff = this.#clock.after(waitMs, () => this.review());
  }

  /** Stops looking at the clock. */
  [Symbol.dispose](): void {
    this.#callOff();
  }
}
