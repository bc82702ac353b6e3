/**
 * Where a watch can go on after its connection was lost: the server's last token, and the events since.
 *
 * A token is opaque. Events carry only their head (writer and tick), so what goes back to the server is the token and
 * the heads that came behind it.
 *
 * @module
 */

import { bytesOf, type Reply } from "./reply.ts";
import type { Value } from "../wire/value.ts";

/** Heads that are kept. If there are more, the oldest go: the server then sends those entries once more. */
const headsMax = 1000;

/** Grows with a stream that has tokens; empty with a server that sends none. */
export class ResumePoint {
  #token: Uint8Array | undefined;
  #heads: Value[] = [];

  /** @param token From an earlier watch of the same path */
  constructor(token?: Uint8Array) {
    this.#token = token;
  }

  /** The last token, if the server sends any. */
  get token(): Uint8Array | undefined {
    return this.#token;
  }

  /** Takes note of a message of the stream. */
  note(reply: Reply): void {
    const token = bytesOf(reply.token);
    if (token !== undefined) {
      this.#token = token;
      this.#heads = [];
    } else if (Array.isArray(reply.head) && this.#token !== undefined) {
      if (this.#heads.length >= headsMax) this.#heads.shift();
      this.#heads.push(reply.head);
    } else if (reply.state === "resync") {
      this.clear();
    }
  }

  /** Forgets it: the whole state will come. */
  clear(): void {
    this.#token = undefined;
    this.#heads = [];
  }

  /** The fields of a request that goes on here. */
  get fields(): { tokens: true; token?: Uint8Array; heads?: readonly Value[] } {
    if (this.#token === undefined) return { tokens: true };
    return this.#heads.length === 0
      ? { tokens: true, token: this.#token }
      : { tokens: true, token: this.#token, heads: this.#heads };
  }
}
