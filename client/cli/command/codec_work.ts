/**
 * `codec set`, `get`, `list`, `convert`.
 *
 * @module
 */

import { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import type { CliContext } from "../context.ts";
import { CommandError } from "../errors.ts";
import { evaluate } from "../expression.ts";
import { entriesOf, isMapping, mappingOf } from "../mapping.ts";
import type { Pair } from "../option_kinds.ts";
import type { MoatCommand } from "../options.ts";
import { askScripts, textOf } from "../util/source_text.ts";
import { fieldsIn, languageOf, valueOfRecord } from "./type_record.ts";
import { below, divert, nameIn, recordAt, recordsBelow, refuseEmpty } from "./type_work.ts";

/** What `codec set` is given. */
export interface CodecOptions {
  readonly in?: readonly Pair[];
  readonly out?: readonly Pair[];
  readonly encode?: string;
  readonly decode?: string;
  readonly data?: string;
  readonly lang: string;
}

/** What `codec get` is given. */
export interface GetOptions {
  readonly encode?: string;
  readonly decode?: string;
  readonly script?: string;
}

/** What `codec convert` is given. */
export interface ConvertOptions {
  readonly codec?: Path;
  readonly delete?: boolean;
  readonly list?: boolean;
}

/** Stores a codec. */
export async function setCodec(
  context: CliContext,
  path: Path,
  options: CodecOptions,
  command: MoatCommand,
): Promise<void> {
  refuseEmpty(path, command);
  const record = await codecRecord(context, options, command);
  addPairs(record, "in", options.in);
  addPairs(record, "out", options.out);
  for (const [examples, direction] of [["in", "decode"], ["out", "encode"]]) {
    const isNeeded = (record.get(direction) ?? null) !== null;
    const isMissing = (record.get(examples) as readonly Value[]).length === 0;
    if (isNeeded && isMissing) command.refuse(`Missing examples to ${direction}: -${examples[0]} SOURCE RESULT`);
  }
  const client = await context.connect();
  const reply = await client.request("set_internal", { path: below("codec", path), value: valueOfRecord(record) });
  if (context.metadata) await context.print(reply);
}

async function codecRecord(
  context: CliContext,
  options: CodecOptions,
  command: MoatCommand,
): Promise<Map<Value, Value>> {
  const lang = languageOf(options.lang, command);
  const files = [options.encode, options.decode, options.data];
  if (files.filter((file) => file === "-").length > 1) command.refuse("Only one of the files can be standard input.");
  const record = new Map<Value, Value>(
    options.data === undefined ? [] : await fieldsIn(context, options.data, command),
  );
  if (files.every((file) => file === undefined)) {
    const { encode, decode } = await askScripts(context, lang);
    setScripts(record, encode, decode);
  } else {
    await addScript(context, record, "encode", options.encode, command);
    await addScript(context, record, "decode", options.decode, command);
  }
  if (lang === "js") record.set("lang", lang);
  const [encode, decode] = ["encode", "decode"].map((name) => isGiven(record.get(name)));
  if (!encode && (options.data === undefined || !decode)) command.refuse("Missing encode script");
  if (!decode && options.data === undefined) command.refuse("Missing decode script");
  for (const name of ["encode", "decode"]) if (!record.has(name)) record.set(name, null);
  return record;
}

function isGiven(script: Value | undefined): boolean {
  return typeof script === "string" && script.trim() !== "";
}

function setScripts(record: Map<Value, Value>, encode: string, decode: string): void {
  record.set("encode", encode);
  record.set("decode", decode);
}

async function addScript(
  context: CliContext,
  record: Map<Value, Value>,
  name: "encode" | "decode",
  file: string | undefined,
  command: MoatCommand,
): Promise<void> {
  if (file === undefined) return;
  if (isGiven(record.get(name))) command.refuse("Duplicate script");
  record.set(name, await textOf(context, file));
}

function addPairs(record: Map<Value, Value>, name: string, pairs: readonly Pair[] = []): void {
  const known = record.get(name);
  record.set(name, [...(Array.isArray(known) ? known : []), ...pairs.map((pair) => pair.map(evaluate))]);
}

/** Prints a codec. */
export async function getCodec(
  context: CliContext,
  path: Path,
  options: GetOptions,
  command: MoatCommand,
): Promise<void> {
  refuseEmpty(path, command);
  const record = await recordAt(context, "codec", path);
  const parts = new Map(isMapping(record) ? entriesOf(record) : []);
  if (options.encode !== undefined) await divert(parts, "encode", options.encode, String);
  if (options.decode !== undefined) await divert(parts, "decode", options.decode, String);
  const rest = isMapping(record) ? mappingOf(parts) : record;
  if (options.script === undefined) return await context.print(rest);
  const { formatValue } = await import("../output/print.ts");
  await Deno.writeTextFile(options.script, await formatValue(rest, "yaml"));
}

/** Prints the names of codecs. */
export async function listCodecs(context: CliContext, path: Path = Path.root): Promise<void> {
  const names = (await recordsBelow(context, "codec", path)).map(([name]) => name);
  if (context.format !== "text") return await context.print(names);
  for (const name of names) context.stdout.write(`${[...name].map((part) => String(part ?? "None")).join(" ")}\n`);
}

/** Sets, removes, prints or lists conversions. */
export async function convert(
  context: CliContext,
  group: string,
  path: Path,
  options: ConvertOptions,
  command: MoatCommand,
): Promise<void> {
  if (options.codec && options.delete) command.refuse("You can't both set and delete a path.");
  if (options.list && (options.delete || options.codec)) command.refuse("You can't both list and delete a path.");
  if (options.list) return group === "-" ? await listGroups(context) : await listGroup(context, group, path);
  refuseEmpty(path, command);
  const client = await context.connect();
  const place = below("conv", Path.of(group).concat(path));
  if (options.codec !== undefined) {
    const reply = await client.request("set_internal", { path: place, value: { codec: options.codec } });
    await context.print(context.metadata ? reply : reply.tock);
  } else if (options.delete) {
    const reply = await client.request("delete_internal", { path: place });
    if (reply.changed !== true) throw new CommandError(`There is no conversion ${path} in ${group}`);
    await context.print(context.metadata ? reply : reply.tock);
  } else {
    const record = await recordAt(context, "conv", Path.of(group).concat(path));
    context.stdout.write(`${nameIn(record, "codec")}\n`);
  }
}

async function listGroup(context: CliContext, group: string, path: Path): Promise<void> {
  for (const [pattern, record] of await recordsBelow(context, "conv", Path.of(group).concat(path))) {
    context.stdout.write(`${path.concat(pattern)} : ${nameIn(record, "codec")}\n`);
  }
}

async function listGroups(context: CliContext): Promise<void> {
  const groups = new Set<string>();
  for (const [place] of await recordsBelow(context, "conv", Path.root)) groups.add(String(place.at(0)));
  for (const group of groups) context.stdout.write(`${group}\n`);
}
