/**
 * A run of ticks and the entries whose chains name them. Of fixed size, changed in place and used again, so that years of
 * writes leave no garbage: dense (slot `i` is tick `base + i`) while it is filled, later sparse (offsets from `base` listed).
 *
 * @module
 */

import type { Entry } from "./entry.ts";

/** What one tick belongs to: nearly always one entry. */
export type Slot = Entry | Entry[];

/** Ticks of one chunk at most. */
export const chunkMax = 256;

/** Ticks further from the base have no offset. */
const offsetMax = 0xffff_ffff;

/** A run of ticks. */
export class TickChunk {
  /** No tick is lower. */
  base = 0;
  /** Ticks that are present. */
  live = 0;
  /** Slots in use, empty ones between included. */
  #length = 0;
  #isDense = true;
  readonly #slots: (Slot | null)[] = new Array(chunkMax).fill(null);
  #offsets: Uint32Array | null = null;

  /** Makes it an empty chunk for ticks from `base` on. */
  reset(base: number): this {
    this.#slots.fill(null, 0, this.#length);
    this.base = base;
    this.live = 0;
    this.#length = 0;
    this.#isDense = true;
    return this;
  }

  /** Whether all slots are in use, and `tick` lies behind them; or it is too far away. */
  endsBefore(tick: number): boolean {
    return tick - this.base > offsetMax || (this.#length === chunkMax && tick > this.#tickAt(chunkMax - 1));
  }

  #tickAt(i: number): number {
    return this.base + (this.#isDense ? i : this.#offsets![i]);
  }

  /** The position of the first tick at or behind `tick`, which is not below `base`. */
  #position(tick: number): number {
    const offset = tick - this.base;
    if (this.#isDense) return Math.min(offset, this.#length);
    const offsets = this.#offsets!;
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = low + high >> 1;
      if (offsets[middle] < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** What `tick` belongs to. `tick` is not below `base`. */
  get(tick: number): Slot | null {
    const i = this.#position(tick);
    return i < this.#length && this.#tickAt(i) === tick ? this.#slots[i] : null;
  }

  /** Puts a tick in, or replaces what it belongs to. Returns false, having done nothing, if there is no room. */
  set(tick: number, slot: Slot): boolean {
    const i = this.#position(tick);
    if (i < this.#length && this.#tickAt(i) === tick) {
      if (this.#slots[i] === null) this.live++;
      this.#slots[i] = slot;
      return true;
    }
    if (this.#length === chunkMax) {
      if (this.live === chunkMax) return false;
      this.compact();
      return this.set(tick, slot);
    }
    if (this.#isDense && tick === this.base + this.#length) this.#slots[this.#length++] = slot;
    else this.#insert(tick, slot);
    this.live++;
    return true;
  }

  #insert(tick: number, slot: Slot): void {
    this.compact();
    const at = this.#position(tick);
    const slots = this.#slots;
    for (let i = this.#length; i > at; i--) slots[i] = slots[i - 1];
    this.#offsets!.copyWithin(at + 1, at, this.#length++);
    slots[at] = slot;
    this.#offsets![at] = tick - this.base;
  }

  /** Empties a tick's slot. */
  remove(tick: number): void {
    const i = this.#position(tick);
    if (i >= this.#length || this.#tickAt(i) !== tick || this.#slots[i] === null) return;
    this.#slots[i] = null;
    this.live--;
  }

  /** Makes it sparse, without empty slots. */
  compact(): void {
    if (!this.#isDense && this.live === this.#length) return;
    const slots = this.#slots;
    const offsets = this.#offsets ??= new Uint32Array(chunkMax);
    let at = 0;
    for (let i = 0; i < this.#length; i++) {
      if (slots[i] === null) continue;
      offsets[at] = this.#isDense ? i : offsets[i];
      slots[at++] = slots[i];
    }
    slots.fill(null, at, this.#length);
    this.#length = at;
    this.#isDense = false;
  }

  /** Lowers the base, so that lower ticks can come. Returns false if others would be too far away then. */
  lower(base: number): boolean {
    this.compact();
    const by = this.base - base;
    if (this.live > 0 && this.#tickAt(this.live - 1) - base > offsetMax) return false;
    for (let i = 0; i < this.#length; i++) this.#offsets![i] += by;
    this.base = base;
    return true;
  }

  /** Takes over all of `next`, which lies behind this one, if there is room. Returns whether it did. */
  join(next: TickChunk): boolean {
    if (this.live + next.live > chunkMax) return false;
    if (next.#length > 0 && next.#tickAt(next.#length - 1) - this.base > offsetMax) return false;
    this.compact();
    next.compact();
    const by = next.base - this.base;
    for (let i = 0; i < next.#length; i++) {
      this.#slots[this.#length] = next.#slots[i];
      this.#offsets![this.#length++] = next.#offsets![i] + by;
    }
    this.live = this.#length;
    return true;
  }

  /** Moves the upper half into `upper`, an empty chunk. */
  split(upper: TickChunk): void {
    this.compact();
    const half = this.#length >> 1;
    upper.reset(this.#tickAt(half)).compact();
    for (let i = half; i < this.#length; i++) {
      upper.#slots[upper.#length] = this.#slots[i];
      upper.#offsets![upper.#length++] = this.#tickAt(i) - upper.base;
    }
    upper.live = upper.#length;
    this.#slots.fill(null, half, this.#length);
    this.live = this.#length = half;
  }

  /** Calls `visit` for each tick from `from` on, ascending, until it returns true; returns whether it did. */
  forEach(visit: (tick: number, slot: Slot) => boolean | void, from: number): boolean {
    for (let i = from <= this.base ? 0 : this.#position(from); i < this.#length; i++) {
      const slot = this.#slots[i];
      if (slot !== null && visit(this.#tickAt(i), slot) === true) return true;
    }
    return false;
  }
}
