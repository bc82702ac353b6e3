/**
 * An answer of many messages: `{state: "start"}`, items, `{state: "end"}`, all under the request's `seq`.
 *
 * If the client keeps accounts, each message also has a number `wseq`, 1, 2, 3 …, and at most `window − 1` of them are not
 * acknowledged: number n waits while n − acknowledged ≥ window.
 *
 * Source: `spec/client-protocol.md` 3.3, 3.6.
 *
 * @module
 */

import { RequestError } from "../../wire/errors.ts";
import { replyKeys } from "../../wire/message/reply.ts";
import type { Encoder } from "../../wire/msgpack/encoder.ts";
import { errorText } from "../action/refusal.ts";
import type { StreamOut, StreamSource, StreamState } from "../action/stream_source.ts";
import type { Output } from "./output.ts";

/** What a stream needs of its connection. */
export interface StreamOwner {
  readonly output: Output;
  /** The Lamport clock. */
  readonly clock: number;
  /** Takes part in the turn, whose end sends. */
  touch(): void;
  /** The stream wants a step. */
  wake(stream: Stream): void;
  /** Something is wrong in the server itself. */
  defect(error: unknown): RequestError;
}

/** One stream of a connection. */
export class Stream implements StreamOut {
  /** Whether it is in its owner's list of streams that want a step. */
  isAwake = false;
  /** Whether the client may send more messages under this number. */
  clientIsOpen: boolean;
  #isStarted = false;
  #isStopping = false;
  #isOver = false;
  #number = 0;
  #acknowledged = 0;

  /**
   * @param key Its number in the table of streams
   * @param seq Its number, encoded
   * @param window 0: no accounts
   */
  constructor(
    readonly owner: StreamOwner,
    readonly key: number | string,
    readonly seq: Uint8Array,
    readonly window: number,
    clientIsOpen: boolean,
    readonly source: StreamSource,
  ) {
    this.clientIsOpen = clientIsOpen;
  }

  /** Whether another message may be sent. */
  get hasRoom(): boolean {
    if (this.#isOver || this.owner.output.isFull) return false;
    return this.window === 0 || this.#number + 1 - this.#acknowledged < this.window;
  }

  /** Whether `start` was sent: from then on a source may send whenever there is room. */
  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** Begins a message; {@linkcode Stream.end} completes it. */
  begin(fields: number): Encoder {
    const out = this.owner.output.encoder;
    out.mapHeader(fields + (this.window === 0 ? 1 : 2));
    return out;
  }

  /** Adds a tock. */
  tock(tock: number = this.owner.clock): void {
    const out = this.owner.output.encoder;
    out.raw(replyKeys.tock);
    out.int(tock);
  }

  /** Completes a message. */
  end(): void {
    const out = this.owner.output.encoder;
    out.raw(replyKeys.seq);
    out.raw(this.seq);
    this.#number++;
    if (this.window === 0) return;
    out.raw(replyKeys.wseq);
    out.int(this.#number);
  }

  /** Sends a message that has nothing but a state. */
  state(name: string): void {
    const out = this.begin(2);
    out.raw(replyKeys.state);
    out.str(name);
    this.tock();
    this.end();
  }

  /** Sends soon. */
  flushSoon(): void {
    this.owner.touch();
  }

  /** Wants a step. */
  wake(): void {
    if (!this.#isOver) this.owner.wake(this);
  }

  /** The client has everything up to this number. */
  acknowledge(number: number): void {
    if (!(number > this.#acknowledged)) return;
    this.#acknowledged = Math.min(number, this.#number);
    this.wake();
  }

  /** Ends it with the next step. Returns false if it is ending already. */
  stop(): boolean {
    if (this.#isStopping || this.#isOver) return false;
    this.#isStopping = true;
    this.wake();
    return true;
  }

  /** Sends what can be sent. Once it returned `done`, nothing more may be called. */
  step(): StreamState {
    if (this.#isOver) return "done";
    if (!this.#isStarted) {
      this.#isStarted = true;
      this.state("start");
    }
    if (this.#isStopping) return this.#finish();
    const { encoder } = this.owner.output;
    const mark = encoder.length;
    const number = this.#number;
    try {
      const state = this.source.step(this);
      return state === "done" ? this.#finish() : state;
    } catch (error) {
      const isRefusal = error instanceof RequestError;
      // A defect may have left half a message behind.
      if (!isRefusal) {
        encoder.truncate(mark);
        this.#number = number;
      }
      this.#error(isRefusal ? error : this.owner.defect(error));
      return this.#finish();
    }
  }

  /** Ends it, whatever the window says: the client is leaving, or asked for it. */
  close(): void {
    if (this.#isOver) return;
    this.#finish();
  }

  #finish(): "done" {
    this.#isOver = true;
    this.source.close();
    this.state("end");
    return "done";
  }

  #error(error: RequestError): void {
    const out = this.begin(3);
    out.raw(replyKeys.error);
    out.str(errorText(error));
    out.raw(replyKeys.etype);
    out.str(error.code);
    this.tock();
    this.end();
  }
}
