/**
 * The state directory of one node: opened, it gives the state as it was; from then on it keeps what happens.
 *
 * @module
 */

import type { Effect } from "../core/effect.ts";
import type { Store } from "../core/store.ts";
import type { FsyncPolicy, Level, Surroundings } from "./surroundings.ts";

/** How a state directory is opened. */
export interface PersistenceOptions extends Surroundings {
  /** The node's name. */
  readonly node: string;
  /** Default `everysec`. */
  readonly fsync?: FsyncPolicy;
  /** Called now and then while the state is read: bytes so far, of how many. */
  readonly progress?: (bytes: number, bytesTotal: number) => void;
  /** Called when writing became impossible; the reason is an error's text. Once. */
  readonly onFailure?: (reason: string) => void;
}

/** The state directory of one node. */
export class Persistence implements AsyncDisposable {
  /** The state. Its local writer is the one that may be used. */
  readonly store!: Store;
  /** What was found and what had to be dropped: one line each for the person who runs it. */
  readonly findings: readonly string[] = [];
  /** Whether there was no state at all. */
  readonly isNew: boolean = true;
  /** Why nothing can be written any more. */
  readonly failure: string | undefined;

  /**
   * Locks the directory and reads its state.
   * @throws {DiskError} `locked`: another process has it; or it cannot be read at all
   */
  static open(_options: PersistenceOptions): Promise<Persistence> {
    throw new Error("stub");
  }

  /** Encodes what happened. Nothing is written before {@linkcode Persistence.commit}. */
  append(_effects: readonly Effect[]): void {
    throw new Error("stub");
  }

  /**
   * Writes everything appended since the last commit in one go; `disk` waits until it survives a power cut (so does the
   * policy `always`). Returns the level that was reached.
   * @throws {DiskError} Nothing of it is kept: the caller takes the changes back. From then on every commit fails.
   */
  commit(_level: Level): Level {
    throw new Error("stub");
  }

  /** Takes a new writer name before the next write, because the state came from elsewhere (a file, a backup). */
  renewWriter(): void {
    throw new Error("stub");
  }

  /** Writes everything, marks the stop as clean, and unlocks. */
  [Symbol.asyncDispose](): Promise<void> {
    throw new Error("stub");
  }
}
