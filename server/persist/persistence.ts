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
import { DiskError, type DiskLock } from "./file_system.ts";
import { type Finding, findingText } from "./finding.ts";
import { readWord } from "./frame.ts";
import { saltOf } from "./generation.ts";
import {
  type Identity,
  isClean,
  markClean,
  newId,
  newWriterName,
  readIdentity,
  reasonAgainst,
  unmarkClean,
  writeIdentity,
} from "./identity.ts";
import { Journal } from "./journal.ts";
import { load, type Loaded, type LoadProgress } from "./load.ts";
import { hasRoom, openLog, syncLogs, takeLock, tidy } from "./directory.ts";
import { logBytesMin, Rotation } from "./rotation.ts";
import type { FsyncPolicy, Level, Surroundings } from "./surroundings.ts";

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
  /** Whether there was no state at all. */
  readonly isNew: boolean;
  /** Why the last writer name is not used any more; undefined: it is, or there was none. */
  readonly renewedBecause: string | undefined;
  /** Appends to the log, and knows how much of it is on the disk. */
  readonly journal: Journal;
  readonly #options: PersistenceOptions;
  readonly #lock: DiskLock;
  readonly #fsync: FsyncPolicy;
  readonly #directorySalt: number;
  readonly #rotation: Rotation;
  readonly #wasClean: boolean;
  /** The identity that this run has written. */
  #identity: Identity | undefined;
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

  private constructor(
    options: PersistenceOptions,
    lock: DiskLock,
    last: ReturnType<typeof readIdentity>,
    loaded: Loaded,
  ) {
    const { disk, clock, node, randomBytes, bootId } = options;
    const { store, findings, end } = loaded;
    this.#options = options;
    this.#lock = lock;
    this.#fsync = options.fsync ?? "everysec";
    this.store = store;
    this.findings = findings;
    this.#directorySalt = loaded.directorySalt ?? readWord(randomBytes(4), 0);
    const isDamaged = findings.some((finding) => finding.isLoss);
    this.isNew = !last && loaded.frames === 0 && !isDamaged;
    this.#wasClean = last !== undefined && isClean(disk, last.run, end);
    const evidence = { last, node, bootId, isClean: this.#wasClean, isDamaged };
    this.renewedBecause = this.isNew ? undefined : reasonAgainst(evidence);
    this.#takeWriter(this.isNew ? node : this.renewedBecause === undefined ? last!.writer : undefined, last?.lifeId);
    this.#needsSnapshot = findings.some((finding) => finding.kind !== "torn");
    tidy(disk, findings);
    const { number } = loaded;
    const file = openLog(disk, number, this.#directorySalt);
    const log = { file, salt: saltOf("log", number, this.#directorySalt) };
    this.journal = new Journal(log, store.values, this.#fsync, clock, (failure) => this.#failed(failure));
    this.#rotation = new Rotation({
      disk,
      clock,
      store,
      journal: this.journal,
      directorySalt: this.#directorySalt,
      number,
      snapshotBytes: loaded.snapshotBytes,
      logBytesMin: options.logBytesMin ?? logBytesMin,
      report: options.report ?? (() => {}),
    });
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

  #takeWriter(name: string | undefined, lifeId: string | undefined): void {
    const { node, randomBytes } = this.#options;
    this.store.adoptWriter(name ?? newWriterName(node, randomBytes));
    this.store.local.lifeId = name !== undefined && lifeId !== undefined ? lifeId : newId(randomBytes);
    this.store.commit();
  }

  /** Takes a new writer name, because state comes from elsewhere (a file, a backup). Nothing may be uncommitted. */
  renewWriter(): void {
    this.#takeWriter(undefined, undefined);
  }

  /** Encodes what happened. Nothing is written before {@linkcode Persistence.commit}. */
  append(effects: readonly Effect[]): void {
    this.journal.append(effects);
  }

  /**
   * Writes everything appended since the last commit in one go; `disk` waits until it survives a power cut (so does the
   * policy `always`). Returns the level that everything written so far has reached.
   * @throws {DiskError} Nothing of it is kept: the caller takes the changes back. From then on every commit fails, until a full disk has room.
   */
  commit(level: Level): Level {
    if (this.journal.isPending && !this.journal.failure) this.#arm();
    const reached = this.journal.commit(level);
    this.#rotation.committed();
    if (this.#needsSnapshot) {
      this.#needsSnapshot = false;
      this.#rotation.start();
    }
    return reached;
  }

  /** Before the first write of a run, and when the writer name changed: says on the disk who writes here. */
  #arm(): Identity {
    const { store } = this;
    const { disk, node, bootId, randomBytes } = this.#options;
    if (this.#identity?.writer === store.local.name) return this.#identity;
    store.local.lifeId ??= newId(randomBytes);
    const identity: Identity = {
      node,
      writer: store.local.name,
      lifeId: store.local.lifeId,
      run: newId(randomBytes),
      directorySalt: this.#directorySalt,
      bootId: bootId ?? null,
      fsync: this.#fsync,
    };
    try {
      // What the last run wrote may not be on the disk yet; from now on this run's policy is what counts.
      if (this.#identity === undefined) syncLogs(disk);
      writeIdentity(disk, identity);
      unmarkClean(disk);
    } catch (error) {
      if (error instanceof DiskError) this.journal.refuse(error);
      throw error;
    }
    return this.#identity = identity;
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
    const isMarked = this.#identity === undefined && (this.isNew || this.#wasClean);
    if (!isMarked && !this.failure) this.#markClean();
    await this.journal.close();
    this.#lock.release();
  }

  #markClean(): void {
    try {
      const { run } = this.#arm();
      this.journal.appendClock(this.store.clock);
      this.journal.commit("disk");
      markClean(this.#options.disk, run, { number: this.#rotation.number, bytes: this.journal.bytes });
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
