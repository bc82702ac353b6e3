/**
 * Which entries a writer's ticks belong to: the ticks that are present. Memory goes with the present ticks, not with how
 * high ticks have become: a list of chunks in ascending order, joined as they empty.
 *
 * One tick may belong to several entries (a writer that used it twice).
 *
 * @module
 */

import type { Entry } from "./entry.ts";
import { chunkMax, type Slot, TickChunk } from "./tick_chunk.ts";

const nothing: readonly Entry[] = [];

/** Two neighbours with fewer ticks become one. */
const joinMax = chunkMax - 16;

/** Empty chunks that are kept to be used again. */
const sparesMax = 32;

/** The present ticks of one writer. */
export class TickIndex {
  readonly #chunks: TickChunk[] = [];
  /** The base of each chunk, for a fast search. */
  readonly #bases: number[] = [];
  readonly #spares: TickChunk[] = [];

  /** The chunk in which `tick` is, if it is anywhere; −1 if it is below all. */
  #chunkOf(tick: number): number {
    const bases = this.#bases;
    let low = 0;
    let high = bases.length;
    if (high > 0 && bases[high - 1] <= tick) return high - 1;
    while (low < high) {
      const middle = low + high >> 1;
      if (bases[middle] <= tick) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Slots in memory: less than three per present tick, if there are many. */
  get slotCount(): number {
    return this.#chunks.length * chunkMax;
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
    this.#bases.length = 0;
  }

  /** Says that `entry`'s chain has `tick`. */
  add(tick: number, entry: Entry): void {
    const at = this.#chunkOf(tick);
    if (at < 0) return this.#addFirst(tick, entry);
    const chunk = this.#chunks[at];
    if (chunk.endsBefore(tick)) {
      this.#addChunk(at + 1, tick, entry);
      if (at === this.#chunks.length - 2) this.#tidy(at);
      return;
    }
    const known = chunk.get(tick);
    const slot: Slot = known === null ? entry : Array.isArray(known) ? [...known, entry] : [known, entry];
    if (chunk.set(tick, slot)) return;
    const upper = this.#newChunk(0);
    chunk.split(upper);
    this.#insert(at + 1, upper);
    (tick < upper.base ? chunk : upper).set(tick, slot);
  }

  /** Below everything. */
  #addFirst(tick: number, entry: Entry): void {
    const [first] = this.#chunks;
    if (first === undefined || first.live === chunkMax || !first.lower(tick)) return this.#addChunk(0, tick, entry);
    this.#bases[0] = tick;
    first.set(tick, entry);
  }

  #addChunk(at: number, tick: number, entry: Entry): void {
    const chunk = this.#newChunk(tick);
    chunk.set(tick, entry);
    this.#insert(at, chunk);
  }

  #newChunk(base: number): TickChunk {
    return (this.#spares.pop() ?? new TickChunk()).reset(base);
  }

  #insert(at: number, chunk: TickChunk): void {
    this.#chunks.splice(at, 0, chunk);
    this.#bases.splice(at, 0, chunk.base);
  }

  #drop(at: number): void {
    const [chunk] = this.#chunks.splice(at, 1);
    this.#bases.splice(at, 1);
    if (this.#spares.length < sparesMax) this.#spares.push(chunk.reset(0));
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
      if (chunk.live % 8 === 0 && at < this.#chunks.length - 1) this.#tidy(at);
    }
  }

  /** Drops an empty chunk, or joins it with a neighbour. The last chunk, which grows, is left alone. */
  #tidy(at: number): void {
    const { live } = this.#chunks[at];
    if (live === 0) return this.#drop(at);
    if (at + 1 < this.#chunks.length - 1 && live + this.#chunks[at + 1].live <= joinMax) this.#join(at);
    else if (at > 0 && live + this.#chunks[at - 1].live <= joinMax) this.#join(at - 1);
  }

  #join(at: number): void {
    if (this.#chunks[at].join(this.#chunks[at + 1])) this.#drop(at + 1);
  }

  /** Calls `visit` for each present tick from `from` on, ascending, until it returns true. */
  forEach(visit: (tick: number, entries: Slot) => boolean | void, from: number = 0): void {
    for (let at = Math.max(0, this.#chunkOf(from)); at < this.#chunks.length; at++) {
      if (this.#chunks[at].forEach(visit, from)) return;
    }
  }
}
