/**
 * The first bytes of a log or snapshot, twice, so that one damaged spot never hides the salt:
 *
 * | bytes | what |
 * | --- | --- |
 * | 16 | `MoaT-KV log` or `MoaT-KV snapshot`, filled up with spaces |
 * | 4 | version of the format |
 * | 4 | number in the sequence of files |
 * | 4 | the directory's salt |
 * | 4 | CRC-32 of these |
 *
 * @module
 */

import { crc32 } from "./crc32.ts";
import { readWord, writeWord } from "./frame.ts";

/** What a file holds: the changes in their order, or all entries. */
export type FileKind = "log" | "snapshot";

/** Where the first frame begins. */
export const fileHeaderBytes = 64;

const copyBytes = 32;
const version = 1;

/** What a header says. */
export interface FileHeader {
  readonly kind: FileKind;
  readonly version: number;
  readonly number: number;
  readonly directorySalt: number;
  /** Whether both copies are as written. */
  readonly isIntact: boolean;
}

/** The bytes to begin a file with. */
export function encodeFileHeader(kind: FileKind, number: number, directorySalt: number): Uint8Array {
  const bytes = new Uint8Array(fileHeaderBytes);
  new TextEncoder().encodeInto(`MoaT-KV ${kind}`.padEnd(16), bytes);
  [version, number, directorySalt].forEach((word, i) => writeWord(bytes, 16 + 4 * i, word));
  writeWord(bytes, 28, crc32(bytes, 0, 28));
  bytes.copyWithin(copyBytes, 0, copyBytes);
  return bytes;
}

/** Reads the header in `bytes`; undefined if neither copy is good. */
export function decodeFileHeader(bytes: Uint8Array): FileHeader | undefined {
  const good = [0, copyBytes].filter((at) => bytes.length >= at + copyBytes && isGood(bytes, at));
  if (good.length === 0) return undefined;
  const at = good[0];
  const name = new TextDecoder().decode(bytes.subarray(at + 8, at + 16)).trim();
  return {
    kind: name as FileKind,
    version: readWord(bytes, at + 16),
    number: readWord(bytes, at + 20) >>> 0,
    directorySalt: readWord(bytes, at + 24),
    isIntact: good.length === 2,
  };
}

/** Whether this program can read files of that version. */
export function isKnownVersion(header: FileHeader): boolean {
  return header.version === version;
}

function isGood(bytes: Uint8Array, at: number): boolean {
  return readWord(bytes, at + 28) === crc32(bytes, at, at + 28);
}
