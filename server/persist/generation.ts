/**
 * The files of a state directory and their order. Log `N` holds what happened since snapshot `N` was begun; snapshot `N`
 * holds everything before log `N`, and parts of what came later.
 *
 * ```text
 * log-00000001  log-00000002  log-00000003      each begins when the one before is full
 *               snapshot-00000002  snapshot-00000003      two are kept, with all logs from the older one on
 * ```
 *
 * @module
 */

import { fileHeaderBytes, type FileKind } from "./file_header.ts";
import { decodeFileHeader, encodeFileHeader, type FileHeader } from "./file_header.ts";
import { appendAll, type Disk, type DiskFile } from "./file_system.ts";
import { fileSalt } from "./frame.ts";

/** What is in a directory: numbers, ascending. */
export interface Generations {
  readonly logs: readonly number[];
  readonly snapshots: readonly number[];
}

/** `log-00000007`. */
export function fileName(kind: FileKind, number: number): string {
  return `${kind}-${String(number).padStart(8, "0")}`;
}

/** Lists the logs and snapshots. @throws {DiskError} */
export function listGenerations(disk: Disk): Generations {
  const found = { log: [] as number[], snapshot: [] as number[] };
  for (const name of disk.list()) {
    const match = /^(log|snapshot)-(\d{8,})$/.exec(name);
    if (match) found[match[1] as FileKind].push(Number(match[2]));
  }
  const ascending = (numbers: number[]) => numbers.sort((a, b) => a - b);
  return { logs: ascending(found.log), snapshots: ascending(found.snapshot) };
}

/** Where reading begins for each start that is possible: the newest snapshot, the one before, …, 0: no snapshot. */
export function startsOf({ logs, snapshots }: Generations): number[] {
  return logs[0] === 1 || snapshots.length === 0 ? [...snapshots.toReversed(), 0] : snapshots.toReversed();
}

/** The salt of one file's frames. */
export function saltOf(kind: FileKind, number: number, directorySalt: number): number {
  return fileSalt(directorySalt, fileName(kind, number));
}

/** Makes a new file under `name` and begins it. @throws {DiskError} */
export function beginFile(disk: Disk, name: string, kind: FileKind, number: number, directorySalt: number): DiskFile {
  const file = disk.open(name, "create");
  appendAll(file, encodeFileHeader(kind, number, directorySalt), 0, fileHeaderBytes);
  return file;
}

/** The header of a file, if one of its copies is good. @throws {DiskError} */
export function readHeader(file: DiskFile): FileHeader | undefined {
  const bytes = new Uint8Array(fileHeaderBytes);
  let length = 0;
  for (let n = -1; n !== 0 && length < bytes.length; length += n) n = file.read(bytes.subarray(length), length);
  return decodeFileHeader(bytes.subarray(0, length));
}

/** The files that nobody needs any more once snapshot `newest` is complete. */
export function outdated({ logs, snapshots }: Generations, newest: number): string[] {
  const previous = snapshots.findLast((number) => number < newest) ?? 0;
  return [
    ...logs.filter((number) => number < previous).map((number) => fileName("log", number)),
    ...snapshots.filter((number) => number < previous).map((number) => fileName("snapshot", number)),
  ];
}
