/**
 * A serial line between two ends on a virtual clock: bytes take their time, keep their order, and some of them are lost,
 * changed or joined by others.
 *
 * @module
 */

import type { Random } from "../../support/random.ts";

/** What a line does to bytes. */
export interface LineFaults {
  /** The part of bytes that is lost, has a bit turned, or gets a neighbour; each a third. */
  readonly damage: number;
  /** The most ms that a piece is held up. */
  readonly delayMs: number;
}

/** Something that happens at a time. */
interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly body: () => void;
}

/** The clock, and what is to come. */
export class Timeline {
  nowMs = 0;
  #events: Event[] = [];
  #order = 0;

  /** Calls `body` at `atMs`, behind everything that is due then already. */
  at(atMs: number, body: () => void): void {
    const event = { atMs: Math.max(atMs, this.nowMs), order: this.#order++, body };
    let i = this.#events.length;
    while (i > 0 && this.#events[i - 1].atMs > event.atMs) i--;
    this.#events.splice(i, 0, event);
  }

  /** Lets time go on until `untilMs`. */
  run(untilMs: number): void {
    while (this.#events.length > 0 && this.#events[0].atMs <= untilMs) {
      const event = this.#events.shift()!;
      this.nowMs = event.atMs;
      event.body();
    }
    this.nowMs = untilMs;
  }
}

/** One direction. */
export class NoisyLine {
  faults: LineFaults = { damage: 0, delayMs: 0 };
  /** A cut line swallows everything. */
  isCut = false;
  /** Bytes put on it. */
  bytes = 0;
  #freeAtMs = 0;

  constructor(
    readonly timeline: Timeline,
    readonly random: Random,
    readonly byteMs: number,
    readonly receive: (bytes: Uint8Array) => void,
  ) {}

  /** Puts bytes on the line. */
  write(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    const delayMs = this.faults.delayMs * this.random.next();
    this.#freeAtMs = Math.max(this.#freeAtMs, this.timeline.nowMs) + bytes.length * this.byteMs;
    const arriving = this.#damage(bytes);
    this.#freeAtMs += delayMs;
    this.timeline.at(this.#freeAtMs, () => {
      if (!this.isCut && arriving.length > 0) this.receive(arriving);
    });
  }

  #damage(bytes: Uint8Array): Uint8Array {
    if (this.faults.damage === 0) return bytes;
    const out: number[] = [];
    for (const byte of bytes) {
      const kind = this.random.next() < this.faults.damage ? this.random.below(3) : -1;
      if (kind === 0) continue;
      out.push(kind === 1 ? byte ^ 1 << this.random.below(8) : byte);
      if (kind === 2) out.push(this.random.below(256));
    }
    return Uint8Array.from(out);
  }
}
