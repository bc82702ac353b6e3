/**
 * Keeps a client connected: opens the connection, tells what happens to it, and opens another when it is lost, if that
 * was asked for.
 *
 * @module
 */

import { ConnectionError, RequestError } from "../wire/errors.ts";
import { delayMs, sleep } from "./backoff.ts";
import { Broadcast } from "./broadcast.ts";
import { Connection } from "./connection.ts";
import { type Deferred, deferred } from "./deferred.ts";
import { watchOver } from "./keep_alive.ts";
import { logIn } from "./login.ts";
import type { Settings } from "./options.ts";

/** What happens to the connection, in the order in which it can happen. */
export type ConnectionState =
  /** An attempt is under way; 0 is the first of the client. */
  | { readonly state: "connecting"; readonly attempt: number }
  /** Requests pass. */
  | { readonly state: "connected"; readonly attempt: number; readonly node: string; readonly address: string }
  /** It broke. */
  | { readonly state: "lost"; readonly error: Error }
  /** An attempt failed, or the connection was lost: the next attempt follows after this time. */
  | { readonly state: "waiting"; readonly attempt: number; readonly delayMs: number; readonly error: Error }
  /** There will be no other; without an error if this side closed it. */
  | { readonly state: "closed"; readonly error?: Error };

/** Something that belongs on every connection, such as a watch. */
export interface Attachment {
  /** A connection is there: send what has to be sent. */
  attach(connection: Connection): void;
  /** There will be no connection again; without an error if this side closed it. */
  abandon(error?: Error): void;
}

/** The connection of a client, whichever it is at the moment. */
export class Link {
  /** The latest state. */
  state: ConnectionState = { state: "connecting", attempt: 0 };
  readonly #states = new Broadcast<ConnectionState>();
  readonly #attachments = new Set<Attachment>();
  readonly #closing = new AbortController();
  #connection: Connection | undefined;
  #node = "";
  #waiting: Deferred<Connection>[] = [];
  #task: Promise<void> | undefined;

  constructor(readonly settings: Settings) {}

  /** The connection, if there is one. */
  get connection(): Connection | undefined {
    return this.#connection?.isLost ? undefined : this.#connection;
  }

  /** The node name in the last greeting. */
  get node(): string {
    return this.#node;
  }

  /** Whether a lost connection is replaced. */
  get reconnects(): boolean {
    return this.settings.reconnect !== undefined && !this.isClosed;
  }

  /** Whether there will be no connection any more. */
  get isClosed(): boolean {
    return this.state.state === "closed";
  }

  /** Whether that is because this side closed it. */
  get isClosedByUs(): boolean {
    return this.state.state === "closed" && this.state.error === undefined;
  }

  /** The states from the present one on. */
  states(signal?: AbortSignal): AsyncIterableIterator<ConnectionState> {
    return this.#states.subscribe([this.state], signal);
  }

  #tell(state: ConnectionState): void {
    this.state = state;
    this.#states.send(state);
  }

  /** Opens the first connection. */
  async open(): Promise<void> {
    const { reconnect, signal } = this.settings;
    signal?.throwIfAborted();
    signal?.addEventListener("abort", this.#abort, { once: true });
    try {
      this.#use(await this.#attempt(0), 0);
    } catch (error) {
      if (!reconnect?.initially || !mayPass(error)) return this.#failOpen(error);
      this.#task = this.#connectAnew(error as Error);
      await this.ready(signal);
    }
  }

  #failOpen(error: unknown): never {
    this.#finish(error as Error);
    throw this.settings.signal?.aborted ? this.settings.signal.reason : error;
  }

  readonly #abort = () => void this.close();

  async #attempt(attempt: number): Promise<Connection> {
    this.#tell({ state: "connecting", attempt });
    const { connect, initTimeoutMs, messagesAheadMax, auth } = this.settings;
    const late = AbortSignal.timeout(initTimeoutMs); // no timer: in Deno the first one of a process costs 5 ms
    const signal = AbortSignal.any([this.#closing.signal, late]);
    try {
      const connection = await Connection.greet(await connect(signal), messagesAheadMax, signal);
      await beforeAbort(logIn(connection, auth, signal), signal).catch((error) => {
        void connection.close();
        throw error;
      });
      return connection;
    } catch (error) {
      throw late.aborted && !this.#closing.signal.aborted ? tooLate(initTimeoutMs) : error;
    }
  }

  #use(connection: Connection, attempt: number): void {
    this.#connection = connection;
    this.#node = connection.greeting.node;
    for (const attachment of this.#attachments) attachment.attach(connection);
    const unwatch = watchOver(connection, this.settings.keepAliveMs);
    connection.lost.then((error) => {
      unwatch();
      this.#lost(error);
    });
    this.#tell({ state: "connected", attempt, node: connection.greeting.node, address: connection.address });
    for (const { resolve } of this.#waiting.splice(0)) resolve(connection);
  }

  #lost(error: Error | undefined): void {
    this.#connection = undefined;
    if (error === undefined || this.#closing.signal.aborted) return;
    this.#tell({ state: "lost", error });
    if (this.settings.reconnect === undefined) return this.#finish(error);
    this.#task = this.#connectAnew(error);
  }

  /** Tries until it succeeds, the client is closed, or the server refuses the login. */
  async #connectAnew(error: Error): Promise<void> {
    for (let attempt = 1;; attempt++) {
      try {
        const ms = delayMs(attempt, this.settings.reconnect);
        this.#tell({ state: "waiting", attempt, delayMs: ms, error });
        await sleep(ms, this.#closing.signal);
        return this.#use(await this.#attempt(attempt), attempt);
      } catch (failure) {
        if (this.#closing.signal.aborted) return;
        error = failure as Error;
        if (!mayPass(failure)) return this.#finish(error);
      }
    }
  }

  /** The connection; waits for it if it is being made anew. */
  ready(signal?: AbortSignal): Promise<Connection> {
    if (this.connection) return Promise.resolve(this.connection);
    if (this.isClosed) return Promise.reject(this.closedError());
    const waiting = deferred<Connection>();
    this.#waiting.push(waiting);
    return signal ? beforeAbort(waiting.promise, signal) : waiting.promise;
  }

  /** What a request on a closed client gets. */
  closedError(): Error {
    const reason = this.state.state === "closed" ? this.state.error : undefined;
    return new ConnectionError(reason ? `The connection is lost: ${reason.message}` : "The client is closed", {
      cause: reason,
    });
  }

  /** Attaches to this connection and those that follow it. */
  attach(attachment: Attachment): void {
    if (this.isClosed) return attachment.abandon(this.closedError());
    this.#attachments.add(attachment);
    if (this.connection) attachment.attach(this.connection);
  }

  /** As {@linkcode Link.attach}, but only to those that follow. */
  attachLater(attachment: Attachment): void {
    this.#attachments.add(attachment);
  }

  /** Takes an attachment off. */
  detach(attachment: Attachment): void {
    this.#attachments.delete(attachment);
  }

  #finish(error?: Error): void {
    if (this.isClosed) return;
    this.#tell(error ? { state: "closed", error } : { state: "closed" });
    this.settings.signal?.removeEventListener("abort", this.#abort);
    for (const { reject } of this.#waiting.splice(0)) reject(this.closedError());
    for (const attachment of [...this.#attachments]) attachment.abandon(error);
    this.#attachments.clear();
    this.#states.close();
  }

  /** Sends what waits, closes, and waits until everything has stopped. */
  async close(): Promise<void> {
    this.#closing.abort(new ConnectionError("The client is closed"));
    const connection = this.#connection;
    this.#finish();
    await connection?.close();
    await this.#task;
  }
}

/** Whether a later attempt may succeed. What the server refuses, it will refuse again, unless it is just too busy. */
function mayPass(error: unknown): boolean {
  return error instanceof Error && (!(error instanceof RequestError) || error.code === "limit");
}

function tooLate(ms: number): ConnectionError {
  return new ConnectionError(`The server did not answer within ${ms} ms`);
}

/** `promise`, or the signal's reason if that comes first. */
export function beforeAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => {});
    return Promise.reject(signal.reason);
  }
  return new Promise((resolve, reject) => {
    const give = () => reject(signal.reason);
    signal.addEventListener("abort", give, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", give));
  });
}
