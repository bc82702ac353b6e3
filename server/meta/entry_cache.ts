/**
 * What entries mean, remembered for as long as their version stays.
 *
 * @module
 */

import type { Entry } from "../core/entry.ts";
import type { Writer } from "../core/writer.ts";

/** One entry's meaning, and the event that it belongs to. */
interface Remembered<T> {
  readonly writer: Writer | null;
  readonly tick: number;
  readonly meaning: T;
}

/** Meanings of entries. */
export class EntryCache<T> {
  readonly #byEntry = new WeakMap<Entry, Remembered<T>>();

  /**
   * @param read Finds out what an entry with a value means
   * @param release Told what is not used any more
   */
  constructor(readonly read: (entry: Entry) => T, readonly release: (meaning: T) => void = () => {}) {}

  /** What an entry with a value means. */
  get(entry: Entry): T {
    const known = this.#byEntry.get(entry);
    if (known !== undefined && known.writer === entry.writer && known.tick === entry.tick) return known.meaning;
    if (known !== undefined) this.release(known.meaning);
    const meaning = this.read(entry);
    this.#byEntry.set(entry, { writer: entry.writer, tick: entry.tick, meaning });
    return meaning;
  }

  /** An entry has changed: what it meant is not used any more. */
  drop(entry: Entry): void {
    const known = this.#byEntry.get(entry);
    if (known === undefined) return;
    this.#byEntry.delete(entry);
    this.release(known.meaning);
  }
}
