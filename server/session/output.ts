/**
 * What a connection is going to send. Replies of one turn are appended to one buffer, which is handed over once, when the
 * turn's log is written; meanwhile the other buffer fills.
 *
 * ```text
 * append …  ─turn begins─  reply reply reply  ─committed─  flush → duplex.send(buffer A); append to buffer B …
 *                          └ if the log cannot be written, rewrite() turns these into errors
 * ```
 *
 * @module
 */

import { Encoder } from "../../wire/msgpack/encoder.ts";
import { decode } from "../../wire/msgpack/decoder.ts";
import { skip } from "../../wire/msgpack/skip.ts";
import type { Duplex } from "./duplex.ts";

/** A buffer of an idle connection. */
const idleBytes = 256;
/** Beyond this, streams pause and nothing more is read from the client, until the client has read. */
const fullBytes = 256 * 1024;
/** How long a client that leaves may take to read what was sent. */
const leaveMs = 2000;

/** The messages that wait for their way out. */
export class Output {
  /** Where to append. */
  encoder: Encoder = new Encoder(idleBytes);
  /** Where the replies of the open turn begin; −1 if there is none. */
  turnStart = -1;
  /** Called when there is room again after {@linkcode Output.isFull}. */
  onRoom: () => void = () => {};
  /** Called when the connection turned out to be gone. */
  onBroken: () => void = () => {};
  readonly #duplex: Duplex;
  #other: Encoder = new Encoder(idleBytes);
  #isSending = false;
  /** Of the buffer that is under way. */
  #sentBytes = 0;
  #wasFull = false;
  #isBroken = false;

  constructor(duplex: Duplex) {
    this.#duplex = duplex;
  }

  /** Bytes that the system did not take yet. */
  get backlogBytes(): number {
    return this.encoder.length + (this.#isSending ? this.#other.length : 0);
  }

  /** Whether the client has to read before anything more is produced for it. Who asks and hears yes is told by `onRoom`. */
  get isFull(): boolean {
    if (this.encoder.length + this.#other.length < fullBytes) return false;
    this.#wasFull = true;
    return true;
  }

  /** Whether everything was taken by the system. */
  get isEmpty(): boolean {
    return this.encoder.length === 0 && !this.#isSending;
  }

  /** Waits until the client has read what was sent, or has taken too long for that. */
  async drained(): Promise<void> {
    const until = performance.now() + leaveMs;
    while (!this.isEmpty && performance.now() < until) await new Promise((done) => setTimeout(done, 5));
  }

  /** Hands over what there is, unless the last buffer is still under way (then that follows by itself). */
  flush(): void {
    this.turnStart = -1;
    if (this.#isSending || this.encoder.length === 0) return;
    if (this.#isBroken) return this.encoder.reset();
    const full = this.encoder;
    this.encoder = this.#other;
    this.#other = full;
    this.#isSending = true;
    this.#sentBytes = 0;
    this.#duplex.send(full.view()).then(this.#sent, this.#broke);
  }

  readonly #sent = (count: number): void => {
    this.#sentBytes += count;
    if (this.#sentBytes < this.#other.length) {
      this.#duplex.send(this.#other.view(this.#sentBytes)).then(this.#sent, this.#broke);
      return;
    }
    this.#other.reset();
    this.#isSending = false;
    // Bytes of an open turn wait for its end, which flushes.
    if (this.turnStart < 0) this.flush();
    if (this.#wasFull && !this.isFull) {
      this.#wasFull = false;
      this.onRoom();
    }
  };

  readonly #broke = (): void => {
    this.#isBroken = true;
    this.#other.reset();
    this.encoder.reset();
    this.#isSending = false;
    this.onBroken();
  };

  /** Replaces the replies of the open turn by `write(seq)`, where `seq` is encoded; errors stay what they are. */
  rewrite(write: (seq: Uint8Array, out: Encoder) => void): void {
    const { encoder, turnStart } = this;
    const replies = encoder.take(turnStart);
    encoder.truncate(turnStart);
    for (let at = 0; at < replies.length;) {
      const end = skip(replies, at, replies.length);
      const seq = failedSeq(replies, at, end);
      if (seq === undefined) encoder.raw(replies, at, end);
      else write(seq, encoder);
      at = end;
    }
  }
}

/** The encoded `seq` of a reply, unless it is an error already. */
function failedSeq(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
  let at = start + (bytes[start] < 0x90 ? 1 : bytes[start] === 0xde ? 3 : 5);
  let seq: Uint8Array | undefined;
  while (at < end) {
    const valueStart = skip(bytes, at, end);
    const valueEnd = skip(bytes, valueStart, end);
    const key = decode(bytes, at, valueStart);
    if (key === "error") return undefined;
    if (key === "seq") seq = bytes.subarray(valueStart, valueEnd);
    at = valueEnd;
  }
  return seq;
}
