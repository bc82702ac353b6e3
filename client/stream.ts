/**
 * A request with many replies, as an iterator.
 *
 * @module
 */

import { RequestError } from "../wire/errors.ts";
import { PathLengthener } from "../wire/path/shorten.ts";
import type { Connection } from "./connection.ts";
import { type Deferred, deferred } from "./deferred.ts";
import type { Attachment, Link } from "./link.ts";
import { ItemQueue } from "./queue.ts";
import { type Fields, pathOf, type Reply } from "./reply.ts";
import type { ServerStream, Sink } from "./server_stream.ts";

/**
 * Messages that wait to be taken. Flow control keeps the server from sending so many; a server without it, or one that
 * ignores it, gets the stream ended with the code `lagging`.
 */
const itemsWaitingMax = 10_000;

/** What a stream is opened with. */
export interface StreamRequest<T> {
  /** What is asked for. */
  readonly action: string;
  /** The request's fields. */
  readonly fields: Fields;
  /** Makes an item of a reply; `undefined` if it is none. Paths are whole in it. */
  readonly convert: (reply: Reply) => T | undefined;
  /** Whether more messages will be sent with {@linkcode Stream.send}. */
  readonly both?: boolean;
  /** Whether it has no end of its own: then closing the client ends the loop without an error. */
  readonly isEndless?: boolean;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

/**
 * The replies to one request. Iterate once; leaving the loop stops the server. When the connection is lost it throws:
 * nobody can say where such a stream would go on.
 */
export class Stream<T> implements AsyncIterableIterator<T>, AsyncDisposable {
  readonly #link: Link;
  readonly #request: StreamRequest<T>;
  readonly #queue = new ItemQueue<{ reply: Reply; item: T }>(itemsWaitingMax);
  readonly #lengthener = new PathLengthener();
  #stream: ServerStream | undefined;
  #opened: Deferred<ServerStream> | undefined;
  /** What the connection calls. */
  readonly #ends: Attachment & Sink = {
    attach: (connection) => this.#attach(connection),
    abandon: (error) => this.#ended(error),
    item: (reply) => this.#item(reply),
    ended: (error) => this.#ended(error),
  };

  /** @ignore */
  constructor(link: Link, request: StreamRequest<T>) {
    this.#link = link;
    this.#request = request;
    request.signal?.addEventListener("abort", this.#abort, { once: true });
    if (request.signal?.aborted) this.#abort();
    else link.attach(this.#ends);
  }

  /** The number under which the server knows it; `undefined` while there is no connection. */
  get seq(): number | undefined {
    return this.#stream?.seq;
  }

  #attach(connection: Connection): void {
    this.#link.detach(this.#ends);
    try {
      this.#stream = connection.stream(this.#request.action, this.#fields(connection), this.#ends, this.#window);
      this.#opened?.resolve(this.#stream);
    } catch (error) {
      this.#ended(error as Error);
    }
  }

  /** Dialogues are short and keep to the connection's own window. */
  get #window(): number {
    return this.#request.both ? 0 : this.#link.settings.messagesAheadMax;
  }

  #fields(connection: Connection): Fields {
    const { fields, both } = this.#request;
    if (!both) return { ...fields, qlen: this.#window };
    return { ...fields, state: "start", wseq: connection.window > 0 ? 1 : undefined };
  }

  #item(reply: Reply): void {
    const item = this.#convert(reply);
    if (item === undefined) return this.#stream?.taken(reply, this.#queue.length === 0);
    if (!this.#queue.push({ reply, item })) this.#overflow();
  }

  #convert(reply: Reply): T | undefined {
    try {
      return this.#request.convert(wholePath(reply, this.#lengthener));
    } catch (error) {
      this.#stop(error as Error);
      return undefined;
    }
  }

  #overflow(): void {
    this.#stop(
      new RequestError("lagging", `The reader of ${this.#request.action} is ${itemsWaitingMax} messages behind`),
    );
  }

  #ended(error?: Error): void {
    this.#request.signal?.removeEventListener("abort", this.#abort);
    this.#link.detach(this.#ends);
    this.#opened?.promise.catch(() => {});
    this.#opened?.reject(error ?? new RequestError("request", "The stream has ended"));
    this.#queue.close(this.#request.isEndless && this.#link.isClosedByUs ? undefined : error);
  }

  readonly #abort = (): void => {
    this.#queue.clear();
    this.#stop(this.#request.signal?.reason);
  };

  #stop(error?: Error): void {
    this.#stream?.stop();
    this.#ended(error);
  }

  /** The next item. */
  async next(): Promise<IteratorResult<T>> {
    const result = await this.#queue.next();
    if (result.done) return result;
    this.#stream?.taken(result.value.reply, this.#queue.length === 0);
    return { done: false, value: result.value.item };
  }

  /** Stops the server. */
  return(): Promise<IteratorResult<T>> {
    this.#queue.clear();
    this.#stop();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Stops the server. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** Sends another message of the request, if it was opened for that; waits while the server is behind. */
  async send(fields: Fields): Promise<void> {
    await (await this.#open()).send(fields);
  }

  /** Says that nothing more will be sent. */
  async end(): Promise<void> {
    await this.send({ state: "end" });
  }

  #open(): Promise<ServerStream> {
    if (this.#stream) return Promise.resolve(this.#stream);
    this.#opened ??= deferred();
    return this.#opened.promise;
  }
}

/** The reply with its whole path instead of a shortened one and its depth. */
export function wholePath(reply: Reply, lengthener: PathLengthener): Reply {
  const tail = pathOf(reply.path);
  if (tail === undefined) return reply;
  const { depth, ...rest } = reply;
  return { ...rest, path: lengthener.path(tail, depth as number | undefined) };
}
