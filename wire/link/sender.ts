/**
 * The sending half of a link: numbers data frames, keeps at most four until they are acknowledged, and knows when one has
 * to be sent again. Pure: the clock is given, frames are returned by way of `transmit`.
 *
 * @module
 */

import { ackFlags, expectedAheadOf, windowFrames } from "./header.ts";
import type { LinkTiming } from "./timing.ts";

/** A frame that is not acknowledged. */
interface Outstanding {
  readonly sequence: number;
  readonly payload: Uint8Array;
  sentAtMs: number;
  dueAtMs: number;
  waitMs: number;
  /** The other end has it, but not one before it. */
  hasArrived: boolean;
}

/** Where the line's speed is unknown: several acks that tell of one loss come within this. */
const flightMsMin = 2;

/** Puts a data frame on the line. */
export type Transmit = (sequence: number, payload: Uint8Array) => void;

/** What is on its way. */
export class LinkSender {
  /** The number of the next frame, from 0, not modulo 8. */
  next = 0;
  /** Frames sent again so far. */
  retransmitted = 0;
  readonly #timing: LinkTiming;
  readonly #transmit: Transmit;
  #outstanding: Outstanding[] = [];
  #busyUntilMs = -Infinity;

  constructor(timing: LinkTiming, transmit: Transmit) {
    this.#timing = timing;
    this.#transmit = transmit;
  }

  /** The oldest number that is not acknowledged. */
  get oldest(): number {
    return this.next - this.#outstanding.length;
  }

  /** Whether another frame may go at `nowMs`. */
  canSend(nowMs: number): boolean {
    return this.#outstanding.length < windowFrames && nowMs >= this.#busyUntilMs;
  }

  /** When something is due; Infinity: nothing. */
  get wakeAtMs(): number {
    const dueAtMs = Math.min(...this.#outstanding.map((each) => each.hasArrived ? Infinity : each.dueAtMs));
    if (dueAtMs === Infinity && this.#busyUntilMs === -Infinity) return Infinity;
    return Math.max(dueAtMs === Infinity ? this.#busyUntilMs : dueAtMs, this.#busyUntilMs);
  }

  /** Sends a new frame. @throws {RangeError} If the window is full */
  send(payload: Uint8Array, nowMs: number): void {
    if (!this.canSend(nowMs)) throw new RangeError("The window is full");
    const waitMs = this.#timing.retransmitMs;
    const frame = {
      sequence: this.next++,
      payload,
      sentAtMs: nowMs,
      dueAtMs: nowMs + waitMs,
      waitMs,
      hasArrived: false,
    };
    this.#outstanding.push(frame);
    this.#transmit(frame.sequence, payload);
  }

  /**
   * Takes what a frame's head, and its flags if it is an ack, say of our frames.
   * @returns Whether they can be true: nothing is acknowledged that was not sent
   */
  acknowledge(head: number, flags: number, isAck: boolean, nowMs: number): boolean {
    const count = expectedAheadOf(this.oldest, head);
    if (count > this.#outstanding.length) return false;
    this.#outstanding.splice(0, count);
    // A busy end says so anew; whoever hears nothing more of it tries after a while, because the clearing ack may be lost.
    if (isAck) this.#busyUntilMs = (flags & ackFlags.busy) === 0 ? -Infinity : nowMs + this.#timing.retransmitMsMax;
    // The one that is expected has by definition not arrived, whatever was said before: there was no room for it.
    if (this.#outstanding.length > 0) this.#outstanding[0].hasArrived = false;
    this.#noteArrived(flags);
    this.#repair(flags, nowMs);
    return true;
  }

  #noteArrived(flags: number): void {
    for (let k = 0; k < windowFrames - 1; k++) {
      const frame = this.#outstanding[k + 1];
      if (frame !== undefined && (flags & 1 << k) !== 0) frame.hasArrived = true;
    }
  }

  /** What is known to be lost goes again at once: everything before one that arrived, or the oldest if something was damaged. */
  #repair(flags: number, nowMs: number): void {
    if (nowMs < this.#busyUntilMs) return;
    const lastArrived = this.#outstanding.findLastIndex((each) => each.hasArrived);
    const lost = (flags & ackFlags.damaged) === 0 ? lastArrived : Math.max(lastArrived, 1);
    const flightMs = this.#flightMs();
    for (const frame of this.#outstanding.slice(0, Math.max(0, lost))) {
      if (!frame.hasArrived && nowMs - frame.sentAtMs >= flightMs) this.#again(frame, nowMs);
    }
  }

  /** How long everything that is on its way needs at least: a frame sent later than that may still arrive. */
  #flightMs(): number {
    const bytes = this.#outstanding.reduce((sum, each) => sum + each.payload.length + 5, 0);
    return Math.max(flightMsMin, bytes * this.#timing.byteMs);
  }

  #again(frame: Outstanding, nowMs: number): void {
    frame.sentAtMs = nowMs;
    frame.dueAtMs = nowMs + frame.waitMs;
    this.retransmitted++;
    this.#transmit(frame.sequence, frame.payload);
  }

  /** Sends again what is due. */
  time(nowMs: number): void {
    if (nowMs < this.#busyUntilMs) return;
    this.#busyUntilMs = -Infinity;
    for (const frame of this.#outstanding) {
      if (frame.hasArrived || nowMs < frame.dueAtMs) continue;
      frame.waitMs = Math.min(frame.waitMs * 2, this.#timing.retransmitMsMax);
      this.#again(frame, nowMs);
    }
  }
}
