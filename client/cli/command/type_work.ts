/**
 * `type set`, `get`, `list`, `match`.
 *
 * @module
 */

import { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import type { CliContext } from "../context.ts";
import { CommandError } from "../errors.ts";
import { evaluate } from "../expression.ts";
import { entriesOf, getAt, isMapping, mappingOf } from "../mapping.ts";
import type { MoatCommand } from "../options.ts";
import { recordFrom, type RecordOptions, valueOfRecord } from "./type_record.ts";

/** What `type set` is given. */
export interface SourceOptions extends RecordOptions {
  readonly good?: readonly string[];
  readonly bad?: readonly string[];
}

/** What `type get` is given. */
export interface GetOptions {
  readonly script?: string;
  readonly schema?: string;
  readonly yaml?: boolean;
}

/** What `type match` is given. */
export interface MatchOptions {
  readonly type?: Path;
  readonly delete?: boolean;
  readonly raw?: boolean;
}

/** Stores a type. */
export async function setType(
  context: CliContext,
  path: Path,
  options: SourceOptions,
  command: MoatCommand,
): Promise<void> {
  refuseEmpty(path, command);
  const good = (options.good ?? []).map(evaluate);
  const bad = (options.bad ?? []).map(evaluate);
  if (options.data === undefined) refuseFew(good.length, bad.length, command);
  const record = await recordFrom(context, options, command);
  if (isEmpty(record.get("code")) && isEmpty(record.get("schema"))) {
    command.refuse("I need a schema, Python code, or both.");
  }
  record.set("good", [...listOf(record.get("good")), ...good]);
  record.set("bad", [...listOf(record.get("bad")), ...bad]);
  refuseFew(listOf(record.get("good")).length, listOf(record.get("bad")).length, command);
  const client = await context.connect();
  const reply = await client.request("set_internal", { path: below("type", path), value: valueOfRecord(record) });
  if (context.metadata) await context.print(reply);
}

function refuseFew(good: number, bad: number, command: MoatCommand): void {
  if (good < 2) command.refuse("Missing known-good test values (at least two)");
  if (bad < 1) command.refuse("Missing known-bad test values");
}

function isEmpty(value: Value | undefined): boolean {
  return value === undefined || value === null || (typeof value === "string" && value.trim() === "");
}

function listOf(value: Value | undefined): readonly Value[] {
  return Array.isArray(value) ? value : [];
}

/** The place of a path below a branch of the internal tree. */
export function below(branch: string, path: Path): Path {
  return Path.of(branch).concat(path);
}

/** A path that has to name something. */
export function refuseEmpty(path: Path, command: MoatCommand): void {
  if (path.length === 0) command.refuse("You need a non-empty path.");
}

/** Prints a type. */
export async function getType(
  context: CliContext,
  path: Path,
  options: GetOptions,
  command: MoatCommand,
): Promise<void> {
  refuseEmpty(path, command);
  const record = await recordAt(context, "type", path);
  const parts = new Map(isMapping(record) ? entriesOf(record) : []);
  if (options.script !== undefined) await divert(parts, "code", options.script, String);
  if (options.schema !== undefined) {
    const { formatValue } = await import("../output/print.ts");
    const text = await formatValue(parts.get("schema") ?? null, options.yaml ? "yaml" : "json");
    await divert(parts, "schema", options.schema, () => text);
  }
  await context.print(isMapping(record) ? mappingOf(parts) : record);
}

/** Writes a part of a record to a file, and takes it out. */
export async function divert(
  parts: Map<Value, Value>,
  name: string,
  file: string,
  text: (part: Value) => string,
): Promise<void> {
  const part = parts.get(name) ?? null;
  if (part === null) throw new CommandError(`There is no '${name}' to write to ${file}`);
  await Deno.writeTextFile(file, text(part));
  parts.delete(name);
}

/** What is stored at a path below a branch. @throws {CommandError} If nothing is */
export async function recordAt(context: CliContext, branch: string, path: Path): Promise<Value> {
  const client = await context.connect();
  const { value } = await client.request("get_internal", { path: below(branch, path) });
  if (value === undefined) throw new CommandError(`There is no ${branch} ${path}`);
  return value;
}

/** Everything that is stored below a branch, with paths below `path`. */
export async function recordsBelow(context: CliContext, branch: string, path: Path): Promise<[Path, Value][]> {
  const client = await context.connect();
  const found: [Path, Value][] = [];
  try {
    for await (const item of client.stream("get_tree_internal", { path: below(branch, path) })) {
      if (item.value !== undefined) found.push([item.path instanceof Path ? item.path : Path.root, item.value]);
    }
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "not_found";
    if (!isMissing) throw error;
  }
  return found;
}

/** Prints types as one mapping. */
export async function listTypes(context: CliContext, path: Path = Path.root): Promise<void> {
  const { Nested } = await import("../output/nested.ts");
  const nested = new Nested("_");
  for (const [name, record] of await recordsBelow(context, "type", path)) nested.add(name, record);
  await context.print(nested.toValue());
}

/** Sets, removes or prints a match. */
export async function match(
  context: CliContext,
  path: Path,
  options: MatchOptions,
  command: MoatCommand,
): Promise<void> {
  if (options.type && options.delete) command.refuse("You can't both set and delete a path.");
  if (path.length === 0 && !options.type && !options.delete) return await listMatches(context);
  refuseEmpty(path, command);
  const client = await context.connect();
  const place = below("match", path);
  if (options.type !== undefined) {
    const reply = await client.request("set_internal", { path: place, value: { type: options.type } });
    if (context.metadata) await context.print(reply);
  } else if (options.delete) {
    const reply = await client.request("delete_internal", { path: place });
    if (reply.changed !== true) throw new CommandError(`There is no match ${path}`);
    if (context.metadata) await context.print(reply);
  } else {
    const record = await recordAt(context, "match", path);
    context.stdout.write(nameIn(record, "type") + (options.raw ? "" : "\n"));
  }
}

/** The path that a record names, as text. */
export function nameIn(record: Value, field: string): string {
  const name = getAt(record, [field]);
  if (Array.isArray(name)) return String(Path.from(name));
  return name === undefined ? "-" : String(name);
}

async function listMatches(context: CliContext): Promise<void> {
  const matches = await recordsBelow(context, "match", Path.root);
  if (context.format === "text") {
    for (const [pattern, record] of matches) context.stdout.write(`${pattern} : ${nameIn(record, "type")}\n`);
  } else await context.print(matches.map(([pattern, record]) => ({ pattern, type: nameIn(record, "type") })));
}

/** Prints what is inactive in some branches of the internal tree. */
export async function listBroken(context: CliContext, branches: readonly string[], path?: Path): Promise<void> {
  const client = await context.connect();
  const { result } = await client.request("list_broken", { kinds: branches });
  const items = (Array.isArray(result) ? result as readonly Value[] : []).filter((item) => isBelow(item, path));
  if (context.format !== "text") return await context.print(items);
  for (const item of items) {
    const [kind, name, reason] = ["kind", "path", "reason"].map((field) => String(getAt(item, [field])));
    context.stdout.write(`${kind} ${name}: ${reason}\n`);
  }
  if (items.length === 0) context.note("Everything works.");
}

function isBelow(item: Value, path: Path | undefined): boolean {
  const own = getAt(item, ["path"]);
  return path === undefined || (own instanceof Path && own.startsWith(path));
}
