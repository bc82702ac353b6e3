/**
 * Which entries a writer's ticks belong to: the ticks that are present. Memory goes with the present ticks, not with how
 * high ticks have become: a list of chunks in ascending order, repacked and joined as they empty.
 *
 * One tick may belong to several entries (a writer that used it twice).
 *
 * @module
 */

import type { Entry } from "./entry.ts";
import { chunkMax, type Slot, TickChunk } from "./tick_chunk.ts";

const nothing: readonly Entry[] = [];

/** The present ticks of one writer. */
export class TickIndex {
  readonly #chunks: TickChunk[] = [];
  /** The first tick of each chunk, for a fast search. */
  readonly #firsts: number[] = [];

  /** The chunk in which `tick` is, if it is anywhere; −1 if it is below all. */
  #chunkOf(tick: number): number {
    const firsts = this.#firsts;
    let low = 0;
    let high = firsts.length;
    if (high > 0 && firsts[high - 1] <= tick) return high - 1;
    while (low < high) {
      const middle = low + high >> 1;
      if (firsts[middle] <= tick) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Slots in memory: at most about two per present tick. */
  get slotCount(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.slotCount, 0);
  }

  #slot(tick: number): Slot | null {
    const at = this.#chunkOf(tick);
    return at < 0 ? null : this.#chunks[at].get(tick);
  }

  /** Whether any entry's chain has this tick. */
  has(tick: number): boolean {
    return this.#slot(tick) !== null;
  }

  /** The entries whose chain has this tick. */
  entries(tick: number): readonly Entry[] {
    const slot = this.#slot(tick);
    if (slot === null) return nothing;
    return Array.isArray(slot) ? slot : [slot];
  }

  /** Forgets everything. */
  clear(): void {
    this.#chunks.length = 0;
    this.#firsts.length = 0;
  }

  /** Says that `entry`'s chain has `tick`. */
  add(tick: number, entry: Entry): void {
    const at = this.#chunkOf(tick);
    if (at === this.#chunks.length - 1 && (at < 0 || this.#chunks[at].endsBefore(tick))) {
      return this.#append(tick, entry);
    }
    const chunk = this.#chunks[Math.max(at, 0)];
    const known = at < 0 ? null : chunk.get(tick);
    const slot: Slot = known === null ? entry : Array.isArray(known) ? [...known, entry] : [known, entry];
    if (at < 0) return this.#prepend(tick, slot);
    if (chunk.set(tick, slot)) return;
    this.#insertChunk(at + 1, chunk.split());
    this.#chunks[this.#chunkOf(tick)].set(tick, slot);
  }

  /** Behind everything, with the last chunk full. */
  #append(tick: number, entry: Entry): void {
    const made = new TickChunk(tick);
    made.set(tick, entry);
    this.#insertChunk(this.#chunks.length, made);
    const last = this.#chunks.length - 2;
    if (last >= 0 && this.#chunks[last].isWasteful) this.#tidy(last);
  }

  /** Appends a run of ticks that lies behind all others; slot `i` is tick `first + i`. For restoring. */
  appendChunk(first: number, slots: (Slot | null)[]): void {
    while (slots.length > 0 && slots[slots.length - 1] === null) slots.pop();
    if (slots.length === 0) return;
    const chunk = TickChunk.dense(first, slots);
    if (chunk.isWasteful) chunk.repack();
    this.#insertChunk(this.#chunks.length, chunk);
  }

  #prepend(tick: number, slot: Slot): void {
    const made = new TickChunk(tick, [slot], [tick]);
    if (this.#chunks[0].isFull) return this.#insertChunk(0, made);
    this.#chunks[0].repack();
    made.append(this.#chunks[0]);
    this.#chunks[0] = made;
    this.#firsts[0] = tick;
  }

  #insertChunk(at: number, chunk: TickChunk): void {
    this.#chunks.splice(at, 0, chunk);
    this.#firsts.splice(at, 0, chunk.first);
  }

  /** Says that `entry`'s chain does not have `tick` any more. */
  remove(tick: number, entry: Entry): void {
    const at = this.#chunkOf(tick);
    if (at < 0) return;
    const chunk = this.#chunks[at];
    const slot = chunk.get(tick);
    if (Array.isArray(slot)) {
      const left = slot.filter((each) => each !== entry);
      chunk.set(tick, left.length === 1 ? left[0] : left);
    } else if (slot === entry) {
      chunk.remove(tick);
      if (chunk.isWasteful && at < this.#chunks.length - 1) this.#tidy(at);
    }
  }

  /** Drops, repacks, joins a chunk that has many empty slots. */
  #tidy(at: number): void {
    const chunk = this.#chunks[at];
    if (chunk.live === 0) {
      this.#chunks.splice(at, 1);
      this.#firsts.splice(at, 1);
      return;
    }
    chunk.repack();
    this.#firsts[at] = chunk.first;
    if (at + 1 < this.#chunks.length - 1) this.#join(at);
    if (at > 0) this.#join(at - 1);
  }

  /** Joins two neighbours if both fit easily into one. */
  #join(at: number): void {
    const [chunk, next] = [this.#chunks[at], this.#chunks[at + 1]];
    if (chunk.live + next.live > chunkMax / 2) return;
    chunk.repack();
    next.repack();
    chunk.append(next);
    this.#chunks.splice(at + 1, 1);
    this.#firsts.splice(at + 1, 1);
    this.#firsts[at] = chunk.first;
  }

  /** Calls `visit` for each present tick from `from` on, ascending, until it returns true. */
  forEach(visit: (tick: number, entries: Slot) => boolean | void, from: number = 0): void {
    for (let at = Math.max(0, this.#chunkOf(from)); at < this.#chunks.length; at++) {
      if (this.#chunks[at].forEach(visit, from)) return;
    }
  }
}
