/**
 * One client: greeting, hello, then requests in their order, each answered by its action. What a session holds for its
 * requests has a file of its own: the bytes to send (output.ts), the open streams (streams.ts), requests that wait
 * (backlog.ts), who may ask for what (admission.ts), the replies that every session can give (refusals.ts).
 *
 * ```text
 * duplex ─bytes→ RequestReader ─view→ action → Output ─turn ends→ duplex
 * ```
 *
 * @module
 */

import { ProtocolError, RequestError } from "../../wire/errors.ts";
import type { RequestView } from "../../wire/message/request.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import { Call } from "../action/call.ts";
import type { Client } from "../action/services.ts";
import type { StreamSource } from "../action/stream_source.ts";
import type { WaitingWrite } from "../action/waiting_write.ts";
import type { WatchOptions } from "../action/watch.ts";
import { type Admission, admit, Hello } from "./admission.ts";
import { Backlog } from "./backlog.ts";
import type { Duplex } from "./duplex.ts";
import { welcome } from "./greeting.ts";
import { Output } from "./output.ts";
import { RequestReader } from "./request_reader.ts";
import { refuseMalformed, refuseWithoutSeq, writeRefusal } from "./refusals.ts";
import type { SessionParts } from "./parts.ts";
import type { Sliced } from "./slicer.ts";
import type { Stream, StreamOwner } from "./stream.ts";
import { Streams } from "./streams.ts";
import type { TurnMember } from "./turns.ts";
import { Visitor } from "./visitor.ts";
import { WatchQueue } from "./watch_queue.ts";

/** Requests of one client before everybody else has a turn. */
const messagesPerTurn = 1000;

/** Bytes of a request's number, which is echoed in every reply. */
const seqBytesMax = 256;

/** One client. */
export class Session extends Visitor implements Client, Admission, StreamOwner, TurnMember, Sliced {
  readonly output: Output;
  root: readonly ElementKey[] = [];
  readonly mayNameFiles: boolean;
  readonly #parts: SessionParts;
  readonly #duplex: Duplex;
  readonly #reader = new RequestReader();
  readonly #call: Call;
  readonly #streams: Streams;
  readonly #backlog: Backlog;
  readonly #hello: Hello;
  #isClosed = false;
  #left: Promise<void> | undefined;
  #resume: () => void = () => {};

  constructor(duplex: Duplex, parts: SessionParts) {
    super(parts.services);
    this.#parts = parts;
    this.#duplex = duplex;
    this.mayNameFiles = duplex.kind !== "websocket";
    this.output = new Output(duplex);
    this.output.onRoom = () => this.#hasRoom();
    this.output.onBroken = () => this.close();
    this.#call = new Call(parts.services, this, this.#reader.view, this.output.encoder);
    this.#streams = new Streams(this);
    this.#hello = new Hello(parts.window);
    this.#backlog = new Backlog(parts.services, this, () => this.#resume());
  }

  /** Serves the client until it leaves. Never rejects. */
  async run(): Promise<void> {
    welcome(this, this.#duplex.certificateName, this.#parts);
    try {
      while (await this.#duplex.receive(this.#reader.bytes)) {
        for (let count = 1; this.#reader.next(); count++) {
          while (this.#mustFollow()) await this.#progress();
          if (this.#isClosed) break;
          this.#message();
          if (count % messagesPerTurn === 0) await new Promise((resume) => setImmediate(resume));
          while (this.#mustWait()) await this.#progress();
          if (this.#isClosed) break;
        }
        if (this.#isClosed) break;
        this.checkLength(this.#reader.bytes.pendingBytes);
      }
      // Whoever says no more still wants what it has said.
      while (this.#backlog.hasWaiting && !this.#isClosed) await this.#progress();
    } catch (error) {
      this.touch();
      const refusal = error instanceof ProtocolError ? error : this.defect(error);
      refuseMalformed(this.output.encoder, refusal, this.clock);
    }
    await this.leave();
  }

  /** Where the client connects from. */
  get peer(): string {
    return this.#duplex.peer;
  }

  /** Ends it, and says why. */
  dismiss(reason: string): void {
    if (this.#isClosed) return;
    this.touch();
    refuseMalformed(this.output.encoder, new RequestError("auth_required", reason), this.clock);
    void this.leave();
  }

  /** Ends it: its streams end, and it may read for a moment what was sent. */
  leave(): Promise<void> {
    return this.#left ??= this.#leave();
  }

  /** Ends it at once. */
  close(): void {
    this.#isClosed = true;
    this.#backlog.cut();
    this.#duplex.close();
    this.#resume();
  }

  /** A client that does not read, and one that has to wait for its own write, is not read from. */
  #mustWait(): boolean {
    return !this.#isClosed && (this.output.isFull || this.#backlog.isFull);
  }

  /** Whether the request that was read has to wait for writes before it. */
  #mustFollow(): boolean {
    return this.#backlog.hasWaiting && !this.#isClosed && this.#backlog.mustFollow(this.#reader.view);
  }

  #progress(): Promise<void> {
    return new Promise((resume) => this.#resume = resume);
  }

  #hasRoom(): void {
    this.#resume();
    this.#streams.wakeAll();
  }

  async #leave(): Promise<void> {
    this.#isClosed = true;
    this.#parts.services.auth.connections.delete(this);
    this.#resume();
    this.#backlog.clear();
    await this.#parts.turns.committed().catch(() => {});
    this.#parts.slicer.remove(this);
    this.#streams.closeAll();
    this.output.flush();
    await this.output.drained();
    this.#duplex.close();
  }

  #message(): void {
    const { view } = this.#reader;
    this.touch();
    if (view.seqStart < 0) return refuseWithoutSeq(this.output.encoder, view, this.clock);
    if (view.seqEnd - view.seqStart > seqBytesMax) throw new ProtocolError("A number (seq) is too long", 0);
    const mark = this.output.encoder.length;
    try {
      if (!this.#streams.take(view) && !this.#hello.take(view)) this.#act(view);
    } catch (error) {
      this.output.encoder.truncate(mark);
      const refusal = error instanceof RequestError ? error : this.defect(error);
      writeRefusal(this.output.encoder, view.bytes, view.seqStart, view.seqEnd, refusal, this.clock);
    }
  }

  #act(view: RequestView): void {
    const action = admit(view, this);
    if (action.needs.time || (action.needs.timeForNodes && view.otherCount > 0 && view.has("nodes"))) {
      return this.#backlog.run(action.handler, view);
    }
    this.#call.out = this.output.encoder;
    action.handler(this.#call);
  }

  /** Whether writes wait. */
  get hasWaiting(): boolean {
    return this.#backlog.hasWaiting;
  }

  /** Puts a write behind those that wait. */
  wait(call: Call, write: WaitingWrite): void {
    this.#backlog.add(call, write);
  }

  /** Answers the call later. */
  later(call: Call, handler: (call: Call) => Promise<void>): void {
    this.#backlog.run(handler, call.request);
  }

  /** Answers with a stream. */
  open(call: Call, source: StreamSource): void {
    this.#streams.open(call, source, this.#hello.window);
  }

  /** Answers with a watch. */
  watch(call: Call, options: WatchOptions): void {
    this.open(call, new WatchQueue(this.#parts, options, this.rights, this.conversion));
  }

  /** Ends a stream or a pending request. */
  stop(key: number | string): boolean {
    return this.#streams.get(key)?.stop() ?? this.#backlog.stop(key);
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
