/**
 * A run of ticks and the entries whose chains name them: dense (a slot per tick) while most ticks are present, sparse
 * (ticks listed) later.
 *
 * @module
 */

import type { Entry } from "./entry.ts";

/** What one tick belongs to: nearly always one entry. */
export type Slot = Entry | Entry[];

/** Ticks of one chunk at most. */
export const chunkMax = 256;

/** A run of ticks. */
export class TickChunk {
  /** Null: dense, slot `i` is tick `first + i`. */
  #ticks: number[] | null;
  #slots: (Slot | null)[];
  /** Slots in use, empty ones between included. */
  #length = 0;
  /** Ticks that are present. */
  live = 0;

  /** @param first Its lowest tick */
  constructor(
    public first: number,
    slots: (Slot | null)[] = new Array(chunkMax).fill(null),
    ticks: number[] | null = null,
  ) {
    this.#slots = slots;
    this.#ticks = ticks;
    if (ticks !== null) this.live = this.#length = ticks.length;
  }

  /** A dense chunk: slot `i` is tick `first + i`; the last one is in use. */
  static dense(first: number, slots: (Slot | null)[]): TickChunk {
    const chunk = new TickChunk(first, slots);
    chunk.#length = slots.length;
    for (const slot of slots) if (slot !== null) chunk.live++;
    return chunk;
  }

  /** Slots in memory. */
  get slotCount(): number {
    return this.#slots.length;
  }

  /** Whether there is no room for one more tick. */
  get isFull(): boolean {
    return this.#length >= chunkMax;
  }

  /** Whether there is no room, and `tick` lies behind everything in here. */
  endsBefore(tick: number): boolean {
    if (!this.isFull) return false;
    return tick > (this.#ticks === null ? this.first + this.#length - 1 : this.#ticks[this.#length - 1]);
  }

  /** Whether it should be repacked: less than two thirds of its slots are used. */
  get isWasteful(): boolean {
    return this.live * 3 < this.#length * 2;
  }

  /** The position of the first tick at or behind `tick`. */
  #position(tick: number): number {
    const ticks = this.#ticks;
    if (ticks === null) return Math.min(tick - this.first, this.#length);
    let low = 0;
    let high = ticks.length;
    while (low < high) {
      const middle = low + high >> 1;
      if (ticks[middle] < tick) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** What `tick` belongs to. `tick` is not below `first`. */
  get(tick: number): Slot | null {
    const i = this.#position(tick);
    return i < this.#length && (this.#ticks === null || this.#ticks[i] === tick) ? this.#slots[i] : null;
  }

  /** Puts a tick in, or replaces what it belongs to. Returns false, having done nothing, if there is no room. */
  set(tick: number, slot: Slot): boolean {
    const i = this.#position(tick);
    if (i < this.#length && (this.#ticks === null || this.#ticks[i] === tick)) {
      if (this.#slots[i] === null) this.live++;
      this.#slots[i] = slot;
      return true;
    }
    if (this.isFull) {
      if (!this.isWasteful) return false;
      this.repack();
      return this.set(tick, slot);
    }
    if (this.#ticks === null && tick === this.first + this.#length) this.#put(this.#length++, slot);
    else this.#insert(i, tick, slot);
    return true;
  }

  #put(i: number, slot: Slot): void {
    if (i < this.#slots.length) this.#slots[i] = slot;
    else this.#slots.push(slot);
    this.live++;
  }

  #insert(at: number, tick: number, slot: Slot): void {
    const i = this.#ticks === null ? this.#listTicks(tick) : at;
    this.#slots.length = this.#length;
    this.#slots.splice(i, 0, slot);
    this.#ticks!.splice(i, 0, tick);
    this.#length++;
    this.live++;
    this.first = this.#ticks![0];
  }

  /** Makes the chunk sparse, without empty slots; returns the position of `tick`. */
  #listTicks(tick: number): number {
    this.repack();
    return this.#position(tick);
  }

  /** Empties a tick's slot. */
  remove(tick: number): void {
    const i = this.#position(tick);
    if (i >= this.#length || (this.#ticks !== null && this.#ticks[i] !== tick) || this.#slots[i] === null) return;
    this.#slots[i] = null;
    this.live--;
  }

  /** Makes it sparse, without empty slots, as small as possible. */
  repack(): void {
    const ticks: number[] = new Array(this.live);
    const slots: (Slot | null)[] = new Array(this.live);
    let at = 0;
    this.forEach((tick, slot) => {
      ticks[at] = tick;
      slots[at++] = slot;
    });
    this.#take(ticks, slots);
  }

  #take(ticks: number[], slots: (Slot | null)[]): void {
    this.#ticks = ticks;
    this.#slots = slots;
    this.live = this.#length = ticks.length;
    if (ticks.length > 0) this.first = ticks[0];
  }

  /** Appends everything of `next`, which lies behind this one. Both have to be repacked. */
  append(next: TickChunk): void {
    this.#take(this.#ticks!.concat(next.#ticks!), this.#slots.concat(next.#slots));
  }

  /** Takes the upper half away and returns it as a chunk of its own. */
  split(): TickChunk {
    this.repack();
    const half = this.#length >> 1;
    const upper = new TickChunk(this.#ticks![half], this.#slots.slice(half), this.#ticks!.slice(half));
    this.#slots.length = half;
    this.#ticks!.length = half;
    this.live = this.#length = half;
    return upper;
  }

  /** Calls `visit` for each tick from `from` on, ascending, until it returns true; returns whether it did. */
  forEach(visit: (tick: number, slot: Slot) => boolean | void, from = 0): boolean {
    for (let i = from <= this.first ? 0 : this.#position(from); i < this.#length; i++) {
      const slot = this.#slots[i];
      if (slot !== null && visit(this.#ticks === null ? this.first + i : this.#ticks[i], slot) === true) return true;
    }
    return false;
  }
}
