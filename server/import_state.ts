/**
 * Takes state files of the original (or of ours) into a store: every record as an event from elsewhere, so the order of files
 * does not matter and what is newer stays.
 *
 * @module
 */

import { KvError } from "../wire/errors.ts";
import { keysOf } from "../wire/path/keys.ts";
import type { Store } from "./core/store.ts";
import { readStateFile } from "./persist/state_file_reader.ts";
import type { EntryRecord, InfoRecord, StateRecord } from "./persist/state_record.ts";

/** Records between two commits. */
const recordsPerCommit = 1000;

/** Where the records go. */
export interface ImportTarget {
  readonly store: Store;
  /** Makes final what was taken so far. */
  commit(): void;
  report(line: string): void;
  /** Bytes so far, of how many if it is a file. */
  progress(bytes: number, bytesTotal: number | undefined): void;
}

/**
 * Takes a file, or a pipe. Returns the number of its records.
 * @throws {KvError} If it cannot be read, with a way out
 */
export async function importState(path: string, target: ImportTarget): Promise<number> {
  let count = 0;
  let refused = 0;
  for await (const record of readStateFile(chunks(path, target), (text) => target.report(`${path}: ${text}`))) {
    const reason = take(target.store, record);
    if (reason !== undefined && refused++ < 5) target.report(`${path}: a record is refused: ${reason}`);
    if (++count % recordsPerCommit === 0) target.commit();
  }
  target.store.settleClaims();
  target.commit();
  if (refused > 5) target.report(`${path}: ${refused} records were refused`);
  return count;
}

/** What was loaded is all there is: whatever it lacks counts as superseded. */
export function settleMissing({ store, commit }: ImportTarget): void {
  const missing = new Map([...store.writers.values()].map((writer) => [writer.name, writer.missing()]));
  store.claim("", missing, missing);
  store.settleClaims();
  commit();
}

async function* chunks(path: string, target: ImportTarget): AsyncGenerator<Uint8Array> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path);
  } catch (cause) {
    throw new KvError(`Cannot load ${path}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  const { isFile, size } = await file.stat();
  let bytes = 0;
  for await (const chunk of file.readable) {
    yield chunk;
    target.progress(bytes += chunk.length, isFile ? size : undefined);
  }
}

/** Takes one record; returns why it was refused. */
function take(store: Store, record: StateRecord): string | undefined {
  if (record.kind === "info") return takeInfo(store, record);
  return takeEntry(store, record);
}

function takeEntry(store: Store, { path, value, chain, tock }: EntryRecord): string | undefined {
  const keys = keysOf(path);
  const { outcome, reason } = store.merge({
    keys,
    length: keys.length,
    chain,
    tock,
    bytes: value,
    start: 0,
    end: value?.length ?? 0,
  });
  return outcome === "refused" ? `${path}: ${reason}` : undefined;
}

/** What the writer of the file had seen superseded is believed: the file is all there is of it. */
function takeInfo(store: Store, { nodes, known, tock }: InfoRecord): undefined {
  store.hearTock(tock);
  for (const [name, tick] of nodes) if (tick > 0) store.hear(name, tick);
  store.claim("", known, known);
}
