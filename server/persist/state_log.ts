/**
 * A state file that is being written: the state as it is, if wanted, then every change, until it is closed.
 *
 * The state is written in slices while the node goes on. What changes meanwhile is written as a change, at once; the walk
 * leaves out entries that have a change in the file already. So every version is in the file once, and none is missing.
 *
 * Until the state is complete the file has another name; what was there before stays.
 *
 * Source: `spec/server-protocol.md` 7, writer timing.
 *
 * @module
 */

import type { Change, Effect } from "../core/effect.ts";
import type { Entry } from "../core/entry.ts";
import type { Store } from "../core/store.ts";
import { walk } from "../core/walk.ts";
import { type Disk, DiskError } from "./file_system.ts";
import { SlicedFile } from "./sliced_file.ts";
import { StateRecordWriter } from "./state_record_writer.ts";
import type { Clock } from "./surroundings.ts";

/** Changes are written after so many, or so long. */
const flushRecords = 100;
const flushMs = 1000;
/** An info record comes again after so many changes, or so long. */
const infoRecords = 1000;
const infoMs = 60_000;

/** What goes into the file. */
export interface StateLogOptions {
  readonly disk: Disk;
  readonly name: string;
  readonly clock: Clock;
  readonly store: Store;
  /** Which entries to begin with, deleted ones included: none, all but the internal ones, or also these. */
  readonly state: "none" | "data" | "all";
  /** Called if changes cannot be written any more; the file is closed then. */
  readonly onFailure: (error: DiskError) => void;
}

/** See the module. */
export class StateLog {
  /** Whether changes are still taken. */
  isOpen = true;
  readonly #temporary: string;
  readonly #out: SlicedFile;
  readonly #records: StateRecordWriter;
  /** While the state is written: the entries that have a change in the file. */
  #changed: Set<Entry> | undefined = new Set();
  #unflushed = 0;
  #sinceInfo = 0;
  #infoAtMs: number;
  #cancelFlush: (() => void) | undefined;

  /** Begins it: changes from now on are taken. @throws {DiskError} */
  constructor(private readonly options: StateLogOptions) {
    const { disk, name, clock, store } = options;
    this.#temporary = `.${name}.new`;
    disk.remove(this.#temporary);
    this.#out = new SlicedFile(disk.open(this.#temporary, "create"), clock);
    this.#records = new StateRecordWriter(this.#out.encoder, store);
    this.#infoAtMs = clock.nowMs();
    this.#records.info();
  }

  /** Writes the state and gives the file its name. @throws {DiskError} Nothing is left of it then */
  async begin(): Promise<void> {
    try {
      if (this.options.state !== "none") await this.#writeState();
      this.#out.flush();
      await this.#out.file.syncLater();
      this.#settle();
    } catch (error) {
      this.#abandon(error);
    }
  }

  /**
   * The same for a file without state, at once: so that it takes over from another one between two changes.
   * @returns When it is synced
   * @throws {DiskError} Nothing is left of it then
   */
  beginAtOnce(): Promise<void> {
    try {
      this.#out.flush();
      const synced = this.#out.file.syncLater();
      synced.catch(() => {});
      this.#settle();
      return synced;
    } catch (error) {
      this.#abandon(error);
    }
  }

  #settle(): void {
    this.#out.flush();
    this.options.disk.rename(this.#temporary, this.options.name);
    this.#changed = undefined;
    this.#unflushed = 0;
  }

  #abandon(error: unknown): never {
    this.#end();
    if (error instanceof DiskError) this.#removeTemporary();
    throw error;
  }

  async #writeState(): Promise<void> {
    const out = this.#out;
    const meta = this.options.state === "all";
    const entries = walk(this.options.store.root, { empty: true, meta });
    for (let entry = entries.next(); entry && this.isOpen; entry = entries.next()) {
      if (!this.#changed!.has(entry)) this.#writeEntry(entry);
      if (out.isDue()) await out.rest();
    }
  }

  /** A deletion is written, too: where the file is loaded, servers may be that have not heard of it. */
  #writeEntry(entry: Entry): void {
    if (entry.hasValue) this.#records.entry(entry);
    else if (entry.isTombstone) this.#records.tombstone(entry);
  }

  #removeTemporary(): void {
    try {
      this.options.disk.remove(this.#temporary);
    } catch {
      // It was not there, or nothing can be done on this disk at all.
    }
  }

  /** Takes what happened, when it is logged, and before the store's commit frees values that were replaced. */
  changed(effects: readonly Effect[]): void {
    if (!this.isOpen) return;
    for (const effect of effects) {
      if (effect.kind === "change" && !effect.isRefresh && this.#isWanted(effect)) this.#take(effect);
    }
    if (this.#unflushed === 0) return;
    this.#infoIfDue();
    if (this.#unflushed >= flushRecords) return this.#flush();
    this.#cancelFlush ??= this.options.clock.after(flushMs, () => this.#idle());
  }

  #isWanted({ entry }: Change): boolean {
    if (this.options.state !== "data") return true;
    let top = entry;
    while (top.parent !== null && top.parent.parent !== null) top = top.parent;
    return top.key !== null;
  }

  #take(change: Change): void {
    this.#records.change(change);
    this.#changed?.add(change.entry);
    this.#unflushed++;
    this.#sinceInfo++;
  }

  #infoIfDue(): void {
    const now = this.options.clock.nowMs();
    if (this.#sinceInfo <= infoRecords && (this.#sinceInfo === 0 || now - this.#infoAtMs < infoMs)) return;
    this.#records.info();
    this.#sinceInfo = 0;
    this.#infoAtMs = now;
  }

  /** Time has passed. Changes that are not committed must not show in an info record. */
  #idle(): void {
    if (this.options.store.effects.length === 0) this.#infoIfDue();
    this.#flush();
  }

  #flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    if (!this.isOpen || this.#changed) return;
    this.#unflushed = 0;
    try {
      this.#out.flush();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#end();
      this.options.onFailure(error);
    }
  }

  /** Writes what is left, with a last word on what is known if anything changed, and closes the file. */
  async close(): Promise<void> {
    if (!this.isOpen) return;
    if (this.#sinceInfo > 0) this.#records.info();
    this.#flush();
    if (!this.isOpen) return;
    this.isOpen = false;
    await this.#out.file.syncLater().finally(() => this.#out.file.close());
  }

  #end(): void {
    this.#cancelFlush?.();
    this.isOpen = false;
    this.#out.file.close();
  }
}
