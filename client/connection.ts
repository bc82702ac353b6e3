/**
 * One connection, from the server's greeting until it is lost: numbers requests, matches replies, and fails what is
 * left when the line breaks. It never reconnects; {@linkcode Link} does.
 *
 * @module
 */

import { ConnectionError, KvError, ProtocolError } from "../wire/errors.ts";
import { MessageReader } from "../wire/msgpack/chunks.ts";
import { decode } from "../wire/msgpack/decoder.ts";
import type { Value } from "../wire/value.ts";
import { type Deferred, deferred } from "./deferred.ts";
import { ConnectionLostError } from "./errors.ts";
import { type Greeting, greetingOf } from "./greeting.ts";
import type { Handler } from "./handler.ts";
import { Outbox } from "./outbox.ts";
import { type Fields, isReply, type Reply, textOf } from "./reply.ts";
import { writeMessage } from "./request_writer.ts";
import { ServerStream, type Sink } from "./server_stream.ts";
import { SingleRequest } from "./single_request.ts";
import type { Transport } from "./transports/transport.ts";

/** Bytes that wait behind a slow line; then requests wait before they are encoded. */
const outboxBytesMax = 4 * 1024 * 1024;

/** How long `close()` waits for a line that takes nothing. */
const closeTimeoutMs = 2000;

/** A connection to one server. */
export class Connection {
  /** What the server said first. */
  greeting!: Greeting;
  /** How many messages without an answer each side may send in a stream; 0 for no flow control. */
  window = 0;
  /** Messages received so far. */
  received = 0;
  /** Fulfilled when the connection has ended; with the reason unless it was closed on this side. */
  readonly lost: Promise<KvError | undefined>;
  readonly #transport: Transport;
  readonly #outbox: Outbox;
  readonly #handlers = new Map<number, Handler>();
  readonly #greeted: Deferred<Greeting> = deferred();
  readonly #decode: typeof decode;
  #tellLost!: (error: KvError | undefined) => void;
  #isLost = false;
  #seq = 0;
  #complaint = "";

  private constructor(transport: Transport, decodeMessage: typeof decode) {
    this.#transport = transport;
    this.#decode = decodeMessage;
    this.#outbox = new Outbox((bytes) => transport.write(bytes), (error) => this.lose(brokenLine(error)));
    this.lost = new Promise((resolve) => this.#tellLost = resolve);
  }

  /**
   * Waits for the server's greeting and answers it. `signal` closes the transport meanwhile.
   * @param decodeMessage Makes a value of a message's bytes
   */
  static async greet(
    transport: Transport,
    messagesInFlightMax: number,
    signal: AbortSignal,
    decodeMessage: typeof decode = decode,
  ): Promise<Connection> {
    const connection = new Connection(transport, decodeMessage);
    const giveUp = () => connection.#end(signal.reason);
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      signal.throwIfAborted();
      void connection.#receive();
      connection.greeting = await connection.#greeted.promise;
      connection.#answerGreeting(messagesInFlightMax);
      return connection;
    } catch (error) {
      transport.close();
      throw error;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  #answerGreeting(messagesInFlightMax: number): void {
    if (this.greeting.qlen === 0) return;
    this.window = Math.max(4, Math.min(this.greeting.qlen, messagesInFlightMax));
    this.post(0, { qlen: this.window });
  }

  /** Where it leads. */
  get address(): string {
    return this.#transport.address;
  }

  /** Whether it has ended. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Whether so much waits to be written that new requests should wait too. */
  get isFull(): boolean {
    return this.#outbox.waitingBytes > outboxBytesMax;
  }

  /** Waits until everything is written. */
  drained(): Promise<void> {
    return this.#outbox.drained();
  }

  /** Sends a request that has one reply. @param convert Makes the result of the reply */
  request<T>(action: string, fields: Fields, convert: (reply: Reply) => T, signal?: AbortSignal): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const seq = ++this.#seq;
      this.post(seq, fields, action);
      this.#handlers.set(seq, new SingleRequest(this, seq, action, convert, resolve, reject, signal));
    });
  }

  /** Sends a request whose replies go to `sink`. @param window The request's own `qlen`, or 0 */
  stream(action: string, fields: Fields, sink: Sink, window: number): ServerStream {
    const seq = ++this.#seq;
    this.post(seq, fields, action);
    const stream = new ServerStream(this, seq, action, sink, window);
    this.#handlers.set(seq, stream);
    return stream;
  }

  /** Sends a message of a request that is under way, or the first one if it has an action. */
  post(seq: number, fields: Fields, action: string = ""): void {
    if (this.#isLost) throw new ConnectionError(`The connection to ${this.address} is closed`);
    writeMessage(this.#outbox.encoder, seq, action, fields);
    this.#outbox.schedule();
  }

  /** Expects no more replies to `seq`; later ones are ignored. */
  forget(seq: number): void {
    this.#handlers.delete(seq);
  }

  async #receive(): Promise<void> {
    const reader = new MessageReader();
    try {
      while (await this.#transport.read(reader)) {
        while (reader.next()) this.#dispatch(this.#decode(reader.bytes, reader.start, reader.end));
      }
      this.lose(new ConnectionError(`${this.address} closed the connection${this.#complaint}`));
    } catch (error) {
      this.lose(brokenLine(error));
    }
  }

  #dispatch(reply: Value): void {
    this.received++;
    if (!isReply(reply)) throw new ProtocolError("A message of the server is not a map with text keys", 0);
    const seq = reply.seq as number;
    const handler = this.#handlers.get(seq);
    if (handler !== undefined) {
      if (handler.receive(reply)) this.#handlers.delete(seq);
    } else if (seq === 0) {
      this.#greeted.resolve(greetingOf(reply));
    } else if (seq === undefined || seq === null) {
      this.#complaint = `: ${textOf(reply.error) ?? "no reason given"}`;
    }
  }

  /** Ends the connection: everything under way fails, saying what is known about its outcome. */
  lose(error: KvError): void {
    this.#end(error);
  }

  #end(error: KvError | undefined): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#transport.close();
    this.#greeted.reject(error);
    this.#greeted.promise.catch(() => {});
    const handlers = [...this.#handlers.values()];
    this.#handlers.clear();
    for (const handler of handlers) handler.fail(this.#lossOf(handler, error));
    this.#tellLost(error);
  }

  #lossOf(handler: Handler, error: KvError | undefined): ConnectionLostError {
    const reason = error?.message ?? `The connection to ${this.address} was closed`;
    const doubt = handler.isChange ? `; whether ${handler.action} was done is unknown` : "";
    return new ConnectionLostError(reason + doubt, handler.isChange ? "unknown" : "none", { cause: error });
  }

  /** Sends what waits, then closes. @param timeoutMs How long a line that takes nothing is waited for */
  async close(timeoutMs: number = closeTimeoutMs): Promise<void> {
    if (this.#isLost) return;
    if (!this.#outbox.isDrained) {
      const timer = setTimeout(() => this.#end(undefined), timeoutMs);
      await Promise.race([this.#outbox.drained(), this.lost]);
      clearTimeout(timer);
    }
    this.#end(undefined);
  }
}

function brokenLine(error: unknown): KvError {
  if (error instanceof KvError) return error;
  return new ConnectionError(`The connection broke: ${(error as Error)?.message ?? String(error)}`, { cause: error });
}
