/**
 * What persistence is given: disk, time, chance. The server gives the real ones, the simulator its own.
 *
 * @module
 */

import type { Disk } from "./file_system.ts";

/** Time, as persistence sees it. */
export interface Clock {
  /** Milliseconds that only ever grow; says nothing about the date. */
  nowMs(): number;
  /** Calls `run` once, after `ms` milliseconds; the returned function prevents it. Does not keep the process alive. */
  after(ms: number, run: () => void): () => void;
  /** Resolves when everybody else who is waiting has had a turn. */
  pause(): Promise<void>;
}

/** Disk, time, chance. */
export interface Surroundings {
  readonly disk: Disk;
  readonly clock: Clock;
  /** Fresh random bytes. */
  randomBytes(n: number): Uint8Array;
  /** What changes with every start of the machine; undefined if that cannot be known. */
  readonly bootId: string | undefined;
}

/** When what was written reaches the disk: before anything leaves, at most a second later, or when the system likes. */
export type FsyncPolicy = "always" | "everysec" | "no";

/** How safe something is: it survives the death of the process, or also a power cut. */
export type Level = "memory" | "disk";
