/**
 * The state directory of one node: opened, it gives the state as it was; from then on it keeps what happens.
 *
 * ```text
 * lock                held as long as the node lives
 * identity            who writes here: made anew before the first write of each run
 * clean               left by a clean stop
 * log-00000003        what happened, in its order
 * snapshot-00000003   everything as it was when that log was begun
 * ```
 *
 * @module
 */

import type { Effect } from "../core/effect.ts";
import type { Store } from "../core/store.ts";
import { hasRoom, openLog, takeLock, tidy } from "./directory.ts";
import { DiskError, type DiskLock } from "./file_system.ts";
import { type Finding, findingText } from "./finding.ts";
import { saltOf } from "./generation.ts";
import { type FoundIdentity, readIdentity } from "./identity.ts";
import { Journal } from "./journal.ts";
import { load, type Loaded, type LoadProgress } from "./load.ts";
import { logBytesMin, Rotation } from "./rotation.ts";
import type { FsyncPolicy, Level, Surroundings } from "./surroundings.ts";
import { Tenure } from "./tenure.ts";

/** How often a full disk is looked at, and how much room it must have to be written again. */
const lookForRoomMs = 5000;
const roomBytes = 1024 * 1024;

/** How a state directory is opened. */
export interface PersistenceOptions extends Surroundings {
  /** The node's name. */
  readonly node: string;
  /** Default `everysec`. */
  readonly fsync?: FsyncPolicy;
  /** What others read who cannot have the directory, such as `process 1234`. */
  readonly holder?: string;
  /** Called now and then while the state is read. */
  readonly progress?: (progress: LoadProgress) => void;
  /** Called when writing became impossible. */
  readonly onFailure?: (failure: DiskError) => void;
  /** Called when writing is possible again, because a full disk has room again. */
  readonly onRecovery?: () => void;
  /** Hears of trouble in the background that harms nothing yet. */
  readonly report?: (text: string) => void;
  /** A log is not replaced before it has this many bytes; default 16 MiB. */
  readonly logBytesMin?: number;
}

/** The state directory of one node. */
export class Persistence implements AsyncDisposable {
  /** The state. Its local writer is the one that may be used. */
  readonly store: Store;
  /** What was not as it should be. */
  readonly findings: readonly Finding[];
  /** Appends to the log, and knows how much of it is on the disk. */
  readonly journal: Journal;
  readonly #options: PersistenceOptions;
  readonly #lock: DiskLock;
  readonly #tenure: Tenure;
  readonly #rotation: Rotation;
  #needsSnapshot: boolean;
  #cancelLook: (() => void) | undefined;

  /**
   * Locks the directory and reads its state.
   * @throws {DiskError} `locked`: another process has it; or it cannot be read or written at all
   * @throws {KvError} If the state is of a later version of this program
   */
  static async open(options: PersistenceOptions): Promise<Persistence> {
    const lock = takeLock(options.disk, options.holder ?? "another process");
    try {
      const last = readIdentity(options.disk);
      const { disk, node } = options;
      const loaded = await drive(load({ disk, node, directorySalt: last?.directorySalt }), options);
      return new Persistence(options, lock, last, loaded);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  private constructor(options: PersistenceOptions, lock: DiskLock, last: FoundIdentity | undefined, loaded: Loaded) {
    const { disk, clock } = options;
    const { store, findings, number, snapshotBytes } = loaded;
    const fsync = options.fsync ?? "everysec";
    this.#options = options;
    this.#lock = lock;
    this.store = store;
    this.findings = findings;
    this.#tenure = new Tenure({ ...options, fsync }, last, loaded);
    this.#needsSnapshot = findings.some((finding) => finding.kind !== "torn");
    tidy(disk, findings);
    this.#tenure.settle();
    const { directorySalt } = this.#tenure;
    const log = { file: openLog(disk, number, directorySalt), salt: saltOf("log", number, directorySalt) };
    this.journal = new Journal(log, store.values, fsync, clock, (failure) => this.#failed(failure));
    this.#rotation = new Rotation({
      disk,
      clock,
      store,
      journal: this.journal,
      directorySalt,
      number,
      snapshotBytes,
      logBytesMin: options.logBytesMin ?? logBytesMin,
      report: options.report ?? (() => {}),
    });
  }

  /** Whether there was no state at all. */
  get isNew(): boolean {
    return this.#tenure.isNew;
  }

  /** Why the last writer name is not used any more; undefined: it is, or there was none. */
  get renewedBecause(): string | undefined {
    return this.#tenure.renewedBecause;
  }

  /** Whether what is here may be purged elsewhere, because it is a copy, a backup, or what a damaged disk has left. */
  get isFromElsewhere(): boolean {
    return this.#tenure.isFromElsewhere;
  }

  /** Why nothing can be written any more. */
  get failure(): DiskError | undefined {
    return this.journal.failure;
  }

  /** What a person should hear of how the state was found, a line each. */
  get remarks(): string[] {
    const remarks = this.findings.map(findingText);
    const { renewedBecause, store } = this;
    if (renewedBecause) {
      remarks.push(`Changes are made under the new name ${store.local.name}, because ${renewedBecause}`);
    }
    return remarks;
  }

  /** Takes a new writer name, because state comes from elsewhere (a file, a backup). Nothing may be uncommitted. */
  renewWriter(): void {
    this.#tenure.renew();
  }

  /** Encodes what happened. Nothing is written before {@linkcode Persistence.commit}. */
  append(effects: readonly Effect[]): void {
    this.journal.append(effects);
  }

  /**
   * Writes everything appended since the last commit in one go; `disk` waits until it survives a power cut (so does the
   * policy `always`). Returns the level that everything written so far has reached.
   * @throws {DiskError} Nothing of it is kept: the caller takes the changes back. From then on every commit fails, until a
   * full disk has room
   */
  commit(level: Level): Level {
    if (this.journal.isPending && !this.journal.failure) this.#declare();
    const reached = this.journal.commit(level);
    this.#rotation.committed();
    if (this.#needsSnapshot) {
      this.#needsSnapshot = false;
      this.#rotation.start();
    }
    return reached;
  }

  #declare(): void {
    try {
      this.#tenure.declare();
    } catch (error) {
      if (error instanceof DiskError) this.journal.refuse(error);
      throw error;
    }
  }

  #failed(failure: DiskError): void {
    this.#rotation.failed(failure);
    this.#options.onFailure?.(failure);
    if (failure.reason === "full") this.#lookForRoom();
  }

  /** A full disk may get room again; nothing else mends itself. */
  #lookForRoom(): void {
    this.#cancelLook = this.#options.clock.after(lookForRoomMs, () => {
      if (hasRoom(this.#options.disk, roomBytes) && this.journal.resume()) this.#options.onRecovery?.();
      else this.#lookForRoom();
    });
  }

  /** Writes a snapshot now, and removes what it makes superfluous. */
  async snapshot(): Promise<void> {
    this.#rotation.start();
    await this.#rotation.finished();
  }

  /** Resolves when no snapshot is being written. */
  async rotated(): Promise<void> {
    await this.#rotation.finished();
  }

  /** Writes everything, marks the stop as clean, and unlocks. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#cancelLook?.();
    await this.#rotation.close();
    if (!this.#tenure.isMarked && !this.failure) this.#markClean();
    await this.journal.close();
    this.#lock.release();
  }

  #markClean(): void {
    try {
      this.#declare();
      this.journal.appendClock(this.store.clock);
      this.journal.commit("disk");
      this.#tenure.markClean({ number: this.#rotation.number, bytes: this.journal.bytes });
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#options.report?.(`The stop is not a clean one: ${error.message}`);
    }
  }
}

/** Runs a load to its end, and lets everybody else have a turn now and then. */
async function drive(
  loading: Generator<LoadProgress, Loaded>,
  { clock, progress }: PersistenceOptions,
): Promise<Loaded> {
  for (;;) {
    const step = loading.next();
    if (step.done) return step.value;
    progress?.(step.value);
    await clock.pause();
  }
}
