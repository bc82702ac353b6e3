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

/** The time for a login. People are asked for their passwords before they connect. */
const loginMs = 60_000;

/** See the module. */
export class Connections implements Disposable {
  /** And how to call off that they are sent away. */
  readonly #all = new Map<Connection, () => void>();
  readonly #judge: (connection: Connection) => Verdict;
  readonly #clock: TimeOfDay;
  #callOff: () => void = () => {};

  /** @param judge What is to become of a connection */
  constructor(judge: (connection: Connection) => Verdict, clock: TimeOfDay) {
    this.#judge = judge;
    this.#clock = clock;
  }

  /** Somebody came. Whoever has to log in has to do so soon. */
  add(connection: Connection): void {
    const sendAway = () => {
      if (connection.needsLogin) this.#apply(connection, "Nobody has logged in here in time");
    };
    this.#all.set(connection, connection.needsLogin ? this.#clock.after(loginMs, sendAway) : () => {});
  }

  /** Somebody left. */
  delete(connection: Connection): void {
    this.#all.get(connection)?.();
    this.#all.delete(connection);
  }

  /** Looks at all of them anew, because users, or what is demanded, have changed. */
  review(): void {
    for (const connection of [...this.#all.keys()]) this.#apply(connection, this.#judge(connection));
    this.watchClock();
  }

  /** Looks at one of them anew. */
  check(connection: Connection): void {
    if (this.#all.has(connection)) this.#apply(connection, this.#judge(connection));
  }

  #apply(connection: Connection, verdict: Verdict): void {
    if (verdict === undefined) return;
    if (typeof verdict !== "string") return connection.become(verdict);
    this.delete(connection);
    connection.dismiss(verdict);
  }

  /** Sees to it that what ends at some time does. */
  watchClock(): void {
    this.#callOff();
    this.#callOff = () => {};
    let nextMs = Infinity;
    for (const { identity } of this.#all.keys()) nextMs = Math.min(nextMs, identity?.untilMs ?? Infinity);
    if (nextMs === Infinity) return;
    const waitMs = Math.max(0, Math.min(lookMs, nextMs - this.#clock.nowMs()));
    this.#callOff = this.#clock.after(waitMs, () => this.review());
  }

  /** Stops looking at the clock. */
  [Symbol.dispose](): void {
    this.#callOff();
    for (const callOff of this.#all.values()) callOff();
  }
}
