/**
 * Whether this process may go on under the writer name of the last one. A tick is never used twice, so the name is kept
 * only if nothing that ever left this node can be missing here:
 *
 * | | same directory, same files | copy, backup, other node name, damage |
 * | --- | --- | --- |
 * | clean stop | kept | new name |
 * | same boot of the machine (the process was killed, what it wrote is in the file) | kept | new name |
 * | power cut, every reply had waited for the disk (`always`) | kept | new name |
 * | power cut otherwise | new name | new name |
 *
 * The file `identity` is made anew before the first write of each run, so its inode and birth time change: a backup that
 * is put back, even over the old files, shows. The file `clean` is written last at a clean stop and names the run.
 *
 * @module
 */

import { KvError } from "../../wire/errors.ts";
import { decode } from "../../wire/msgpack/decoder.ts";
import { Encoder } from "../../wire/msgpack/encoder.ts";
import type { Value } from "../../wire/value.ts";
import { type Disk, readAll, replaceFile } from "./file_system.ts";
import { closeFrame, fileSalt, frameHeaderBytes, frameIsIntact, frameLength, openFrame } from "./frame.ts";
import type { FsyncPolicy } from "./surroundings.ts";

const identityName = "identity";
const cleanName = "clean";
const noteBytesMax = 64 * 1024;
const noteSalt: number = fileSalt(0, "note");

/** Who writes here. A type, not an interface: it is stored as it is. */
export type Identity = {
  /** The node's name. */
  readonly node: string;
  /** The name in its chain links, and the random id that tells it from another writer of that name. */
  readonly writer: string;
  readonly lifeId: string;
  /** Random, of this run. */
  readonly run: string;
  /** Mixed into the checksums of every file here. */
  readonly directorySalt: number;
  readonly bootId: string | null;
  readonly fsync: FsyncPolicy;
  /** The life ids of the node's former writer names; directories of earlier versions have none. */
  readonly former?: { readonly [writer: string]: string };
};

/** An identity as it was found. */
export interface FoundIdentity extends Identity {
  /** Whether directory and file are the ones it was written in. */
  readonly isAtHome: boolean;
}

/** Where the log ended at a clean stop. */
export type LogEnd = { readonly number: number; readonly bytes: number };

/** Reads the identity; undefined if there is none, or it cannot be read. */
export function readIdentity(disk: Disk): FoundIdentity | undefined {
  const note = readNote(disk, identityName) as Identity & { directory: string; file: string } | undefined;
  if (!note) return undefined;
  const { directory, file, ...identity } = note;
  const isAtHome = disk.stat("")?.id === directory && disk.stat(identityName)?.id === file;
  return { ...identity, isAtHome };
}

/** Makes the identity anew, on the disk when this returns. @throws {DiskError} */
export function writeIdentity(disk: Disk, identity: Identity): void {
  const directory = disk.stat("")?.id ?? null;
  replaceFile(disk, identityName, (id) => encodeNote({ ...identity, directory, file: id ?? null }));
}

/** Leaves the mark of a clean stop. @throws {DiskError} */
export function markClean(disk: Disk, run: string, end: LogEnd): void {
  replaceFile(disk, cleanName, () => encodeNote({ run, ...end }));
}

/** Removes the mark of a clean stop. It is void already if the identity is of another run. @throws {DiskError} */
export function unmarkClean(disk: Disk): void {
  disk.remove(cleanName);
}

/** Whether that run stopped cleanly with the log ending there. */
export function isClean(disk: Disk, run: string, end: LogEnd | undefined): boolean {
  const mark = readNote(disk, cleanName);
  return mark?.run === run && mark.number === end?.number && mark.bytes === end?.bytes;
}

/** What speaks for and against going on under the same name. */
export interface Evidence {
  readonly last: FoundIdentity | undefined;
  readonly node: string;
  readonly bootId: string | undefined;
  readonly isClean: boolean;
  /** Whether anything was lost of what was once written. */
  readonly isDamaged: boolean;
}

/** Why the last writer name must not be used again; undefined: it may. */
export function reasonAgainst({ last, node, bootId, isClean, isDamaged }: Evidence): string | undefined {
  if (!last) return "the state directory has no readable identity";
  if (isDamaged) return "part of the state is lost";
  if (!last.isAtHome) return "the state directory is a copy or comes from a backup";
  if (last.node !== node) return `the state is that of ${last.node}`;
  if (isClean || bootId !== undefined && last.bootId === bootId || last.fsync === "always") return undefined;
  return "the machine stopped before everything was on the disk";
}

/**
 * Whether the state is older than what this node has sent by more than the tail that it never called safe: a copy, a backup,
 * what a damaged disk has left. Then it may show what is purged elsewhere. A power cut takes nothing that any purge counted on.
 */
export function isFromElsewhere({ last, node, isDamaged }: Omit<Evidence, "bootId" | "isClean">): boolean {
  return !last || isDamaged || !last.isAtHome || last.node !== node;
}

const letters = "abcdefghijklmnopqrstuvwxyz234567";

/** Eight random letters, from five random bytes. */
function eightLetters(bytes: Uint8Array): string {
  let text = "";
  for (let bit = 0; bit < 40; bit += 5) {
    const pair = bytes[bit >> 3] << 8 | bytes[(bit >> 3) + 1];
    text += letters[pair >>> 11 - (bit & 7) & 31];
  }
  return text;
}

/** A writer name that nobody ever had: `NAME~` and eight random letters. */
export function newWriterName(node: string, randomBytes: (n: number) => Uint8Array): string {
  return `${node}~${eightLetters(randomBytes(5))}`;
}

/** A random id: 16 letters. */
export function newId(randomBytes: (n: number) => Uint8Array): string {
  const bytes = randomBytes(10);
  return eightLetters(bytes) + eightLetters(bytes.subarray(5));
}

function encodeNote(note: { readonly [key: string]: Value }): Uint8Array {
  const encoder = new Encoder(256);
  const start = openFrame(encoder);
  encoder.arrayHeader(2);
  encoder.int(0);
  encoder.value(note);
  closeFrame(encoder, start, noteSalt);
  return encoder.take();
}

function readNote(disk: Disk, name: string): { readonly [key: string]: Value } | undefined {
  try {
    const bytes = readAll(disk, name, noteBytesMax);
    const length = bytes.length < frameHeaderBytes ? -1 : frameLength(bytes, 0, noteSalt);
    if (length !== bytes.length - frameHeaderBytes || !frameIsIntact(bytes, 0, length, noteSalt)) return undefined;
    const [, note] = decode(bytes, frameHeaderBytes) as [number, { readonly [key: string]: Value }];
    return note;
  } catch (error) {
    if (error instanceof KvError) return undefined;
    throw error;
  }
}
