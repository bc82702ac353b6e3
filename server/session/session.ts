/**
 * One client: greeting, hello, then requests in their order, each answered by its action. What a session holds for its
 * requests has a file of its own: the bytes to send (output.ts), the open streams (streams.ts), requests that wait
 * (pending.ts), the replies that every session can give (refusals.ts).
 *
 * ```text
 * duplex ─bytes→ MessageReader ─message→ RequestView → action → Output ─turn ends→ duplex
 * ```
 *
 * @module
 */

import { ProtocolError, RequestError } from "../../wire/errors.ts";
import { RequestView, scanRequest } from "../../wire/message/request.ts";
import { MessageReader } from "../../wire/msgpack/chunks.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import { Call } from "../action/call.ts";
import { badField } from "../action/refusal.ts";
import type { Client } from "../action/services.ts";
import type { StreamSource } from "../action/stream_source.ts";
import { actions } from "../action/table.ts";
import type { WatchOptions } from "../action/watch.ts";
import type { Duplex } from "./duplex.ts";
import { greeting, loginMethods } from "./greeting.ts";
import { Output } from "./output.ts";
import { PendingCalls } from "./pending.ts";
import { refuseMalformed, refuseWithoutSeq, writeRefusal } from "./refusals.ts";
import type { SessionParts } from "./parts.ts";
import type { Sliced } from "./slicer.ts";
import type { Stream, StreamOwner } from "./stream.ts";
import { Streams } from "./streams.ts";
import type { TurnMember } from "./turns.ts";
import { WatchQueue } from "./watch_queue.ts";

/** Bytes of a request's number, which is echoed in every reply. */
const seqBytesMax = 256;

/** How long a client that leaves may take to read what was sent. */
const leaveMs = 2000;

/** One client. */
export class Session implements Client, StreamOwner, TurnMember, Sliced {
  readonly output: Output;
  root: readonly ElementKey[] = [];
  readonly mayNameFiles: boolean;
  readonly #parts: SessionParts;
  readonly #duplex: Duplex;
  readonly #reader = new MessageReader();
  readonly #view = new RequestView();
  readonly #call: Call;
  readonly #streams: Streams;
  readonly #pending: PendingCalls;
  #needsLogin = false;
  /** How many messages of a stream the client takes without acknowledging; 0: it keeps no accounts. */
  #window = 0;
  #saidHello = false;
  #isClosed = false;
  #left: Promise<void> | undefined;
  #resume: () => void = () => {};

  constructor(duplex: Duplex, parts: SessionParts) {
    this.#parts = parts;
    this.#duplex = duplex;
    this.mayNameFiles = duplex.kind !== "websocket";
    this.output = new Output(duplex);
    this.output.onRoom = () => this.#hasRoom();
    this.output.onBroken = () => this.close();
    this.#call = new Call(parts.services, this, this.#view, this.output.encoder);
    this.#streams = new Streams(this);
    this.#pending = new PendingCalls(parts.services, this, () => this.#resume());
  }

  /** Serves the client until it leaves. Never rejects. */
  async run(): Promise<void> {
    const methods = loginMethods(this.#parts.services.store);
    this.#needsLogin = methods !== undefined && methods[0] !== null;
    greeting(this.output.encoder, this.#parts, methods);
    this.output.flush();
    try {
      while (await this.#duplex.receive(this.#reader)) {
        while (this.#next()) {
          this.#message();
          while (this.#mustWait()) await new Promise<void>((resume) => this.#resume = resume);
          if (this.#isClosed) break;
        }
        if (this.#isClosed) break;
      }
    } catch (error) {
      this.touch();
      const refusal = error instanceof ProtocolError ? error : this.defect(error);
      refuseMalformed(this.output.encoder, refusal, this.clock);
    }
    await this.leave();
  }

  /** Ends it: its streams end, and it may read for a moment what was sent. */
  leave(): Promise<void> {
    return this.#left ??= this.#leave();
  }

  /** Ends it at once. */
  close(): void {
    this.#isClosed = true;
    this.#duplex.close();
    this.#resume();
  }

  /** A client that does not read, and one that has to wait for its own write, is not read from. */
  #mustWait(): boolean {
    return !this.#isClosed && (this.output.isFull || this.#pending.isHeld);
  }

  #hasRoom(): void {
    this.#resume();
    this.#streams.wakeAll();
  }

  async #leave(): Promise<void> {
    this.#isClosed = true;
    this.#resume();
    this.#pending.stopAll();
    await this.#parts.turns.committed().catch(() => {});
    this.#parts.slicer.remove(this);
    this.#streams.closeAll();
    this.output.flush();
    const until = performance.now() + leaveMs;
    while (!this.output.isEmpty && performance.now() < until) await new Promise((done) => setTimeout(done, 5));
    this.#duplex.close();
  }

  /** Scans the next message. One that came as a whole is looked at once, another one when it is complete. */
  #next(): boolean {
    const reader = this.#reader;
    const { openEnd } = reader;
    const end = openEnd > reader.end ? this.#scan(openEnd) : -1;
    if (end >= 0) {
      reader.accept(end);
      return true;
    }
    if (!reader.next()) return false;
    scanRequest(reader.bytes, reader.start, reader.end, this.#view);
    return true;
  }

  #scan(openEnd: number): number {
    try {
      return scanRequest(this.#reader.bytes, this.#reader.end, openEnd, this.#view);
    } catch (error) {
      if (error instanceof ProtocolError) return -1; // the reader will say where, counted from the message
      throw error;
    }
  }

  #message(): void {
    const view = this.#view;
    this.touch();
    if (view.seqStart < 0) return refuseWithoutSeq(this.output.encoder, view, this.clock);
    if (view.seqEnd - view.seqStart > seqBytesMax) throw new ProtocolError("A number (seq) is too long", 0);
    const mark = this.output.encoder.length;
    try {
      if (!this.#toStream(view) && !this.#hello(view)) this.#act(view);
    } catch (error) {
      this.output.encoder.truncate(mark);
      const refusal = error instanceof RequestError ? error : this.defect(error);
      writeRefusal(this.output.encoder, view.bytes, view.seqStart, view.seqEnd, refusal, this.clock);
    }
  }

  /** Messages of a running stream go there, and late ones of a stream that is over nowhere. */
  #toStream(view: RequestView): boolean {
    if (this.#streams.size > 0) {
      const stream = this.#streams.get(view.seqKey);
      if (stream !== undefined) {
        this.#streams.message(stream, view);
        return true;
      }
    }
    return view.action === "" && (view.state === "ack" || view.state === "end" || view.has("error"));
  }

  #hello(view: RequestView): boolean {
    if (view.seq !== 0 || this.#saidHello || view.action !== "") return false;
    this.#saidHello = true;
    const asked = view.int("qlen", 0);
    if (Number.isNaN(asked)) throw badField("qlen", "an integer");
    // With a window of 1 nothing could ever be sent.
    if (asked > 0) this.#window = Math.max(2, Math.min(asked, this.#parts.window));
    return true;
  }

  #act(view: RequestView): void {
    const name = view.action;
    const action = actions.get(name);
    if (action === undefined) {
      throw new RequestError("action", name === "" ? "A request needs an 'action'" : `There is no action '${name}'`);
    }
    if (this.#needsLogin && !action.needs.noLogin) throw new RequestError("auth_required", "You need to log in");
    if (action.needs.files && !this.mayNameFiles) {
      throw new RequestError("unsupported", `'${name}' names a file on the server: not over WebSocket`);
    }
    if (view.state === "start" && !action.needs.stream) {
      throw new RequestError("request", `'${name}' does not take more than one message`);
    }
    if (action.needs.time) return this.#pending.run(action, view);
    this.#call.out = this.output.encoder;
    action.handler(this.#call);
  }

  /** Answers with a stream. */
  open(call: Call, source: StreamSource): void {
    this.#streams.open(call, source, this.#window);
  }

  /** Answers with a watch. */
  watch(call: Call, options: WatchOptions): void {
    this.open(call, new WatchQueue(this.#parts, options));
  }

  /** Ends a stream or a pending request. */
  stop(key: number | string): boolean {
    return this.#streams.get(key)?.stop() ?? this.#pending.stop(key);
  }

  /** The clock. */
  get clock(): number {
    return this.#parts.services.store.clock;
  }

  /** Takes part in the turn. */
  touch(): void {
    if (this.output.turnStart >= 0) return;
    this.output.turnStart = this.output.encoder.length;
    this.#parts.turns.touch(this);
  }

  /** A stream wants a step. */
  wake(stream: Stream): void {
    if (this.#isClosed || !this.#streams.wake(stream)) return;
    this.#parts.slicer.add(this);
    if (!this.#parts.turns.isOpen) this.#parts.slicer.schedule();
  }

  /** Gives each stream that wants one a step. */
  step(): boolean {
    return !this.#isClosed && this.#streams.step();
  }

  /** The turn failed. */
  fail(error: RequestError): void {
    this.output.rewrite((seq, out) => writeRefusal(out, seq, 0, seq.length, error, this.clock));
  }

  /** Sends. */
  flush(): void {
    this.output.flush();
  }

  /** Reports what must not happen, and makes an error for the client of it. */
  defect(error: unknown): RequestError {
    this.#parts.defect(error);
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return new RequestError("internal", text);
  }
}
