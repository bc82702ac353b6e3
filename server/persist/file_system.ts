/**
 * What persistence needs of a file system: one flat directory. The Deno implementation is in disk.ts; the simulator and
 * the tests have one that tears writes, forgets what was not synced, fills up and flips bits.
 *
 * Everything is synchronous except what would block for long: syncing in the background and removing.
 *
 * @module
 */

import { KvError } from "../../wire/errors.ts";

/** Why the file system refused. `io` is everything that has no word of its own. */
export type DiskReason = "full" | "io" | "missing" | "exists" | "denied" | "locked";

/** The file system refused. */
export class DiskError extends KvError {
  override name = "DiskError";
  /** @param reason Which kind @param message What was tried, on which file, and why not */
  constructor(readonly reason: DiskReason, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** An open file. Appending is the only way to write. */
export interface DiskFile {
  /** The name in its directory. */
  readonly name: string;
  /** Bytes in the file. */
  size(): number;
  /** Writes behind the end; returns how many bytes were taken, at least one. @throws {DiskError} If none was */
  append(bytes: Uint8Array): number;
  /** Reads from `position` into `into`; returns how many bytes, 0 at the end. @throws {DiskError} */
  read(into: Uint8Array, position: number): number;
  /** Cuts the file. @throws {DiskError} */
  truncate(size: number): void;
  /** Returns when all that was written survives a power cut. @throws {DiskError} */
  sync(): void;
  /** The same without blocking; appending meanwhile is allowed (and not covered). Rejects with a {@linkcode DiskError}. */
  syncLater(): Promise<void>;
  /** Releases it. */
  close(): void;
}

/** What is known of a file or of the directory itself. */
export interface DiskStat {
  readonly size: number;
  /** Whether it is an ordinary file: no directory, pipe or device. */
  readonly isFile: boolean;
  /**
   * Tells this very file from a copy, and from a later one of the same name: inode and birth time. Undefined where the
   * file system has neither.
   */
  readonly id: string | undefined;
}

/** A directory. */
export interface Disk {
  /** How to name it in messages. */
  readonly path: string;
  /**
   * Opens a file: `create` a new one (an error if it exists), `append` to one that exists, or only `read`.
   * @throws {DiskError}
   */
  open(name: string, how: "create" | "append" | "read"): DiskFile;
  /** Of a file, or of the directory if `name` is empty. Undefined if there is none. */
  stat(name: string): DiskStat | undefined;
  /** The names of its files, sorted. @throws {DiskError} */
  list(): string[];
  /** Renames, replacing what is there. Survives a power cut only after syncing the directory. @throws {DiskError} */
  rename(from: string, to: string): void;
  /** Removes a file, if it is there. @throws {DiskError} */
  remove(name: string): void;
  /** The same without blocking for the freeing of a large file. */
  removeLater(name: string): Promise<void>;
  /** Returns when creations, renames and removals survive a power cut. @throws {DiskError} */
  sync(): void;
  /** The same without blocking. */
  syncLater(): Promise<void>;
  /**
   * Takes the lock file `name` until {@linkcode DiskLock.release}, or until this process dies in whatever way.
   * `note` is what others may read while they cannot have it.
   * @throws {DiskError} `locked`, with the holder's note if it can be read
   */
  lock(name: string, note: string): DiskLock;
}

/** A lock that is held. */
export interface DiskLock {
  /** Lets others have it. */
  release(): void;
}

/** Appends all of `bytes[start … end)`. @throws {DiskError} Some of it may have been written */
export function appendAll(file: DiskFile, bytes: Uint8Array, start: number, end: number): void {
  for (let at = start; at < end;) at += file.append(bytes.subarray(at, end));
}

/** Reads the whole file, if it is at most `bytesMax` long. @throws {DiskError} */
export function readAll(disk: Disk, name: string, bytesMax: number): Uint8Array {
  const file = disk.open(name, "read");
  try {
    const bytes = new Uint8Array(Math.min(file.size(), bytesMax));
    let length = 0;
    for (let n = -1; n !== 0 && length < bytes.length; length += n) n = file.read(bytes.subarray(length), length);
    return bytes.subarray(0, length);
  } finally {
    file.close();
  }
}

/**
 * Puts a small file in place as a whole: temporary name, sync, rename, sync. `bytes` may depend on the new file's
 * identity. After a crash there is the old one or the new one. @throws {DiskError}
 */
export function replaceFile(disk: Disk, name: string, bytes: (id: string | undefined) => Uint8Array): void {
  const temporary = `${name}.new`;
  disk.remove(temporary);
  const file = disk.open(temporary, "create");
  try {
    const content = bytes(disk.stat(temporary)?.id);
    appendAll(file, content, 0, content.length);
    file.sync();
  } finally {
    file.close();
  }
  disk.rename(temporary, name);
  disk.sync();
}
