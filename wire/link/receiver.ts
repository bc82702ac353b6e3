/**
 * The receiving half of a link: hands data frames up exactly once and in their order, holds up to three that came early,
 * and knows which ack is owed. Pure: the clock is given.
 *
 * @module
 */

import { aheadOf, windowFrames } from "./header.ts";
import type { LinkTiming } from "./timing.ts";

/** Takes a frame's payload. `false`: no room; the frame counts as not received, and comes again. */
export type Deliver = (payload: Uint8Array) => boolean;

/** Data frames since the last ack that make one due at once. */
const framesPerAck = 2;

/** What arrives. */
export class LinkReceiver {
  /** The number of the next frame to hand up, from 0, not modulo 8. */
  expected = 0;
  /** Frames that came again. */
  repeated = 0;
  /** When an ack is due; Infinity: none is owed. */
  ackAtMs = Infinity;
  readonly #timing: LinkTiming;
  readonly #deliver: Deliver;
  /** Frames that came early, by their number. */
  readonly #early = new Map<number, Uint8Array>();
  #unacknowledged = 0;

  constructor(timing: LinkTiming, deliver: Deliver) {
    this.#timing = timing;
    this.#deliver = deliver;
  }

  /** Bits 0 … 2: which frames behind the expected one are here. */
  get arrived(): number {
    let bits = 0;
    for (const sequence of this.#early.keys()) if (sequence > this.expected) bits |= 1 << sequence - this.expected - 1;
    return bits;
  }

  /** Takes a data frame. */
  receive(head: number, payload: Uint8Array, nowMs: number): void {
    const ahead = aheadOf(this.expected, head);
    if (ahead >= windowFrames) return this.#again(nowMs);
    if (ahead > 0) return this.#keep(this.expected + ahead, payload, nowMs);
    if (!this.#deliver(payload)) return;
    this.#early.delete(this.expected);
    this.#advance();
    this.resume();
    this.#owe(this.#early.size > 0 || this.#unacknowledged >= framesPerAck ? nowMs : nowMs + this.#timing.ackDelayMs);
  }

  /** Hands up what waited for the room that there is now. */
  resume(): void {
    while (this.#deliverEarly()) this.#advance();
  }

  /** The other end's next frame will be this one: if it is ahead, frames were lost. Returns whether it is. */
  lacks(head: number): boolean {
    const ahead = aheadOf(this.expected, head);
    return ahead > 0 && ahead <= windowFrames && !this.#hasAll(ahead);
  }

  #hasAll(count: number): boolean {
    for (let i = 0; i < count; i++) if (!this.#early.has(this.expected + i)) return false;
    return true;
  }

  #advance(): void {
    this.expected++;
    this.#unacknowledged++;
  }

  #deliverEarly(): boolean {
    const payload = this.#early.get(this.expected);
    return payload !== undefined && this.#deliver(payload) && this.#early.delete(this.expected);
  }

  #keep(sequence: number, payload: Uint8Array, nowMs: number): void {
    if (this.#early.has(sequence)) this.repeated++;
    else this.#early.set(sequence, payload.slice());
    this.#owe(nowMs);
  }

  #again(nowMs: number): void {
    this.repeated++;
    this.#owe(nowMs);
  }

  #owe(atMs: number): void {
    this.ackAtMs = Math.min(this.ackAtMs, atMs);
  }

  /** An ack went, alone or on a data frame. */
  acknowledged(): void {
    this.ackAtMs = Infinity;
    this.#unacknowledged = 0;
  }
}
