/**
 * The open streams of one connection, by their number.
 *
 * @module
 */

import { RequestError } from "../../wire/errors.ts";
import { streamsMax, streamWindowMax } from "../../wire/limits.ts";
import type { RequestView } from "../../wire/message/request.ts";
import type { Call } from "../action/call.ts";
import { badField } from "../action/refusal.ts";
import type { StreamSource, StreamState } from "../action/stream_source.ts";
import { Stream, type StreamOwner } from "./stream.ts";

/** The open streams of one connection. */
export class Streams {
  readonly #byKey = new Map<number | string, Stream>();
  #awake: Stream[] = [];

  constructor(readonly owner: StreamOwner) {}

  /** How many there are. */
  get size(): number {
    return this.#byKey.size;
  }

  /** Whether one of them wants a step. */
  get hasAwake(): boolean {
    return this.#awake.length > 0;
  }

  /** The stream of that number. */
  get(key: number | string): Stream | undefined {
    return this.#byKey.get(key);
  }

  /**
   * Opens a stream for a request.
   * @param window The connection's window; the request may have one of its own (`qlen`), smaller or larger
   * @throws {RequestError} If there are too many
   */
  open(call: Call, source: StreamSource, window: number): void {
    const { request } = call;
    try {
      if (this.#byKey.size === streamsMax) {
        throw new RequestError("limit", `A connection has at most ${streamsMax} streams`);
      }
      const asked = request.has("qlen") ? request.int("qlen", 0) : 0;
      if (Number.isNaN(asked)) throw badField("qlen", "an integer");
      const own = asked > 0 ? Math.max(2, Math.min(asked, streamWindowMax)) : window;
      const seq = request.bytes.slice(request.seqStart, request.seqEnd);
      const stream = new Stream(this.owner, request.seqKey, seq, own, request.state === "start", source);
      this.#byKey.set(stream.key, stream);
      stream.wake();
    } catch (error) {
      source.close();
      throw error;
    }
  }

  /** Puts a stream on the list of those that want a step. Returns whether the list was empty. */
  wake(stream: Stream): boolean {
    if (stream.isAwake) return false;
    stream.isAwake = true;
    return this.#awake.push(stream) === 1;
  }

  /** Wakes all, because the connection has room again. */
  wakeAll(): void {
    for (const stream of this.#byKey.values()) stream.wake();
  }

  /**
   * Takes a message that is for a stream: of a running one it goes there, and a late one of a stream that is over nowhere.
   * @throws {RequestError} If the client has no more to say there
   */
  take(request: RequestView): boolean {
    const stream = this.#byKey.size === 0 ? undefined : this.#byKey.get(request.seqKey);
    if (stream !== undefined) {
      this.#message(stream, request);
      return true;
    }
    return request.action === "" && (request.state === "ack" || request.state === "end" || request.has("error"));
  }

  #message(stream: Stream, request: RequestView): void {
    if (request.state === "ack") return stream.acknowledge(request.ack);
    if (request.state === "end" || request.has("error")) {
      stream.clientIsOpen = false;
      stream.source.message?.(undefined);
    } else if (!stream.clientIsOpen) {
      throw new RequestError("request", `The number ${stream.key} is in use by a stream`);
    } else {
      stream.source.message?.(request);
    }
  }

  /** Gives each stream that wants one a step. Returns whether one of them wants another, soon. */
  step(): boolean {
    const awake = this.#awake;
    this.#awake = [];
    let wantsMore = false;
    for (const stream of awake) {
      stream.isAwake = false;
      const state: StreamState = stream.step();
      if (state === "done") this.#byKey.delete(stream.key);
      else if (state === "more") wantsMore = this.wake(stream) || wantsMore;
    }
    return wantsMore || this.#awake.length > 0;
  }

  /** Ends all of them. */
  closeAll(): void {
    for (const stream of this.#byKey.values()) stream.close();
    this.#byKey.clear();
    this.#awake = [];
  }
}
