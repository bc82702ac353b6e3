/**
 * The replies to one request with many: `start`, items, `end`; and the flow control of both directions.
 *
 * Every message of a stream has a number (`wseq`: 1, 2, 3, …). A sender stops while `number − acknowledged ≥ window`,
 * a receiver acknowledges what was taken once that is more than a third of the window.
 *
 * Source: `spec/client-protocol.md` 3.6.
 *
 * @module
 */

import type { RequestError } from "../wire/errors.ts";
import type { Connection } from "./connection.ts";
import { errorFromReply } from "./errors.ts";
import { type Handler, isChange } from "./handler.ts";
import { type Fields, numberOf, type Reply, textOf } from "./reply.ts";

/** Where the items of a stream go. */
export interface Sink {
  /** One item. It counts as taken when {@linkcode ServerStream.taken} is called with it. */
  item(reply: Reply): void;
  /** There will be no more. */
  ended(error?: Error): void;
}

/** One stream of a connection, under its number. */
export class ServerStream implements Handler {
  #hasStarted = false;
  #hasEnded = false;
  #error: RequestError | undefined;
  #taken = 0;
  #acknowledged = 0;
  #sent = 1;
  #sentAcknowledged = 0;
  #wakeSender: (() => void) | undefined;

  /** @param window The request's own `qlen`, or 0 for that of the connection */
  constructor(
    readonly connection: Connection,
    readonly seq: number,
    readonly action: string,
    readonly sink: Sink,
    readonly window: number,
  ) {}

  get isChange(): boolean {
    return isChange(this.action);
  }

  receive(reply: Reply): boolean {
    if (reply.error !== undefined && reply.topic === undefined) { // with a topic, it is an item of msg_monitor
      this.#error ??= errorFromReply(this.action, String(reply.error), textOf(reply.etype));
      if (this.#hasStarted) return this.#takeAtOnce(reply);
    } else if (reply.state === "start") {
      this.#hasStarted = true;
      return this.#takeAtOnce(reply);
    } else if (reply.state === "ack") {
      return this.#acknowledgedByServer(numberOf(reply.ack));
    } else if (reply.state !== "end") {
      this.sink.item(reply);
      if (this.#hasStarted) return false;
    }
    this.#end(this.#error);
    return true;
  }

  /** A message that nobody waits for. */
  #takeAtOnce(reply: Reply): false {
    this.taken(reply, false);
    return false;
  }

  /**
   * Tells the server that an item was taken, so that it sends more.
   * @param isLast Whether no other waits: then even a server that ignores the request's own window goes on
   */
  taken(reply: Reply, isLast: boolean): void {
    const number = numberOf(reply.wseq);
    if (number <= this.#taken) return;
    this.#taken = number;
    const window = isLast || this.window === 0 ? this.connection.window : this.window;
    if (number - this.#acknowledged <= Math.floor(window / 3) || this.#hasEnded || this.connection.isLost) return;
    this.#acknowledged = number;
    this.connection.post(this.seq, { state: "ack", ack: number });
  }

  #acknowledgedByServer(number: number): false {
    this.#sentAcknowledged = Math.max(this.#sentAcknowledged, number);
    this.#wakeSender?.();
    return false;
  }

  /** Sends another message of the request; waits while the server is behind. */
  async send(fields: Fields): Promise<void> {
    const { window } = this.connection;
    if (window === 0) return this.connection.post(this.seq, fields);
    const wseq = ++this.#sent;
    while (wseq - this.#sentAcknowledged >= window && !this.#hasEnded) {
      await new Promise<void>((resolve) => this.#wakeSender = resolve);
    }
    this.connection.post(this.seq, { ...fields, wseq });
  }

  /** Asks the server to stop, and takes no more items. */
  stop(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#wakeSender?.();
    this.connection.forget(this.seq);
    if (this.connection.isLost) return;
    this.connection.request("stop", { task: this.seq }, () => undefined).catch(() => {});
  }

  fail(error: Error): void {
    this.#end(error);
  }

  #end(error?: Error): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#wakeSender?.();
    this.sink.ended(error);
  }
}
