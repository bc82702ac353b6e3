/**
 * One run of a node in its state directory: under which writer name, and how the directory is told of it. What may be
 * believed of the run before is decided in identity.ts.
 *
 * @module
 */

import type { Store } from "../core/store.ts";
import { syncLogs } from "./directory.ts";
import { readWord } from "./frame.ts";
import {
  type FoundIdentity,
  type Identity,
  isClean,
  isFromElsewhere,
  type LogEnd,
  markClean,
  newId,
  newWriterName,
  reasonAgainst,
  unmarkClean,
  writeIdentity,
} from "./identity.ts";
import type { Loaded } from "./load.ts";
import type { FsyncPolicy, Surroundings } from "./surroundings.ts";

/** So many former names are remembered, the last ones heard of. */
const formerMax = 50;

/** Whose run it is. */
export interface TenureOptions extends Surroundings {
  /** The node's name. */
  readonly node: string;
  readonly fsync: FsyncPolicy;
}

/** See the module. */
export class Tenure {
  /** Whether there was no state at all. */
  readonly isNew: boolean;
  /** Why the last writer name is not used any more; undefined: it is, or there was none. */
  readonly renewedBecause: string | undefined;
  /** Whether the state is a copy, a backup, or what a damaged disk has left. */
  readonly isFromElsewhere: boolean;
  /** Mixed into the checksums of all files here. */
  readonly directorySalt: number;
  readonly #options: TenureOptions;
  readonly #store: Store;
  readonly #wasClean: boolean;
  /** Whether the last run had promised to sync everything before anybody sees it, and did not stop as it should. */
  readonly #isUnsettled: boolean;
  /** What this run has written of itself. */
  #identity: Identity | undefined;

  /** Decides on the writer name, and gives it to the store. Writes nothing. */
  constructor(options: TenureOptions, last: FoundIdentity | undefined, loaded: Loaded) {
    const { disk, node, bootId, randomBytes } = options;
    this.#options = options;
    this.#store = loaded.store;
    this.directorySalt = loaded.directorySalt ?? readWord(randomBytes(4), 0);
    const isDamaged = loaded.findings.some((finding) => finding.isLoss);
    this.isNew = !last && loaded.frames === 0 && !isDamaged;
    this.#wasClean = last !== undefined && isClean(disk, last.run, loaded.end);
    this.renewedBecause = this.isNew
      ? undefined
      : reasonAgainst({ last, node, bootId, isClean: this.#wasClean, isDamaged });
    this.isFromElsewhere = !this.isNew && isFromElsewhere({ last, node, isDamaged });
    this.#isUnsettled = last?.fsync === "always" && this.renewedBecause === undefined && !this.#wasClean;
    if (last?.node === node) this.#remember({ ...last.former, [last.writer]: last.lifeId });
    if (this.renewedBecause !== undefined) this.renew();
    else this.#take(last?.writer ?? node, last?.lifeId ?? newId(randomBytes));
  }

  /** What this node wrote under its former names it can tell by their lives from what a namesake wrote. */
  #remember(lives: Identity["former"]): void {
    for (const [name, lifeId] of Object.entries(lives ?? {})) {
      const writer = this.#store.writers.get(name);
      if (writer !== undefined) writer.lifeId ??= lifeId;
    }
  }

  #take(name: string, lifeId: string): void {
    this.#store.adoptWriter(name);
    this.#store.local.lifeId = lifeId;
    this.#store.commit();
  }

  /** Takes a writer name that nobody ever had. Nothing may be uncommitted. */
  renew(): void {
    const { node, randomBytes } = this.#options;
    this.#take(newWriterName(node, randomBytes), newId(randomBytes));
  }

  /**
   * Before anybody sees the state: under the policy `always` the name is kept over a power cut, so what a killed run wrote
   * and did not sync has to be on the disk, too. @throws {DiskError}
   */
  settle(): void {
    if (this.#isUnsettled) syncLogs(this.#options.disk);
  }

  /**
   * Before the first write of a run, and when the writer name changed: says on the disk who writes here.
   * @throws {DiskError} Then nothing may be written
   */
  declare(): Identity {
    const { local } = this.#store;
    const { disk, node, bootId, fsync, randomBytes } = this.#options;
    if (this.#identity?.writer === local.name) return this.#identity;
    local.lifeId ??= newId(randomBytes);
    const identity: Identity = {
      node,
      writer: local.name,
      lifeId: local.lifeId,
      run: newId(randomBytes),
      directorySalt: this.directorySalt,
      bootId: bootId ?? null,
      fsync,
      former: this.#former(),
    };
    // What the last run wrote may not be on the disk yet; from now on this run's policy is what counts.
    if (this.#identity === undefined) syncLogs(disk);
    writeIdentity(disk, identity);
    unmarkClean(disk);
    return this.#identity = identity;
  }

  /** The lives of the names that this node, or another one of its name, has written under before. */
  #former(): { [writer: string]: string } {
    const { local, writers } = this.#store;
    const former: [string, string][] = [];
    for (const { name, node, lifeId } of writers.values()) {
      if (node === this.#options.node && name !== local.name && lifeId !== null) former.push([name, lifeId]);
    }
    return Object.fromEntries(former.slice(-formerMax));
  }

  /** Whether the directory is marked as cleanly stopped, or has nothing to be marked for. */
  get isMarked(): boolean {
    return this.#identity === undefined && (this.isNew || this.#wasClean);
  }

  /** Marks the stop as a clean one; the log ends there, and is on the disk. @throws {DiskError} */
  markClean(end: LogEnd): void {
    markClean(this.#options.disk, this.declare().run, end);
  }
}
