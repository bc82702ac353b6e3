/**
 * Reads one log or snapshot into a store.
 *
 * @module
 */

import { KvError } from "../../wire/errors.ts";
import { fileHeaderBytes, type FileKind, isKnownVersion } from "./file_header.ts";
import type { Disk, DiskFile } from "./file_system.ts";
import type { FindingKind } from "./finding.ts";
import { FrameReader } from "./frame_reader.ts";
import { fileName, readHeader, saltOf } from "./generation.ts";
import type { Replay } from "./replay.ts";

const yieldEveryBytes = 1024 * 1024;

/** A finding, before it is clear whether something is lost by it. */
export interface FileFinding {
  readonly kind: FindingKind;
  readonly from: number;
  readonly to: number;
}

/** What a file held. */
export interface FileOutcome {
  readonly frames: number;
  readonly bytes: number;
  readonly findings: readonly FileFinding[];
}

/** Which file, and what to do with it. */
export interface FileTask {
  readonly disk: Disk;
  readonly kind: FileKind;
  readonly number: number;
  /** For a file whose header cannot be read; undefined if it is not known either. */
  readonly directorySalt: number | undefined;
  readonly replay: Replay;
}

/**
 * Reads a file; yields the number of bytes read, now and then.
 * @throws {DiskError} If it cannot be opened
 * @throws {KvError} If it is of a later version of this program
 */
export function* loadFile(task: FileTask): Generator<number, FileOutcome> {
  const file = task.disk.open(fileName(task.kind, task.number), "read");
  try {
    return yield* readFile(file, task);
  } finally {
    file.close();
  }
}

function* readFile(file: DiskFile, { kind, number, directorySalt, replay }: FileTask): Generator<number, FileOutcome> {
  const bytes = file.size();
  const header = readHeader(file);
  if (header && !isKnownVersion(header)) {
    throw new KvError(`${file.name} was written by a later version of this program`);
  }
  if (bytes < fileHeaderBytes) return { frames: 0, bytes, findings: [{ kind: "torn", from: 0, to: bytes }] };
  const findings: FileFinding[] = [];
  if (!header?.isIntact) findings.push({ kind: "header", from: 0, to: fileHeaderBytes });
  const salt = header?.directorySalt ?? directorySalt;
  if (salt === undefined) return { frames: 0, bytes, findings: [{ kind: "damaged", from: 0, to: bytes }] };
  const reader = new FrameReader(file, saltOf(kind, number, salt), fileHeaderBytes);
  let frames = 0;
  let yieldAt = yieldEveryBytes;
  for (let outcome = reader.next(); outcome !== "end"; outcome = reader.next()) {
    if (outcome === "frame") {
      if (replayed(replay, reader)) frames++;
      else findings.push({ kind: "refused", from: reader.from, to: reader.to });
    } else {
      findings.push({ kind: outcome, from: reader.from, to: reader.to });
    }
    if (reader.to < yieldAt) continue;
    yield reader.to;
    yieldAt = reader.to + yieldEveryBytes;
  }
  if (kind === "snapshot" && replay.framesSaid !== frames - 1 && findings.length === 0) {
    findings.push({ kind: "incomplete", from: bytes, to: bytes });
  }
  return { frames, bytes, findings };
}

function replayed(replay: Replay, reader: FrameReader): boolean {
  try {
    replay.frame(reader.bytes, reader.start, reader.end);
    return true;
  } catch (error) {
    if (error instanceof KvError || error instanceof RangeError) return false;
    throw error;
  }
}
