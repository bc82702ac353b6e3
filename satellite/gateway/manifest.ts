/**
 * What a set of files is: names, sizes, sums.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** Bytes of a sum on the link: the first of SHA-256. */
const sumBytes = 8;

/** The files of an app, by name. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** The sum of a file. */
export function sumOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(bytes).digest().subarray(0, sumBytes));
}

/** The sum of a set of files: of a line `NAME SIZE SUM` for each, in the order of their names. */
export function manifestHash(files: Files): Uint8Array {
  const lines = [...files].map(([name, bytes]) => `${name} ${bytes.length} ${sumOf(bytes).toHex()}\n`).sort();
  return sumOf(new TextEncoder().encode(lines.join("")));
}

/** What cannot be a file of an app: the board keeps these to itself. */
const ownFiles = ["main.py", "boot.py", "board.py", "sat.key", "ota.txn", "boot.n", "rescue"];

/** What is wrong with a file's name; undefined: nothing. */
export function nameProblem(name: string): string | undefined {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.\/-]{0,47}$/.test(name) || name.includes("..") || name.includes("//")) {
    return `${name} is no name for a board's file: up to 48 letters, digits and _ . / -`;
  }
  if (ownFiles.includes(name.split("/")[0])) return `${name} belongs to the board and is never changed`;
}
