/**
 * Lets requests pass in the order in which they were made, and holds them while there is no connection (with
 * `reconnect`), or while too much waits to be written.
 *
 * @module
 */

import { RequestError } from "../wire/errors.ts";
import type { Connection } from "./connection.ts";
import { beforeAbort, type Link } from "./link.ts";
import type { Fields, Reply } from "./reply.ts";

/** Requests that are held; more are refused, so that a server that is away costs bounded memory. */
const heldMax = 100_000;

/** Where every single request of a client passes. */
export class Gate {
  #held = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(readonly link: Link) {}

  /** Sends a request, at once if nothing holds it back. */
  request<T>(action: string, fields: Fields, convert: (reply: Reply) => T, signal?: AbortSignal): Promise<T> {
    const connection = this.link.connection;
    if (connection !== undefined && this.#held === 0 && !connection.isFull) {
      return connection.request(action, fields, convert, signal);
    }
    return this.#hold(signal).then((connection) => connection.request(action, fields, convert, signal));
  }

  /** Waits for the turn of a request. */
  #hold(signal?: AbortSignal): Promise<Connection> {
    if (this.#held >= heldMax) {
      return Promise.reject(new RequestError("limit", `Cannot hold more than ${heldMax} requests for the server`));
    }
    this.#held++;
    const turn = this.#last.then(() => this.#open(signal)).finally(() => this.#held--);
    this.#last = turn.catch(() => {});
    return signal ? beforeAbort(turn, signal) : turn;
  }

  async #open(signal?: AbortSignal): Promise<Connection> {
    for (;;) {
      const connection = await this.link.ready(signal);
      if (!connection.isFull) return connection;
      await Promise.race([connection.drained(), connection.lost]);
    }
  }
}
