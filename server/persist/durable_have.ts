/**
 * What of everything a node has survives a power cut: what it may tell others about its disk.
 *
 * The log knows how many of its frames are on the disk. What was had when a certain number of frames was written is on the
 * disk when that many are. What an earlier run wrote counts only after this run's first write, which syncs it: the system
 * may still hold it in memory, though this run has written nothing that could be lost.
 *
 * @module
 */

import type { Ticks } from "../core/claims.ts";
import type { RangeSet } from "../core/range_set.ts";
import type { Store } from "../core/store.ts";

/** The log, as far as it matters here. */
export interface DurableLog {
  /** Frames written by this run. */
  readonly written: number;
  /** How many of them survive a power cut. */
  readonly durable: number;
}

/** See the module. */
export class DurableHave {
  #onDisk: Ticks = new Map();
  #next: { readonly written: number; readonly have: Ticks } | undefined;

  /** @param store With nothing in it that is not logged, whenever this is asked @param log Its log */
  constructor(private readonly store: Store, private readonly log: DurableLog) {}

  /** The ticks on the disk; undefined: all. */
  ticks(): Ticks | undefined {
    const { written, durable } = this.log;
    if (written > 0 && durable >= written) {
      this.#next = undefined;
      return undefined;
    }
    if (this.#next !== undefined && durable >= this.#next.written) {
      this.#onDisk = this.#next.have;
      this.#next = undefined;
    }
    if (written > 0) this.#next ??= { written, have: copyOfHave(this.store) };
    return this.#onDisk;
  }
}

function copyOfHave(store: Store): Ticks {
  const ticks = new Map<string, RangeSet>();
  for (const { name, have } of store.writers.values()) if (!have.isEmpty) ticks.set(name, have.clone());
  return ticks;
}
