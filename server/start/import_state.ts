/**
 * Takes state files of the original (or of ours) into a store: every record as an event from elsewhere, so the order of files
 * does not matter and what is newer stays.
 *
 * @module
 */

import { KvError } from "../../wire/errors.ts";
import type { Store } from "../core/store.ts";
import { readStateFile } from "../persist/state_file_reader.ts";
import { StateLoader } from "../persist/state_loader.ts";

/** Records between two commits. */
const recordsPerCommit = 1000;

/** Warnings that are shown. */
const warningsMax = 20;

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
 * Takes files, or pipes, in their order.
 * @throws {KvError} If one cannot be read, with a way out
 */
export async function importStates(paths: readonly string[], target: ImportTarget): Promise<void> {
  let current = "";
  let warnings = 0;
  const warn = (text: string) => {
    if (warnings++ < warningsMax) target.report(`${current}: ${text}`);
  };
  const loader = new StateLoader(target.store, warn);
  for (const path of paths) {
    current = path;
    const before = loader.records;
    for await (const record of readStateFile(chunks(path, target), warn)) {
      loader.take(record);
      if (loader.records % recordsPerCommit === 0) target.commit();
    }
    target.commit();
    target.report(`Loaded ${path}: ${loader.records - before} records`);
  }
  loader.finish();
  target.commit();
  if (warnings > warningsMax) target.report(`${warnings - warningsMax} more warnings`);
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
