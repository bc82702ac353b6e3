/**
 * The log: what happened, appended in its order. Everything of one turn goes out in one write, and nothing leaves the
 * node before that write returned.
 *
 * @module
 */

import { Encoder } from "../../wire/msgpack/encoder.ts";
import type { Effect } from "../core/effect.ts";
import type { ValueArena } from "../core/values.ts";
import { appendAll, DiskError, type DiskFile } from "./file_system.ts";
import { closeFrame, frameHeaderBytes, openFrame, payloadBytesMax } from "./frame.ts";
import { RecordWriter } from "./record_writer.ts";
import type { Clock, FsyncPolicy, Level } from "./surroundings.ts";

/** From one background sync to the next. */
const syncEveryMs = 1000;

/** A log file, open for appending, and its salt. */
export interface LogFile {
  readonly file: DiskFile;
  readonly salt: number;
}

/** Appends effects to a log. */
export class Journal {
  /** Frames written so far, and how many of them survive a power cut. */
  written = 0;
  durable = 0;
  /** Why nothing can be written any more. */
  failure: DiskError | undefined;
  /** Whether the file holds nothing that was refused; false only if a failed write could not be taken back. */
  isWhole = true;
  readonly #encoder = new Encoder(64 * 1024);
  readonly #records: RecordWriter;
  #frames = 0;
  #log: LogFile;
  /** Logs before the current one that are not on the disk yet. */
  #older: DiskFile[] = [];
  #lastSyncMs = -syncEveryMs;
  #cancelTimer: (() => void) | undefined;
  #syncing: Promise<void> | undefined;

  constructor(
    log: LogFile,
    values: ValueArena,
    private readonly policy: FsyncPolicy,
    private readonly clock: Clock,
    private readonly onFailure: (failure: DiskError) => void,
  ) {
    this.#log = log;
    this.#records = new RecordWriter(this.#encoder, values);
  }

  /** Bytes in the current file. */
  get bytes(): number {
    return this.#log.file.size();
  }

  /** Whether something waits for {@linkcode Journal.commit}. */
  get isPending(): boolean {
    return this.#encoder.length > 0;
  }

  /** Encodes what happened: a frame each, but the loser of a conflict is in one frame with its neighbours. */
  append(effects: readonly Effect[]): void {
    let start = -1;
    let wasConflict = false;
    for (const effect of effects) {
      const isConflict = effect.kind === "conflict";
      if (start >= 0 && !isConflict && !wasConflict) start = this.#close(start);
      if (start < 0) start = openFrame(this.#encoder);
      this.#records.effect(effect);
      wasConflict = isConflict;
    }
    if (start >= 0) this.#close(start);
  }

  /** Encodes the clock. */
  appendClock(tock: number): void {
    const start = openFrame(this.#encoder);
    this.#records.clock(tock);
    this.#close(start);
  }

  #close(start: number): -1 {
    const payload = this.#encoder.length - start - frameHeaderBytes;
    if (payload === 0) {
      this.#encoder.truncate(start);
      return -1;
    }
    if (payload > payloadBytesMax) throw new DiskError("io", `Cannot log a change of ${payload} bytes`);
    closeFrame(this.#encoder, start, this.#log.salt);
    this.#frames++;
    return -1;
  }

  /** Forgets what was appended since the last commit. */
  discard(): void {
    this.#encoder.reset();
    this.#frames = 0;
  }

  /**
   * Writes what was appended. Returns the level that all writes so far have reached.
   * @throws {DiskError} Nothing of it is in the file, as far as the disk allows; from now on every commit fails
   */
  commit(level: Level): Level {
    if (this.failure) {
      this.discard();
      throw this.failure;
    }
    const { file } = this.#log;
    const before = file.size();
    const mustSync = level === "disk" || this.policy === "always";
    try {
      appendAll(file, this.#encoder.bytes, 0, this.#encoder.length);
      if (mustSync) this.#sync(this.written + this.#frames);
    } catch (error) {
      throw this.#fail(error, before);
    }
    this.written += this.#frames;
    this.discard();
    if (this.durable === this.written) return "disk";
    this.#syncSoon();
    return "memory";
  }

  #sync(upTo: number): void {
    if (this.durable === upTo) return;
    for (const file of this.#older) file.sync();
    this.#log.file.sync();
    this.durable = upTo;
  }

  /** Takes back what may have been written, and refuses everything from now on. */
  #fail(error: unknown, before: number): unknown {
    if (!(error instanceof DiskError)) return error;
    try {
      this.#log.file.truncate(before);
    } catch {
      this.isWhole = false;
    }
    this.refuse(error);
    return error;
  }

  /** Refuses everything from now on. */
  refuse(error: DiskError): void {
    this.discard();
    if (this.failure) return;
    this.failure = error;
    this.#cancelTimer?.();
    this.onFailure(error);
  }

  /** Takes writes again after the disk was full. Returns false if that cannot be: what is in the file is not certain. */
  resume(): boolean {
    if (this.failure?.reason !== "full" || !this.isWhole) return false;
    try {
      this.#log.file.sync();
    } catch {
      return false;
    }
    this.failure = undefined;
    this.durable = this.written;
    return true;
  }

  #syncSoon(): void {
    if (this.policy !== "everysec" || this.#cancelTimer || this.#syncing) return;
    const waitMs = Math.max(0, this.#lastSyncMs + syncEveryMs - this.clock.nowMs());
    this.#cancelTimer = this.clock.after(waitMs, () => {
      this.#cancelTimer = undefined;
      void this.syncLater();
    });
  }

  /** Syncs everything written so far without blocking. Never rejects: a failure makes the log refuse. */
  syncLater(): Promise<void> {
    return this.#syncing ??= this.#syncInBackground().finally(() => {
      this.#syncing = undefined;
      if (this.durable < this.written && !this.failure) this.#syncSoon();
    });
  }

  async #syncInBackground(): Promise<void> {
    this.#lastSyncMs = this.clock.nowMs();
    const upTo = this.written;
    const older = this.#older.slice();
    const { file: current } = this.#log;
    try {
      for (const file of older) await file.syncLater();
      await current.syncLater();
      this.durable = Math.max(this.durable, upTo);
      this.#older = this.#older.filter((file) => !older.includes(file));
      for (const file of older) file.close();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.refuse(error);
    }
  }

  /** Goes on in another file. Nothing may be pending. */
  rotate(log: LogFile): void {
    this.#older.push(this.#log.file);
    this.#log = log;
    void this.syncLater();
  }

  /** Resolves when what was written before the last rotation is on the disk, whatever the policy, or cannot get there. */
  async olderSynced(): Promise<void> {
    while (this.#older.length > 0 && this.failure === undefined) await this.syncLater();
  }

  /** Closes the files; what was written is not synced by this. */
  async close(): Promise<void> {
    this.#cancelTimer?.();
    await this.#syncing;
    for (const file of [...this.#older, this.#log.file]) file.close();
  }
}
