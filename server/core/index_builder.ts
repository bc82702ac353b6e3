/**
 * Builds the tick index of one writer at once, from its ticks in any order: ascending order is what an index takes fast.
 *
 * @module
 */

import type { Entry } from "./entry.ts";
import { NO_VALUE } from "./values.ts";
import type { Writer } from "./writer.ts";

/** Ticks are put into places by their number if there are at most so many places for each. */
const placesPerTick = 8;

/** Ticks of one writer, and the entries whose chains have them. */
export class IndexBuilder {
  readonly #ticks: number[] = [];
  readonly #entries: Entry[] = [];
  readonly #tombstones: number[] = [];
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
    if (entry.value === NO_VALUE && entry.writer === this.writer && entry.tick === tick) this.#tombstones.push(tick);
  }

  /** Enters everything into the writer's index, which is empty, and its tombstones. */
  build(): void {
    const { index, tombstones } = this.writer;
    const count = this.#ticks.length;
    if (this.#isAscending) { for (let i = 0; i < count; i++) index.add(this.#ticks[i], this.#entries[i]); }
    else if (this.#max - this.#min < placesPerTick * count) this.#byPlace();
    else for (const i of this.#sorted()) index.add(this.#ticks[i], this.#entries[i]);
    for (const tick of this.#tombstones.sort((a, b) => a - b)) tombstones.add(tick);
  }

  /** Each tick has a place, and the entries of one tick are a list. */
  #byPlace(): void {
    const first = new Int32Array(this.#max - this.#min + 1).fill(-1);
    const next = new Int32Array(this.#ticks.length);
    for (let i = this.#ticks.length - 1; i >= 0; i--) {
      const place = this.#ticks[i] - this.#min;
      next[i] = first[place];
      first[place] = i;
    }
    const { index } = this.writer;
    for (let place = 0; place < first.length; place++) {
      for (let i = first[place]; i >= 0; i = next[i]) index.add(this.#min + place, this.#entries[i]);
    }
  }

  #sorted(): Uint32Array {
    const ticks = this.#ticks;
    return Uint32Array.from(ticks, (_, i) => i).sort((a, b) => ticks[a] - ticks[b]);
  }
}
