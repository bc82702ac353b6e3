/**
 * `satellite list`, `show`, `log`.
 *
 * @module
 */

import { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import type { CliContext } from "../context.ts";
import { CommandError } from "../errors.ts";
import { isMapping } from "../mapping.ts";
import { columns } from "../output/columns.ts";
import { formatJson } from "../output/json_format.ts";

/** Where satellites are. */
export async function prefixOf(context: CliContext): Promise<Path> {
  return (await context.config()).path("kv.satellite.prefix", Path.of("sat"))!;
}

/** Lists satellites. */
export async function list(context: CliContext): Promise<void> {
  const entries = await treeOf(context, await prefixOf(context), 2);
  const all = entries.filter(({ path }) => path.length === 1 && path.at(0) !== "_new");
  const found = entries.filter(({ path }) => path.length === 2 && path.at(0) === "_new");
  if (context.format !== "text") {
    const named = (each: Entry) => [String(each.path.at(each.path.length - 1)), each.value] as const;
    return await context.print({
      satellites: Object.fromEntries(all.map(named)),
      new: Object.fromEntries(found.map(named)),
    });
  }
  if (all.length === 0 && found.length === 0) return context.note("There are no satellites. Try: moat satellite serve");
  const rows = all.map(({ path, value }) => [
    String(path.at(0)),
    textAt(value, "state"),
    ago(context, fieldAt(value, "since")),
    ago(context, fieldAt(value, "last")),
    textAt(value, "link"),
  ]);
  writeRows(context, [["NAME", "STATE", "SINCE", "HEARD", "AT"], ...rows]);
  if (found.length === 0) return;
  context.stdout.write("\n");
  const news = found.map(({ path, value }) => [String(path.at(1)), textAt(value, "name"), textAt(value, "link")]);
  writeRows(context, [["NEW UID", "SAYS IT IS", "AT"], ...news]);
}

/** Prints a satellite's slots. */
export async function show(context: CliContext, name: string): Promise<void> {
  const entries = await treeOf(context, (await prefixOf(context)).child(name), -1);
  if (entries.length === 0) throw new CommandError(`There is no satellite ${name}`, 1);
  const at = new Map(entries.map(({ path, value }) => [path.toString(), value]));
  const slots = entries.filter(({ path }) => path.at(path.length - 1) === "_meta").map(({ path }) => path.slice(0, -1));
  const valueAt = (path: Path) => at.get(path.toString());
  if (context.format !== "text") {
    return await context.print({
      status: valueAt(Path.of()) ?? null,
      slots: Object.fromEntries(slots.map((path) => [path.toString(), slotOf(path, valueAt)])),
    });
  }
  await context.print(valueAt(Path.of()) ?? null);
  const shown = (value: Value | undefined) => value === undefined ? "" : formatJson(value);
  writeRows(context, [
    ["SLOT", "VALUE", "UNIT", "WANTED", "PROBLEM"],
    ...slots.map((path) => [
      path.toString(),
      shown(valueAt(path)),
      textAt(valueAt(path.child("_meta")), "unit"),
      shown(valueAt(path.child("_set"))),
      textAt(valueAt(path.child("_res")), "e") || (valueAt(path.child("_err"))?.toString() ?? ""),
    ]),
  ]);
}

function slotOf(path: Path, valueAt: (path: Path) => Value | undefined): Value {
  const fields = {
    value: path,
    meta: path.child("_meta"),
    wanted: path.child("_set"),
    error: path.child("_err"),
    result: path.child("_res"),
  };
  const given = Object.entries(fields).map(([field, at]) => [field, valueAt(at)] as const);
  return Object.fromEntries(given.filter((each): each is [string, Value] => each[1] !== undefined));
}

/** Prints what a satellite says. */
export async function log(context: CliContext, name: string, follows: boolean): Promise<void> {
  const path = (await prefixOf(context)).child(name).child("_log");
  const client = await context.connect();
  const fields = { path, fetch: true, max_depth: 0 };
  for await (const item of client.stream("watch", fields, { signal: context.signal })) {
    if (item.state === "uptodate" && !follows) return;
    if (item.value === undefined) continue;
    const time = new Date(Number(fieldAt(item.value, "t") ?? 0) * 1000).toISOString();
    context.stdout.write(`${time} ${textAt(item.value, "text")}\n`);
    context.stdout.flush();
  }
}

/** An entry below what was asked for. */
export interface Entry {
  readonly path: Path;
  readonly value: Value;
}

/** The entries below a path that have a value. */
export async function treeOf(context: CliContext, path: Path, maxDepth: number): Promise<Entry[]> {
  const client = await context.connect();
  const entries: Entry[] = [];
  const fields = { path, ...(maxDepth < 0 ? {} : { max_depth: maxDepth }) };
  for await (const item of client.stream("get_tree", fields)) {
    if (item.path instanceof Path && item.value !== undefined) entries.push({ path: item.path, value: item.value });
  }
  return entries;
}

/** A field of a mapping. */
export function fieldAt(value: Value | undefined, name: string): Value | undefined {
  return isMapping(value) ? (value as { readonly [key: string]: Value })[name] : undefined;
}

function textAt(value: Value | undefined, name: string): string {
  const field = fieldAt(value, name);
  return field === undefined || field === null ? "" : String(field);
}

/** How long ago, in the largest unit that says enough. */
function ago(context: CliContext, time: Value | undefined): string {
  const seconds = context.now() / 1000 - Number(time);
  if (time === undefined || Number.isNaN(seconds)) return "";
  if (seconds < 120) return `${Math.max(0, Math.round(seconds))} s ago`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min ago`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h ago` : `${Math.round(seconds / 86_400)} d ago`;
}

function writeRows(context: CliContext, rows: readonly (readonly string[])[]): void {
  for (const line of columns(rows)) context.stdout.write(`${line}\n`);
}
