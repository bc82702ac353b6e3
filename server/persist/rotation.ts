/**
 * From one generation to the next: a new log, a snapshot of everything, and the files that nobody needs any more go.
 *
 * @module
 */

import type { Store } from "../core/store.ts";
import { type Disk, DiskError } from "./file_system.ts";
import { beginFile, fileName, listGenerations, outdated, saltOf } from "./generation.ts";
import type { Journal } from "./journal.ts";
import { Snapshot } from "./snapshot.ts";
import type { Clock } from "./surroundings.ts";

/** A log is not replaced before it has this many bytes, or as many as the last snapshot: what is written doubles at most. */
export const logBytesMin: number = 16 * 1024 * 1024;

/** After a failure, no further try for so long. */
const retryMs = 60_000;

/** What a rotation works on. */
export interface RotationOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly store: Store;
  readonly journal: Journal;
  readonly directorySalt: number;
  /** The number of the current log. */
  readonly number: number;
  readonly snapshotBytes: number;
  readonly logBytesMin: number;
  /** Tells of a snapshot that could not be written. */
  readonly report: (text: string) => void;
}

/** Starts a new generation when it is time to. */
export class Rotation {
  /** The number of the current log. */
  number: number;
  #snapshotBytes: number;
  #running: Promise<void> | undefined;
  #notBeforeMs = -Infinity;
  #isClosed = false;
  /** What waits for the next commit. */
  #waiting: { run: () => void; refuse: (error: DiskError) => void }[] = [];

  constructor(private readonly options: RotationOptions) {
    this.number = options.number;
    this.#snapshotBytes = options.snapshotBytes;
  }

  /** To be called when everything in the store is in the log. Starts a rotation if the log has become long. */
  committed(): void {
    const waiting = this.#waiting;
    if (waiting.length > 0) {
      this.#waiting = [];
      for (const { run } of waiting) run();
    }
    const { journal, logBytesMin } = this.options;
    if (journal.bytes >= Math.max(logBytesMin, this.#snapshotBytes)) this.start();
  }

  /** To be called when writing became impossible. */
  failed(error: DiskError): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { refuse } of waiting) refuse(error);
  }

  /** Starts a rotation in the background, unless one is under way or failed a moment ago. */
  start(): void {
    if (this.#running || this.#isClosed || this.options.clock.nowMs() < this.#notBeforeMs) return;
    this.#running = this.#rotate().finally(() => this.#running = undefined);
  }

  /** Resolves when no rotation is under way. */
  async finished(): Promise<void> {
    await this.#running;
  }

  async #rotate(): Promise<void> {
    const number = this.number + 1;
    try {
      await this.#write(number);
    } catch (error) {
      // Whatever it is: the log goes on without.
      this.#notBeforeMs = this.options.clock.nowMs() + retryMs;
      this.options.report(`Cannot write a snapshot: ${error instanceof Error ? error.message : error}`);
    }
  }

  async #write(number: number): Promise<void> {
    const { disk, clock, store, journal, directorySalt } = this.options;
    const name = fileName("log", number);
    disk.remove(name);
    const file = beginFile(disk, name, "log", number, directorySalt);
    await file.syncLater();
    await disk.syncLater();
    const snapshot = await this.#settled(() => {
      journal.rotate({ file, salt: saltOf("log", number, directorySalt) });
      this.number = number;
      const settled = <T>(body: () => T) => this.#settled(body);
      return new Snapshot({ disk, clock, store, number, directorySalt, goesOn: () => this.#goesOn(), settled });
    });
    // The logs before are what is left should this snapshot be damaged one day: then they have to be whole.
    await journal.olderSynced();
    const bytes = await snapshot.write();
    if (bytes === undefined) return;
    this.#snapshotBytes = bytes;
    for (const old of outdated(listGenerations(disk), number)) await disk.removeLater(old);
  }

  #goesOn(): boolean {
    return !this.#isClosed && this.options.journal.failure === undefined;
  }

  /** Runs `body` when everything that is in the store by now is in the log. */
  #settled<T>(body: () => T): Promise<T> {
    const { journal, store } = this.options;
    return new Promise((resolve, reject) => {
      const refuse = reject;
      const run = () => {
        try {
          resolve(body());
        } catch (error) {
          reject(error);
        }
      };
      if (journal.failure) refuse(journal.failure);
      else if (store.effects.length === 0 && !journal.isPending) run();
      else this.#waiting.push({ run, refuse });
    });
  }

  /** Gives up what is under way, and waits until it has stopped. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.failed(new DiskError("io", "The state directory is being closed"));
    await this.#running;
  }
}
