/**
 * Reads the state of a directory: the newest snapshot, then every log from there on. If something is damaged, everything
 * is read again, with the older snapshot and its logs, and of two versions of an entry the higher rank stays.
 *
 * @module
 */

import { recordKeys } from "../core/conflicts.ts";
import { Store } from "../core/store.ts";
import { walk } from "../core/walk.ts";
import type { Writer } from "../core/writer.ts";
import type { FileKind } from "./file_header.ts";
import type { Disk } from "./file_system.ts";
import type { Finding } from "./finding.ts";
import { fileName, type Generations, listGenerations, readHeader, startsOf } from "./generation.ts";
import type { LogEnd } from "./identity.ts";
import { type FileFinding, type FileOutcome, loadFile } from "./load_file.ts";
import { Replay, type ReplayOrder } from "./replay.ts";

/** What is read, for whom. */
export interface LoadOptions {
  readonly disk: Disk;
  readonly node: string;
  /** Of the directory, if its identity could be read. */
  readonly directorySalt: number | undefined;
}

/** How far it is. */
export interface LoadProgress {
  readonly bytes: number;
  readonly bytesTotal: number;
}

/** What was read. */
export interface Loaded {
  readonly store: Store;
  readonly findings: readonly Finding[];
  readonly frames: number;
  /** The last log and its length; undefined if there is none. */
  readonly end: LogEnd | undefined;
  /** The log to go on with: the last one, or one that is missing. */
  readonly number: number;
  /** Bytes of the newest snapshot. */
  readonly snapshotBytes: number;
  readonly directorySalt: number | undefined;
}

/** Reads everything. @throws {DiskError} @throws {KvError} If it is of a later version of this program */
export function* load(options: LoadOptions): Generator<LoadProgress, Loaded> {
  const fast = new Loading(options, "last");
  const loaded = yield* fast.run();
  if (loaded.findings.every((finding) => finding.kind === "torn" && !finding.isLoss)) return loaded;
  const careful = new Loading(options, "rank");
  return yield* careful.run();
}

class Loading {
  readonly #store: Store;
  readonly #replay: Replay;
  readonly #found: Generations;
  readonly #directorySalt: number | undefined;
  readonly #findings: Finding[] = [];
  #frames = 0;
  #bytes = 0;
  readonly #bytesTotal: number;

  constructor(private readonly options: LoadOptions, private readonly order: ReplayOrder) {
    this.#store = new Store({ node: options.node });
    this.#found = listGenerations(options.disk);
    this.#bytesTotal = this.#sizeOfAll();
    this.#replay = new Replay(this.#store, order, this.#bytesTotal);
    this.#directorySalt = options.directorySalt ?? this.#anySalt();
  }

  /** The salt that any header tells. */
  #anySalt(): number | undefined {
    const { logs, snapshots } = this.#found;
    const names = [...logs.map((n) => fileName("log", n)), ...snapshots.map((n) => fileName("snapshot", n))];
    for (const name of names) {
      const file = this.options.disk.open(name, "read");
      try {
        const header = readHeader(file);
        if (header) return header.directorySalt;
      } finally {
        file.close();
      }
    }
    return undefined;
  }

  *run(): Generator<LoadProgress, Loaded> {
    const start = yield* this.#snapshots();
    const end = yield* this.#logs(Math.max(1, start));
    this.#store.finishRestore();
    this.#settleRecorded();
    if (this.#findings.some((finding) => finding.isLoss)) haveOnlyHeads(this.#store);
    const newest = this.#found.snapshots.at(-1);
    const snapshotBytes = newest === undefined ? 0 : this.options.disk.stat(fileName("snapshot", newest))?.size ?? 0;
    return {
      store: this.#store,
      findings: this.#findings,
      frames: this.#frames,
      end,
      number: Math.max(1, newest ?? 0, end?.number ?? 0),
      snapshotBytes,
      directorySalt: this.#directorySalt,
    };
  }

  #sizeOfAll(): number {
    const { logs, snapshots } = this.#found;
    const newest = snapshots.at(-1) ?? 0;
    const names = logs.filter((n) => n >= newest).map((n) => fileName("log", n));
    if (newest > 0) names.push(fileName("snapshot", newest));
    return names.reduce((sum, name) => sum + (this.options.disk.stat(name)?.size ?? 0), 0);
  }

  /** Reads snapshots, newest first, until one is good; returns the number of the log to go on with. */
  *#snapshots(): Generator<LoadProgress, number> {
    const starts = startsOf(this.#found);
    const bad: { file: string; findings: readonly FileFinding[] }[] = [];
    let start = 0;
    let isComplete = false;
    for (start of starts) {
      isComplete = start === 0;
      if (isComplete) break;
      const { findings } = yield* this.#file("snapshot", start);
      isComplete = findings.every((finding) => finding.kind === "header");
      if (findings.length > 0) bad.push({ file: fileName("snapshot", start), findings });
      if (isComplete || this.order === "last") break;
    }
    for (const { file, findings } of bad) {
      for (const { kind, from, to } of findings) {
        this.#findings.push({ kind: kind === "torn" ? "damaged" : kind, file, from, to, isLoss: !isComplete });
      }
    }
    return start;
  }

  /** Reads all logs from `first` on; returns where the last one ends. */
  *#logs(first: number): Generator<LoadProgress, LogEnd | undefined> {
    const last = this.#found.logs.at(-1) ?? 0;
    const outcomes: { number: number; outcome: FileOutcome }[] = [];
    for (let number = first; number <= last; number++) {
      if (this.#found.logs.includes(number)) outcomes.push({ number, outcome: yield* this.#file("log", number) });
      else this.#missing(number);
    }
    if (last < first && this.#found.snapshots.length > 0) this.#missing(first);
    outcomes.forEach(({ number, outcome }, i) => {
      const isLast = outcomes.slice(i + 1).every((later) => later.outcome.frames === 0);
      this.#judge(fileName("log", number), outcome.findings, isLast);
    });
    const end = outcomes.at(-1);
    return end && { number: end.number, bytes: end.outcome.bytes };
  }

  #missing(number: number): void {
    this.#findings.push({ kind: "missing", file: fileName("log", number), from: 0, to: 0, isLoss: true });
  }

  /** A torn end is what a killed process leaves, but only where nothing was written later. */
  #judge(file: string, findings: readonly FileFinding[], isLast: boolean): void {
    for (const { kind, from, to } of findings) {
      const isTorn = kind === "torn" && isLast;
      const isLoss = !isTorn && kind !== "header";
      this.#findings.push({ kind: kind === "torn" && !isTorn ? "damaged" : kind, file, from, to, isLoss });
    }
  }

  *#file(kind: FileKind, number: number): Generator<LoadProgress, FileOutcome> {
    this.#replay.framesSaid = NaN;
    const { disk } = this.options;
    const reading = loadFile({ disk, kind, number, directorySalt: this.#directorySalt, replay: this.#replay });
    for (let step = reading.next();; step = reading.next()) {
      if (!step.done) {
        yield { bytes: this.#bytes + step.value, bytesTotal: this.#bytesTotal };
        continue;
      }
      this.#frames += step.value.frames;
      this.#bytes += step.value.bytes;
      return step.value;
    }
  }

  /** Conflicts whose record is here are settled, also if the news of it was lost. */
  #settleRecorded(): void {
    for (const conflict of [...this.#store.conflicts]) {
      const keys = recordKeys(conflict);
      if (this.#store.find(keys, keys.length)?.writer) this.#store.conflicts.settle(conflict.writer, conflict.tick);
    }
    this.#store.commit();
  }
}

/**
 * After a loss: of every writer only the heads that are here are had, and the rest is missing. What was superseded may have
 * been so by something that is lost.
 */
function haveOnlyHeads(store: Store): void {
  const heads = new Map<Writer, number[]>();
  for (const { writer, tick } of walk(store.root, { empty: true, meta: true })) {
    if (writer === null) continue;
    const ticks = heads.get(writer);
    if (ticks) ticks.push(tick);
    else heads.set(writer, [tick]);
  }
  for (const writer of store.writers.values()) {
    writer.have.clear();
    for (const tick of (heads.get(writer) ?? []).sort((a, b) => a - b)) writer.have.add(tick);
    writer.givenUp.removeAll(writer.have);
  }
}
