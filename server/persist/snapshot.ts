/**
 * Snapshots: all entries, and what is known of all writers, written while the node goes on working.
 *
 * A snapshot is fuzzy: an entry is written as it is when its turn comes. That is enough, because everything that happens
 * after the snapshot was begun is also in the log that was begun with it.
 *
 * @module
 */

import type { Store } from "../core/store.ts";
import { walk } from "../core/walk.ts";
import type { Disk } from "./file_system.ts";
import { closeFrame, openFrame } from "./frame.ts";
import { beginFile, fileName, saltOf } from "./generation.ts";
import { RecordWriter } from "./record_writer.ts";
import { SlicedFile } from "./sliced_file.ts";
import type { Clock } from "./surroundings.ts";

/** What a snapshot is made of. */
export interface SnapshotOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly store: Store;
  /** Its number: that of the log that was begun before. */
  readonly number: number;
  readonly directorySalt: number;
  /** Asked between slices; false gives up. */
  readonly goesOn: () => boolean;
  /** Runs `body` when everything that is in the store by now is in the log. Rejects if it never will be. */
  readonly settled: <T>(body: () => T) => Promise<T>;
}

/** A snapshot on its way to the disk. */
export class Snapshot {
  readonly #out: SlicedFile;
  readonly #records: RecordWriter;
  readonly #salt: number;
  readonly #temporary: string;
  #frames = 0;

  /** Begins it: what is known of the writers is that of now. @throws {DiskError} */
  constructor(private readonly options: SnapshotOptions) {
    const { disk, clock, store, number, directorySalt } = options;
    const name = fileName("snapshot", number);
    this.#salt = saltOf("snapshot", number, directorySalt);
    this.#temporary = `${name}.new`;
    disk.remove(this.#temporary);
    this.#out = new SlicedFile(beginFile(disk, this.#temporary, "snapshot", number, directorySalt), clock);
    this.#records = new RecordWriter(this.#out.encoder, store.values);
    this.#writeHead();
  }

  #frame(body: () => void): void {
    const start = openFrame(this.#out.encoder);
    body();
    closeFrame(this.#out.encoder, start, this.#salt);
    this.#frames++;
  }

  #writeHead(): void {
    const { store } = this.options;
    this.#frame(() => this.#records.clock(store.clock));
    for (const writer of store.writers.values()) this.#frame(() => this.#records.writer(writer));
    for (const conflict of store.conflicts) this.#frame(() => this.#records.lost(conflict));
  }

  /**
   * Writes the rest, slice by slice, and puts it in its place. Returns its size, or undefined if it was given up.
   * @throws {DiskError} It is not in its place then
   */
  async write(): Promise<number | undefined> {
    const { file } = this.#out;
    try {
      await this.#writeEntries();
      await file.syncLater();
      if (!this.options.goesOn()) return undefined;
      await this.#putInPlace();
      return file.size();
    } finally {
      file.close();
      this.#removeTemporary();
    }
  }

  #removeTemporary(): void {
    try {
      this.options.disk.remove(this.#temporary);
    } catch {
      // It has its name by now, or the disk takes no change at all; the next start removes it.
    }
  }

  async #writeEntries(): Promise<void> {
    const { store, goesOn } = this.options;
    const out = this.#out;
    const entries = walk(store.root, { empty: true, meta: true });
    for (let entry = entries.next(); entry; entry = entries.next()) {
      if (entry.writer !== null) {
        const start = openFrame(out.encoder);
        this.#records.entry(entry);
        closeFrame(out.encoder, start, this.#salt);
        this.#frames++;
      }
      if (!out.isDue()) continue;
      await out.rest();
      if (!goesOn()) return;
    }
    this.#frame(() => this.#records.end(this.#frames));
    out.flush();
  }

  async #putInPlace(): Promise<void> {
    const { disk, number, settled } = this.options;
    await settled(() => disk.rename(this.#temporary, fileName("snapshot", number)));
    await disk.syncLater();
  }
}
