/**
 * What fills a stream: the session asks it for the next messages whenever the client has room for them.
 *
 * @module
 */

import type { RequestView } from "../../wire/message/request.ts";
import type { Encoder } from "../../wire/msgpack/encoder.ts";

/** What a source wants after a step: another step soon, to be woken, or the end of the stream. */
export type StreamState = "more" | "wait" | "done";

/** The stream, as its source sees it. */
export interface StreamOut {
  /** Whether another message may be sent: the client's window is open, and it reads what was sent. */
  readonly hasRoom: boolean;
  /** Begins a message of `fields` fields, which have to follow; `seq` and `wseq` are added by {@linkcode StreamOut.end}. */
  begin(fields: number): Encoder;
  /** Adds the field `tock`: an entry's, or the clock's. */
  tock(tock?: number): void;
  /** Ends the message. */
  end(): void;
  /** Sends soon what was added outside of a step. */
  flushSoon(): void;
  /** Sends `{state, tock}`. */
  state(name: string): void;
  /** Asks for a step, because there is news or because there was no room. */
  wake(): void;
}

/** Fills a stream. */
export interface StreamSource {
  /**
   * Sends what there is while `out.hasRoom`, but not for more than about a millisecond.
   * @throws {RequestError} Is sent as an item, and ends the stream
   */
  step(out: StreamOut): StreamState;
  /** A message of the client's, if the request said that more would follow; undefined: there will be no more. */
  message?(request: RequestView | undefined): void;
  /** The stream is over, for whatever reason. */
  close(): void;
}
