/**
 * Builds the tick index of one writer at once, from its ticks in any order: ascending order is what an index takes fast.
 *
 * @module
 */

import type { Entry } from "./entry.ts";
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

  /** Enters everything into the writer's index, and its tombstones. */
  build(): void {
    const count = this.#ticks.length;
    if (this.#isAscending) { for (let i = 0; i < count; i++) this.#enter(i); }
    else if (this.#max - this.#min < placesPerTick * count) this.#byPlace();
    else for (const i of this.#sorted()) this.#enter(i);
  }

  /** Each tick has a place, and those of one tick are a list. */
  #byPlace(): void {
    const first = new Int32Array(this.#max - this.#min + 1).fill(-1);
    const next = new Int32Array(this.#ticks.length);
    for (let i = this.#ticks.length - 1; i >= 0; i--) {
      const place = this.#ticks[i] - this.#min;
      next[i] = first[place];
      first[place] = i;
    }
    for (let place = 0; place < first.length; place++) {
      for (let i = first[place]; i >= 0; i = next[i]) this.#enter(i);
    }
  }

  #sorted(): Uint32Array {
    const ticks = this.#ticks;
    return Uint32Array.from(ticks, (_, i) => i).sort((a, b) => ticks[a] - ticks[b]);
  }

  #enter(i: number): void {
    const tick = this.#ticks[i];
    const entry = this.#entries[i];
    const { writer } = this;
    writer.index.add(tick, entry);
    if (entry.isTombstone && entry.writer === writer && entry.tick === tick) writer.tombstones.add(tick);
  }
}
