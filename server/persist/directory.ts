/**
 * What is done to a state directory when it is opened.
 *
 * @module
 */

import { fileHeaderBytes } from "./file_header.ts";
import { appendAll, type Disk, DiskError, type DiskFile, type DiskLock } from "./file_system.ts";
import type { Finding } from "./finding.ts";
import { beginFile, fileName, listGenerations } from "./generation.ts";

/** Locks the directory. @throws {DiskError} `locked`, with the way out */
export function takeLock(disk: Disk, holder: string): DiskLock {
  try {
    return disk.lock("lock", holder);
  } catch (error) {
    if (!(error instanceof DiskError) || error.reason !== "locked") throw error;
    throw new DiskError("locked", `${error.message}: stop it first, or use another state directory`, { cause: error });
  }
}

/** Removes what a killed process left behind: files that never got their name, records that were not written to their end. */
export function tidy(disk: Disk, findings: readonly Finding[]): void {
  for (const name of disk.list()) if (/^(snapshot-\d+|identity|clean|room)\.new$/.test(name)) disk.remove(name);
  for (const { kind, file, from } of findings) {
    if (kind !== "torn") continue;
    if (from < fileHeaderBytes) disk.remove(file);
    else cut(disk, file, from);
  }
}

function cut(disk: Disk, name: string, size: number): void {
  const file = disk.open(name, "append");
  try {
    file.truncate(size);
  } finally {
    file.close();
  }
}

/** Opens a log for appending, or makes it. */
export function openLog(disk: Disk, number: number, directorySalt: number): DiskFile {
  const name = fileName("log", number);
  return disk.stat(name) ? disk.open(name, "append") : beginFile(disk, name, "log", number, directorySalt);
}

/** Makes sure that all logs are on the disk. @throws {DiskError} */
export function syncLogs(disk: Disk): void {
  for (const number of listGenerations(disk).logs) {
    const file = disk.open(fileName("log", number), "append");
    try {
      file.sync();
    } finally {
      file.close();
    }
  }
}

/** Whether so many bytes can be written. */
export function hasRoom(disk: Disk, bytes: number): boolean {
  const name = "room.new";
  try {
    disk.remove(name);
    const file = disk.open(name, "create");
    try {
      appendAll(file, new Uint8Array(bytes), 0, bytes);
      file.sync();
    } finally {
      file.close();
      disk.remove(name);
    }
    return true;
  } catch (error) {
    if (error instanceof DiskError) return false;
    throw error;
  }
}
