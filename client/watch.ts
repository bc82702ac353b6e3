/**
 * A live view of a subtree: its present state, if wanted, then every change.
 *
 * @module
 */

import { RequestError } from "../wire/errors.ts";
import type { Path } from "../wire/path/path.ts";
import { PathLengthener } from "../wire/path/shorten.ts";
import type { Connection } from "./connection.ts";
import { ConnectionLostError } from "./errors.ts";
import type { Attachment, Link } from "./link.ts";
import { ItemQueue } from "./queue.ts";
import { bytesOf, type Fields, type Reply, textOf } from "./reply.ts";
import { getResult, type TreeItem } from "./results.ts";
import { ResumePoint } from "./resume_point.ts";
import type { ServerStream, Sink } from "./server_stream.ts";
import { wholePath } from "./stream.ts";

/** What a watch is asked for. */
export interface WatchOptions {
  /** Whether to send the present state first, then `{state: "uptodate"}`. Default false. */
  readonly fetch?: boolean;
  /** How many links of each chain to send; −1 for all. Default 0: none. */
  readonly nchain?: number;
  /** The least depth below the path. Default 0: the entry itself too. */
  readonly minDepth?: number;
  /** The greatest depth below the path. Default: no limit. */
  readonly maxDepth?: number;
  /** Whether the present state includes entries without a value. Default false. */
  readonly empty?: boolean;
  /** Whether paths begin at the root instead of at the watched path. Default false. */
  readonly absolute?: boolean;
  /** Whether to yield new tokens as they come, `{state: "token"}`. Default false: only with `uptodate`. */
  readonly tokens?: boolean;
  /** Where an earlier watch of this path stood: only what changed since is sent. */
  readonly token?: Uint8Array;
  /** Ends the watch; the loop throws its reason. */
  readonly signal?: AbortSignal;
}

/** Says how complete the stream is. */
export interface WatchState {
  /**
   * `uptodate`: the present state is complete. `resync`: events may have been missed; the present state follows (if the
   * watch has `fetch`), up to the next `uptodate`, and what is not in it is gone. `token`: only a new token.
   */
  readonly state: "uptodate" | "resync" | "token";
  /** Why a resync. */
  readonly reason?: string;
  /** Where the stream stands: a later watch can go on here. Servers that are not ours send none. */
  readonly token?: Uint8Array;
}

/** An entry's state after a change; without `value` it was deleted. */
export type WatchItem = TreeItem | WatchState;

/** Items that wait to be taken; more, which flow control prevents, cause a resync. */
const itemsWaitingMax = 10_000;

/** If a server ends a watch that it should not end, it is opened anew after this time. */
const reopenMs = 1000;

/**
 * Iterate once; leaving the loop stops the server. With `reconnect`, it goes on over lost connections: where it stood
 * if the server can say so, else with a `resync`.
 */
export class Watch implements AsyncIterableIterator<WatchItem>, AsyncDisposable {
  readonly #link: Link;
  readonly #queue = new ItemQueue<{ reply: Reply; item: WatchItem; stream: ServerStream | undefined }>(itemsWaitingMax);
  readonly #point: ResumePoint;
  #stream: ServerStream | undefined;
  #lengthener = new PathLengthener();
  #wasAttached = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What the connection calls. */
  readonly #ends: Attachment & Sink = {
    attach: (connection) => this.#attach(connection),
    abandon: (error) => this.#close(error),
    item: (reply) => this.#item(reply),
    ended: (error) => this.#ended(error),
  };

  /** @ignore */
  constructor(
    link: Link,
    /** What is watched. */
    readonly path: Path,
    /** How. */
    readonly options: WatchOptions,
  ) {
    this.#link = link;
    this.#point = new ResumePoint(options.token);
    options.signal?.addEventListener("abort", this.#abort, { once: true });
    if (options.signal?.aborted) this.#abort();
    else link.attach(this.#ends);
  }

  #attach(connection: Connection): void {
    clearTimeout(this.#timer);
    this.#lengthener = new PathLengthener();
    if (this.#wasAttached && this.#point.token === undefined) this.#tellResync("reconnected");
    this.#wasAttached = true;
    try {
      const window = this.#link.settings.messagesAheadMax;
      this.#stream = connection.stream("watch", { ...this.#fields(), qlen: window }, this.#ends, window);
    } catch (error) {
      this.#close(error as Error);
    }
  }

  #fields(): Fields {
    const { fetch, nchain, minDepth, maxDepth, empty } = this.options;
    const { path } = this;
    const { token } = this.#point;
    return { path, fetch, nchain, min_depth: minDepth, max_depth: maxDepth, empty, tokens: true, token };
  }

  #tellResync(reason: string): void {
    this.#point.clear();
    this.#push({ state: "resync", reason });
  }

  #item(reply: Reply): void {
    try {
      this.#point.note(reply);
      this.#push(reply);
    } catch (error) {
      this.#close(error as Error);
    }
  }

  #push(reply: Reply): void {
    const item = this.#itemOf(reply);
    if (item === undefined) return this.#stream?.taken(reply, this.#queue.length === 0);
    const entry = { reply, item, stream: this.#stream };
    if (this.#queue.push(entry)) return;
    this.#queue.clear();
    this.#stream?.stop();
    this.#reopen("lagging");
  }

  #itemOf(reply: Reply): WatchItem | undefined {
    const whole = wholePath(reply, this.#lengthener);
    if (whole.path === undefined) return reply.state === "token" && !this.options.tokens ? undefined : stateOf(reply);
    const path = whole.path as Path;
    return { path: this.options.absolute ? this.path.concat(path) : path, ...getResult(reply) };
  }

  /** Opens the stream anew on the same connection. */
  #reopen(reason: string): void {
    this.#tellResync(reason);
    this.#wasAttached = false;
    if (this.#link.connection) this.#attach(this.#link.connection);
  }

  #ended(error?: Error): void {
    this.#stream = undefined;
    if (error instanceof ConnectionLostError && this.#link.reconnects) return;
    if (error instanceof RequestError && error.code === "lagging") return this.#reopen("lagging");
    if (error === undefined && this.#link.reconnects) return this.#reopenSoon();
    this.#close(error);
  }

  /** A server that shuts down ends its streams before it closes; then the next connection continues. */
  #reopenSoon(): void {
    this.#timer = setTimeout(() => this.#reopen("ended by the server"), reopenMs);
  }

  readonly #abort = (): void => {
    this.#queue.clear();
    this.#close(this.options.signal?.reason);
  };

  #close(error?: Error): void {
    clearTimeout(this.#timer);
    this.options.signal?.removeEventListener("abort", this.#abort);
    this.#link.detach(this.#ends);
    this.#stream?.stop();
    this.#queue.close(error);
  }

  /** The next item. */
  async next(): Promise<IteratorResult<WatchItem>> {
    const result = await this.#queue.next();
    if (result.done) return result;
    const { reply, item, stream } = result.value;
    stream?.taken(reply, this.#queue.length === 0);
    return { done: false, value: item };
  }

  /** Stops the server. */
  return(): Promise<IteratorResult<WatchItem>> {
    this.#queue.clear();
    this.#close();
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
}

/** The state that a message tells; `undefined` if a later version of the protocol has brought it. */
function stateOf(reply: Reply): WatchState | undefined {
  const state = textOf(reply.state);
  if (state !== "uptodate" && state !== "resync" && state !== "token") return undefined;
  const token = bytesOf(reply.token);
  const reason = textOf(reply.reason);
  return { state, ...(reason === undefined ? {} : { reason }), ...(token === undefined ? {} : { token }) };
}
