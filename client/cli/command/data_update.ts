/**
 * `data PATH update`: entries from a file.
 *
 * @module
 */

import { Path } from "../../../wire/path/path.ts";
import { PathLengthener } from "../../../wire/path/shorten.ts";
import type { Value } from "../../../wire/value.ts";
import type { CliClient, CliContext } from "../context.ts";
import { CommandError } from "../errors.ts";
import { getAt, isMapping } from "../mapping.ts";
import { Progress } from "../util/progress.ts";
import { recordsOf } from "../util/records.ts";

/** Requests under way at a time. */
const underWayMax = 64;

/** Stores every record that has a path, below `path`; one without a value deletes. */
export async function updateFrom(context: CliContext, path: Path, file: string): Promise<void> {
  const client = await context.connect();
  const lengthener = new PathLengthener();
  const underWay: Promise<unknown>[] = [];
  let count = 0;
  using progress = new Progress(context.stderr, "entries");
  for await (const { value: record, end } of recordsOf(file, context.stdin)) {
    if (!isMapping(record)) {
      const name = file === "-" ? "The input" : file;
      throw new CommandError(`${name} is no state file: the value that ends at byte ${end} is not a mapping`);
    }
    const tail = pathOf(getAt(record, ["path"]));
    if (tail === undefined) continue;
    const depth = getAt(record, ["depth"]);
    const below = lengthener.path(tail, typeof depth === "number" ? depth : undefined);
    underWay.push(write(client, path.concat(below), getAt(record, ["value"])));
    if (underWay.length >= underWayMax) await underWay.shift();
    progress.at(++count);
  }
  await Promise.all(underWay);
  if (context.verbosity > 1) context.note(`${count} entries stored`);
}

function write(client: CliClient, path: Path, value: Value | undefined): Promise<unknown> {
  const request = value === undefined
    ? client.request("delete_value", { path, nchain: 0 })
    : client.request("set_value", { path, value, nchain: 0 });
  request.catch(() => {}); // awaited later
  return request;
}

function pathOf(value: Value | undefined): Path | undefined {
  if (value instanceof Path) return value;
  return Array.isArray(value) ? Path.from(value) : undefined;
}
