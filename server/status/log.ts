/**
 * How the state directory of a server is.
 *
 * @module
 */

import type { ServerStatus } from "../../wire/message/status.ts";
import type { StatusSources } from "./status.ts";

/** The log and the snapshots; null if nothing is kept. */
export function logStatus({ config, persistence }: StatusSources): ServerStatus["log"] {
  if (persistence === undefined || config.data === undefined) return null;
  const { journal, failure } = persistence;
  const { bytes, snapshot } = filesOf(config.data);
  return {
    directory: config.data,
    fsync: config.fsync,
    bytes,
    unsynced: journal.written - journal.durable,
    snapshot: snapshot ?? null,
    failure: failure?.message ?? null,
  };
}

interface Files {
  /** Of all files together. */
  readonly bytes: number;
  readonly snapshot: { readonly age: number; readonly bytes: number } | undefined;
}

function filesOf(directory: string): Files {
  let bytes = 0;
  let newest: Deno.FileInfo | undefined;
  try {
    for (const { name } of Deno.readDirSync(directory)) {
      const info = Deno.statSync(`${directory}/${name}`);
      bytes += info.size;
      const isSnapshot = /^snapshot-\d+$/.test(name);
      if (isSnapshot && (newest === undefined || info.mtime! > newest.mtime!)) newest = info;
    }
  } catch { /* a file went away meanwhile, or may not be looked at */ }
  if (newest === undefined) return { bytes, snapshot: undefined };
  const age = Math.max(0, Math.round((Date.now() - (newest.mtime?.getTime() ?? 0)) / 1000));
  return { bytes, snapshot: { age, bytes: newest.size } };
}
