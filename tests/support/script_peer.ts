/**
 * A server in memory that says exactly what a test tells it to, over the client's transport interface.
 */

import type { ClientOptions } from "../../client/options.ts";
import type { Client } from "../../client/client.ts";
import { openClient } from "../../client/open_client.ts";
import type { Reply } from "../../client/reply.ts";
import type { Transport } from "../../client/transports/transport.ts";
import { ConnectionError } from "../../wire/errors.ts";
import { MessageReader } from "../../wire/msgpack/chunks.ts";
import { decode } from "../../wire/msgpack/decoder.ts";
import { encode } from "../../wire/msgpack/encoder.ts";
import type { Value } from "../../wire/value.ts";

/** What the original says first. */
export const greeting = { seq: 0, version: [0, 0, 1], node: "test1", tick: 1, tock: 6, qlen: 10 };

/** A queue whose taker waits. */
class Pipe<T> {
  #items: T[] = [];
  #takers: ((item: T) => void)[] = [];

  get length(): number {
    return this.#items.length;
  }

  put(item: T): void {
    const taker = this.#takers.shift();
    if (taker) taker(item);
    else this.#items.push(item);
  }

  take(): Promise<T> {
    if (this.#items.length > 0) return Promise.resolve(this.#items.shift()!);
    return new Promise((resolve) => this.#takers.push(resolve));
  }
}

/** Accepts connections. */
export class ScriptPeer {
  /** Whether attempts to connect fail. */
  isDown = false;
  /** Attempts so far. */
  attempts = 0;
  readonly #lines = new Pipe<PeerLine>();

  readonly connect = (signal: AbortSignal): Promise<Transport> => {
    this.attempts++;
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.isDown) return Promise.reject(new ConnectionError("Cannot connect to script: it is down"));
    const line = new PeerLine();
    this.#lines.put(line);
    return Promise.resolve(line.transport);
  };

  /** The next connection. With `says`, it is greeted, and its hello is read. */
  async accept(says: Reply | null = greeting): Promise<PeerLine> {
    const line = await this.#lines.take();
    if (says === null) return line;
    line.send(says);
    if (says.qlen !== undefined) await line.receive();
    return line;
  }

  /** Opens a client on a connection that was greeted. */
  async open(options: ClientOptions = {}): Promise<{ client: Client; line: PeerLine }> {
    const opening = openClient({ transport: this.connect, dynamicConfig: false, ...options });
    opening.catch(() => {});
    const line = await this.accept();
    return { client: await opening, line };
  }
}

/** The server's end of one connection. */
export class PeerLine {
  /** How often the client wrote. */
  writes = 0;
  isClosed = false;
  /** While it is set, the client's writes do not return. */
  stuck: Promise<void> | undefined;
  readonly #toClient = new Pipe<Uint8Array | Error | null>();
  readonly #toServer = new Pipe<Reply>();
  readonly #reader = new MessageReader();
  readonly #closed = Promise.withResolvers<void>();

  /** Resolves once the client has closed the connection. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** The client's end. */
  readonly transport: Transport = {
    address: "script",
    read: async (reader) => {
      const chunk = await this.#toClient.take();
      if (chunk instanceof Error) throw chunk;
      if (chunk !== null) reader.push(chunk);
      return chunk !== null;
    },
    write: async (bytes) => {
      this.writes++;
      this.#reader.push(bytes);
      while (this.#reader.next()) {
        this.#toServer.put(decode(this.#reader.bytes, this.#reader.start, this.#reader.end) as Reply);
      }
      await this.stuck;
    },
    close: () => {
      this.isClosed = true;
      this.#closed.resolve();
      this.#toClient.put(null);
    },
  };

  /** Messages that the client sent and the test has not read. */
  get unread(): number {
    return this.#toServer.length;
  }

  /** The next message of the client. */
  receive(): Promise<Reply> {
    return this.#toServer.take();
  }

  /** The next message of the client, which must be this action; returns its number and fields. */
  async request(action: string): Promise<Reply & { seq: number }> {
    const message = await this.receive();
    if (message.action !== action) throw new Error(`Expected ${action}, got ${JSON.stringify(message)}`);
    return message as Reply & { seq: number };
  }

  /** Sends messages in one chunk. */
  send(...messages: Value[]): void {
    const chunks = messages.map(encode);
    const all = new Uint8Array(chunks.reduce((n, chunk) => n + chunk.length, 0));
    let at = 0;
    for (const chunk of chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    this.sendBytes(all);
  }

  /** Sends bytes. */
  sendBytes(bytes: Uint8Array): void {
    this.#toClient.put(bytes);
  }

  /** Ends the connection, or breaks it. */
  drop(error?: Error): void {
    this.#toClient.put(error ?? null);
  }
}

/** Resolves after all that is ready now has run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
