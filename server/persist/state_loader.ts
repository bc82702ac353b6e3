/**
 * Takes the records of state files into a store. They are merged like events from elsewhere, so files may come in any
 * order and into a tree that is in use. The caller logs and commits the effects, a batch at a time.
 *
 * What the writer of the file says is superseded there is believed at the end, and only if then every tick it knew of is
 * here or superseded: an increment alone, or a save without the internal entries, does not have what replaced them.
 *
 * @module
 */

import { tockAheadMax } from "../../wire/limits.ts";
import { keysOf } from "../../wire/path/keys.ts";
import { RangeSet } from "../core/range_set.ts";
import type { Store } from "../core/store.ts";
import type { EntryRecord, InfoRecord, StateRecord } from "./state_record.ts";
import type { Warn } from "./state_file_reader.ts";

/** Loads state files into one store. */
export class StateLoader {
  /** Entries and changes taken, and how many of them are the newest of their entry. */
  records = 0;
  applied = 0;
  readonly #nodes = new Map<string, number>();
  readonly #gone = new Map<string, RangeSet>();

  /** @param store Where to @param warn Hears of records that are refused */
  constructor(private readonly store: Store, private readonly warn: Warn) {}

  /** Takes one record. */
  take(record: StateRecord): void {
    if (record.kind === "entry") this.#entry(record);
    else this.#info(record);
  }

  #entry({ path, value, chain, tock }: EntryRecord): void {
    const keys = keysOf(path);
    const { outcome, reason } = this.store.merge({
      keys,
      length: keys.length,
      chain,
      tock,
      bytes: value,
      start: 0,
      end: value?.length ?? 0,
    });
    this.records++;
    if (outcome === "applied") this.applied++;
    if (outcome === "refused") this.warn(`Skipped ${path}: ${reason}`);
  }

  #info({ tock, nodes, known, deleted }: InfoRecord): void {
    const { store } = this;
    if (tock <= store.clock + tockAheadMax) store.hearTock(tock);
    else this.warn(`Skipped the tock ${tock}: it is too far ahead of ${store.clock}`);
    for (const [name, tick] of nodes) this.#nodes.set(name, Math.max(tick, this.#nodes.get(name) ?? 0));
    for (const sets of [known, deleted]) {
      for (const [name, ticks] of sets) this.#gone.set(name, ticks.union(this.#gone.get(name) ?? new RangeSet()));
    }
  }

  /** Ends the loading: believes what can be believed of superseded ticks. Returns whether it was. */
  finish(): boolean {
    const { store } = this;
    for (const [name, tick] of this.#nodes) if (tick > 0) store.hear(name, tick);
    for (const [name, tick] of this.#nodes) {
      const here = store.writer(name).have.union(this.#gone.get(name) ?? new RangeSet());
      if (!here.covers(RangeSet.range(1, tick))) return false;
    }
    store.claim("state file", this.#gone, this.#gone);
    store.settleClaims();
    return true;
  }
}
