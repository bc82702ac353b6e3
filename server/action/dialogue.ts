/**
 * A stream that a function fills at its own pace, and in which the client may answer.
 *
 * @module
 */

import { RequestError } from "../../wire/errors.ts";
import type { RequestView } from "../../wire/message/request.ts";
import type { Encoder } from "../../wire/msgpack/encoder.ts";
import { Refusal } from "../../wire/refusal.ts";
import type { Value } from "../../wire/value.ts";
import type { StreamOut, StreamSource, StreamState } from "./stream_source.ts";

/** Messages of the client that may wait. */
const waitingMax = 16;

/** Writes the fields of a message; they were counted before. */
export type WriteFields = (out: Encoder) => void;

/** The two sides of the stream. */
export interface Talk {
  /** Sends a message with so many fields, and a tock (the clock's if it is not given). */
  send(fields: number, write: WriteFields, tock?: number): void;
  /** A message of the client's, as a function of its fields. @throws {RequestError} If there will be none */
  receive(): Promise<(name: string) => Value | undefined>;
  /** Whether nobody listens any more. */
  readonly isOver: boolean;
}

interface Message {
  readonly fields: number;
  readonly write: WriteFields;
  readonly tock: number | undefined;
}

/** See the module. */
export class Dialogue implements StreamSource, Talk {
  isOver = false;
  readonly #talk: (talk: Talk) => Promise<void>;
  #out: StreamOut | undefined;
  readonly #toSend: Message[] = [];
  readonly #received: ((name: string) => Value | undefined)[] = [];
  #hasEnded = false;
  #wake: () => void = () => {};
  #result: { readonly error?: unknown } | undefined;

  /** @param talk Its end is the stream's; what it throws is the last item */
  constructor(talk: (talk: Talk) => Promise<void>) {
    this.#talk = talk;
  }

  /** Begins; later sends what there is. */
  step(out: StreamOut): StreamState {
    if (this.#out === undefined) {
      this.#out = out;
      void this.#run();
    }
    for (let next = this.#toSend[0]; next !== undefined && out.hasRoom; next = this.#toSend[0]) {
      this.#toSend.shift();
      next.write(out.begin(next.fields + 1));
      out.tock(next.tock);
      out.end();
    }
    if (this.#toSend.length > 0 || this.#result === undefined) return "wait";
    if ("error" in this.#result) throw this.#result.error;
    return "done";
  }

  async #run(): Promise<void> {
    try {
      await this.#talk(this);
      this.#result = {};
    } catch (error) {
      this.#result = { error };
    }
    this.#out?.wake();
  }

  send(fields: number, write: WriteFields, tock?: number): void {
    this.#toSend.push({ fields, write, tock });
    this.#out?.wake();
  }

  async receive(): Promise<(name: string) => Value | undefined> {
    while (this.#received.length === 0) {
      if (this.#hasEnded || this.isOver) throw new RequestError("request", "The conversation broke off");
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#received.shift()!;
  }

  /** Takes a message; its bytes are gone later. */
  message(request: RequestView | undefined): void {
    if (request === undefined) {
      this.#hasEnded = true;
    } else {
      if (this.#received.length === waitingMax) throw new RequestError("limit", "Too many messages at once");
      const copy = new Map(["step", "name", "chain"].map((name) => [name, request.value(name)]));
      this.#received.push((name) => copy.get(name));
    }
    this.#wake();
  }

  /** Whoever waits for the client hears that it is gone. */
  close(): void {
    this.isOver = true;
    this.#wake();
  }
}

/** The client's next message, which has to be that step. */
export async function expectStep(talk: Talk, step: string): Promise<(name: string) => Value | undefined> {
  const answer = await talk.receive();
  if (answer("step") === step) return answer;
  throw new Refusal("request", `The step '${step}' was expected`, "AssertionError()");
}
