/**
 * Builds the tick index of one writer at once, from its ticks in any order: ascending order is what an index takes fast.
 *
 * @module
 */

import type { Entry } from "./entry.ts";
import { chunkMax, type Slot } from "./tick_chunk.ts";
import type { Writer } from "./writer.ts";

/** Ticks are put into places by their number if there are at most so many places for each. */
const placesPerTick = 8;

/** Ticks of one writer, and the entries whose chains have them. */
export class IndexBuilder {
  readonly #ticks: number[] = [];
  readonly #entries: Entry[] = [];
  #min = Infinity;
  #max = 0;
  #isAscending = true;

  constructor(private readonly writer: Writer) {}

  /** Notes that `entry`'s chain has `tick`. */
  add(tick: number, entry: Entry): void {
    if (tick < this.#max) this.#isAscending = false;
    else this.#max = tick;
    if (tick < this.#min) this.#min = tick;
    this.#ticks.push(tick);
    this.#entries.push(entry);
  }

  /** Enters everything into the writer's index, which is empty, and its tombstones. */
  build(): void {
    if (this.#max - this.#min < placesPerTick * this.#ticks.length) this.#byPlace();
    else for (const i of this.#sorted()) this.writer.index.add(this.#ticks[i], this.#entries[i]);
    this.#addTombstones();
  }

  /** Each tick has its place in a chunk. */
  #byPlace(): void {
    const min = this.#min;
    const chunks: (Slot | null)[][] = [];
    for (let c = 0; c <= this.#max - min; c += chunkMax) chunks.push(new Array(chunkMax).fill(null));
    for (let i = 0; i < this.#ticks.length; i++) {
      const place = this.#ticks[i] - min;
      const chunk = chunks[Math.floor(place / chunkMax)];
      const slot = chunk[place % chunkMax];
      const entry = this.#entries[i];
      chunk[place % chunkMax] = slot === null ? entry : Array.isArray(slot) ? [...slot, entry] : [slot, entry];
    }
    chunks.forEach((slots, c) => this.writer.index.appendChunk(min + c * chunkMax, slots));
  }

  #sorted(): Uint32Array {
    const ticks = this.#ticks;
    const order = Uint32Array.from(ticks, (_, i) => i);
    return this.#isAscending ? order : order.sort((a, b) => ticks[a] - ticks[b]);
  }

  #addTombstones(): void {
    const { writer } = this;
    const isTombstone = (entry: Entry, i: number) =>
      entry.isTombstone && entry.writer === writer && entry.tick === this.#ticks[i];
    const ticks = this.#ticks.filter((_, i) => isTombstone(this.#entries[i], i)).sort((a, b) => a - b);
    for (const tick of ticks) writer.tombstones.add(tick);
  }
}
