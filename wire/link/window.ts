/**
 * The link between a satellite and its host, both directions of one session: exactly once, in order, at most four frames
 * on their way. Pure: the clock is given, frames are handed out by `transmit`.
 *
 * ```text
 *   send(payload) ──▶ LinkSender ──data, again and again──▶ line ──▶ LinkReceiver ──▶ deliver(payload)
 *                          ▲                                              │
 *                          └────── ack: alone within 8 ms, or on data ◀───┘
 * ```
 *
 * Source: `spec/satellite.md` 3.2.
 *
 * @module
 */

import { ackFlags, ackHead, dataHead, kindOf } from "./header.ts";
import { type Deliver, LinkReceiver } from "./receiver.ts";
import { LinkSender } from "./sender.ts";
import type { LinkTiming } from "./timing.ts";

/**
 * Puts the data of a frame on the line. `counter` is the number in full that its first byte shows modulo 8: what a
 * signature covers.
 */
export type TransmitFrame = (data: Uint8Array, counter: number) => void;

/** At most one complaint about damage in this time. */
const complaintGapMs = 10;

/** One session's frames. Heads and payloads are checked here; control frames are the session's. */
export class LinkWindow {
  /** Frames that cannot be of this session. */
  implausible = 0;
  readonly #sender: LinkSender;
  readonly #receiver: LinkReceiver;
  readonly #transmit: TransmitFrame;
  #isBusy = false;
  #complainedAtMs = -Infinity;

  constructor(timing: LinkTiming, transmit: TransmitFrame, deliver: Deliver) {
    this.#transmit = transmit;
    this.#receiver = new LinkReceiver(timing, deliver);
    this.#sender = new LinkSender(timing, (sequence, payload) => this.#data(sequence, payload));
  }

  /** Whether {@linkcode LinkWindow.send} may be called at `nowMs`. */
  canSend(nowMs: number): boolean {
    return this.#sender.canSend(nowMs);
  }

  /** Frames that are not acknowledged. */
  get outstanding(): number {
    return this.#sender.next - this.#sender.oldest;
  }

  /** Frames sent again. */
  get retransmitted(): number {
    return this.#sender.retransmitted;
  }

  /** Frames that came again. */
  get repeated(): number {
    return this.#receiver.repeated;
  }

  /** When {@linkcode LinkWindow.time} wants to be called; Infinity: not at all. */
  get wakeAtMs(): number {
    return Math.min(this.#sender.wakeAtMs, this.#receiver.ackAtMs);
  }

  /** Sends a payload. @throws {RangeError} If the window is full */
  send(payload: Uint8Array, nowMs: number): void {
    this.#sender.send(payload, nowMs);
  }

  /** Takes a data or ack frame that came, whole and authentic. */
  receive(data: Uint8Array, nowMs: number): void {
    const isAck = kindOf(data[0]) === "ack";
    const flags = isAck && data.length > 1 ? data[1] : 0;
    if (!this.#sender.acknowledge(data[0], flags, isAck, nowMs)) return void this.implausible++;
    if (!isAck) this.#receiver.receive(data[0], data.subarray(1), nowMs);
    else if (this.#receiver.lacks(data[0])) this.damaged(nowMs);
    this.#acknowledgeIfDue(nowMs);
  }

  /** The number in full of which a frame that came shows the last three bits. */
  counterOf(head: number): number {
    const { expected } = this.#receiver;
    const ahead = ((head >> 3 & 7) - expected % 8 + 8) % 8;
    return expected + (ahead < 4 || (ahead === 4 && kindOf(head) === "ack") ? ahead : ahead - 8);
  }

  /** Something arrived damaged: asks for it again, because it may have been ours. */
  damaged(nowMs: number): void {
    if (nowMs - this.#complainedAtMs < complaintGapMs) return;
    this.#complainedAtMs = nowMs;
    this.#ack(ackFlags.damaged);
  }

  /** While busy, nothing is to be sent here. */
  setBusy(isBusy: boolean): void {
    this.#isBusy = isBusy;
    this.#ack(0);
  }

  /** There is room again for what was not taken. */
  resume(nowMs: number): void {
    this.#receiver.resume();
    this.#acknowledgeIfDue(nowMs);
  }

  /** Does what is due. */
  time(nowMs: number): void {
    this.#sender.time(nowMs);
    this.#acknowledgeIfDue(nowMs);
  }

  #acknowledgeIfDue(nowMs: number): void {
    if (nowMs >= this.#receiver.ackAtMs) this.#ack(0);
  }

  #ack(flags: number): void {
    const more = flags | this.#receiver.arrived | (this.#isBusy ? ackFlags.busy : 0);
    const { next } = this.#sender;
    const head = ackHead(next, this.#receiver.expected);
    this.#transmit(more === 0 ? Uint8Array.of(head) : Uint8Array.of(head, more), next);
    this.#receiver.acknowledged();
  }

  #data(sequence: number, payload: Uint8Array): void {
    const data = new Uint8Array(payload.length + 1);
    data[0] = dataHead(sequence, this.#receiver.expected);
    data.set(payload, 1);
    this.#transmit(data, sequence);
    // What came early is told by an ack of its own.
    if (this.#receiver.arrived === 0) this.#receiver.acknowledged();
  }
}
