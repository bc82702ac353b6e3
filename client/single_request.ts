/**
 * A request with one reply.
 *
 * @module
 */

import { RequestError } from "../wire/errors.ts";
import type { Connection } from "./connection.ts";
import { errorFromReply } from "./errors.ts";
import { type Handler, isChange } from "./handler.ts";
import { type Reply, textOf } from "./reply.ts";

/** Settles a promise with the reply. */
export class SingleRequest<T> implements Handler {
  readonly #onAbort: (() => void) | undefined;

  constructor(
    readonly connection: Connection,
    readonly seq: number,
    readonly action: string,
    readonly convert: (reply: Reply) => T,
    readonly resolve: (result: T) => void,
    readonly reject: (error: unknown) => void,
    readonly signal: AbortSignal | undefined,
  ) {
    if (signal === undefined) return;
    this.#onAbort = () => this.#abort();
    signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  get isChange(): boolean {
    return isChange(this.action);
  }

  receive(reply: Reply): boolean {
    this.#unlisten();
    try {
      if (reply.error !== undefined) this.reject(this.#errorOf(reply));
      else if (reply.state !== undefined) this.#refuseStream();
      else this.resolve(this.convert(reply));
    } catch (error) {
      this.reject(error);
    }
    return true;
  }

  #errorOf(reply: Reply): RequestError {
    return errorFromReply(this.action, String(reply.error), textOf(reply.etype));
  }

  /** The caller expects one reply and would wait for ever: the server has to stop. */
  #refuseStream(): void {
    this.connection.request("stop", { task: this.seq }, () => undefined).catch(() => {});
    this.reject(new RequestError("request", `Cannot ${this.action} with one reply as the server sends many`));
  }

  /** Gives up on the reply. What was sent is not taken back. */
  #abort(): void {
    this.connection.forget(this.seq);
    this.reject(this.signal?.reason);
  }

  fail(error: Error): void {
    this.#unlisten();
    this.reject(error);
  }

  #unlisten(): void {
    if (this.#onAbort) this.signal?.removeEventListener("abort", this.#onAbort);
  }
}
