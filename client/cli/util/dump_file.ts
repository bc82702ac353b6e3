/**
 * `dump file`: the records of a state file as YAML documents.
 *
 * @module
 */

import { PathLengthener } from "../../../wire/path/shorten.ts";
import { Path, type PathElement } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import type { CliContext } from "../context.ts";
import { entriesOf, isMapping, type Mapping, mappingOf } from "../mapping.ts";
import { Progress } from "./progress.ts";
import { recordsOf } from "./records.ts";

/** What is printed of each record, and which ones. */
export interface DumpFileOptions {
  /** Restores shortened paths. */
  readonly wholePaths: boolean;
  /** Only entries at or below one of these; none: everything. */
  readonly below: readonly Path[];
}

/** Prints the records of `file`. */
export async function dumpFile(context: CliContext, file: string, options: DumpFileOptions): Promise<void> {
  const lengthener = options.wholePaths || options.below.length > 0 ? new PathLengthener() : undefined;
  using progress = new Progress(context.stderr, "records");
  let count = 0;
  for await (const { value } of recordsOf(file, context.stdin)) {
    context.signal.throwIfAborted();
    progress.at(++count);
    const record = lengthener && isMapping(value) ? wholePath(value, lengthener) : value;
    if (isWanted(record, options.below)) await context.print(record, { separator: true });
  }
}

/** The record with its whole path and without `depth`. */
function wholePath(record: Mapping, lengthener: PathLengthener): Value {
  const fields = new Map(entriesOf(record));
  const path = pathOf(fields.get("path"));
  const depth = fields.get("depth");
  if (path === undefined || typeof depth !== "number") return record;
  fields.delete("depth");
  fields.set("path", lengthener.path(path, depth));
  return mappingOf(fields);
}

function pathOf(value: Value | undefined): Path | undefined {
  if (value instanceof Path) return value;
  return Array.isArray(value) ? Path.of(...value as PathElement[]) : undefined;
}

function isWanted(record: Value, below: readonly Path[]): boolean {
  if (below.length === 0) return true;
  const path = isMapping(record) ? pathOf(new Map(entriesOf(record)).get("path")) : undefined;
  return path !== undefined && below.some((prefix) => path.startsWith(prefix));
}
