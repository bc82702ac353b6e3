/**
 * Fills the stream of a `msg_monitor`. Messages that the client does not fetch in time are kept up to a limit; beyond it the
 * stream ends with an error, because messages that are not kept anywhere cannot be sent later.
 *
 * @module
 */

import { RequestError } from "../../wire/errors.ts";
import { skip } from "../../wire/msgpack/skip.ts";
import type { StreamOut, StreamSource, StreamState } from "./stream_source.ts";
import type { Topics } from "./topics.ts";

/** Messages that may wait, and their bytes. */
const waitingMax = 1000;
const waitingBytesMax = 1024 * 1024;

interface Message {
  readonly levels: readonly string[];
  readonly payload: Uint8Array;
}

/** Passes messages on. */
export class MonitorSource implements StreamSource {
  readonly #waiting: Message[] = [];
  #waitingBytes = 0;
  #isLagging = false;
  #out: StreamOut | undefined;
  readonly #close: () => void;

  constructor(
    topics: Topics,
    pattern: readonly string[],
    isHidden: (levels: readonly string[]) => boolean,
    readonly isRaw: boolean,
  ) {
    this.#close = topics.monitor(pattern, (levels, payload) => {
      if (!isHidden(levels)) this.#take({ levels, payload });
    });
  }

  /** Sends what waits. */
  step(out: StreamOut): StreamState {
    this.#out = out;
    while (out.hasRoom && this.#waiting.length > 0) {
      const message = this.#waiting.shift()!;
      this.#waitingBytes -= message.payload.length;
      this.#send(out, message);
    }
    if (this.#isLagging) throw new RequestError("lagging", "The messages were not fetched in time");
    return "wait";
  }

  /** Stops listening. */
  close(): void {
    this.#close();
  }

  #take(message: Message): void {
    if (this.#isLagging) return;
    if (this.#waiting.length === waitingMax || this.#waitingBytes > waitingBytesMax) {
      this.#isLagging = true;
      this.#waiting.length = this.#waitingBytes = 0;
    } else {
      this.#waiting.push(message);
      this.#waitingBytes += message.payload.length;
    }
    this.#out?.wake();
  }

  #send(out: StreamOut, { levels, payload }: Message): void {
    const isData = !this.isRaw && isOneValue(payload);
    const to = out.begin(isData || this.isRaw ? 3 : 4);
    to.str("topic");
    to.arrayHeader(levels.length);
    for (const level of levels) to.str(level);
    to.str(isData ? "data" : "raw");
    if (isData) to.raw(payload);
    else to.bin(payload);
    if (!isData && !this.isRaw) {
      to.str("error");
      to.str("FormatError()");
    }
    out.tock();
    out.end();
  }
}

function isOneValue(bytes: Uint8Array): boolean {
  try {
    return skip(bytes, 0, bytes.length) === bytes.length;
  } catch {
    return false;
  }
}
