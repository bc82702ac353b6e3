/**
 * What the commands of `acl` do.
 *
 * @module
 */

import { parsePath } from "../../../wire/path/parse.ts";
import { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import type { CliClient, CliContext, Reply } from "../context.ts";
import { getAt, isMapping } from "../mapping.ts";
import type { MoatCommand } from "../options.ts";
import { untilOf, type UntilOptions } from "../util/until.ts";
import { chainLinksShown } from "./data_chain.ts";
import { getTree } from "./data_get.ts";

/** Options of `set`. */
export interface SetOptions extends UntilOptions {
  readonly acl: string;
  readonly root?: boolean;
}

/** Options of `test`. */
export interface TestOptions {
  readonly mode: string;
  readonly acl?: string;
}

/** Options of `explain`. */
export interface ExplainOptions extends TestOptions {
  readonly method?: string;
}

const known = "rwdcxena";

/** Prints the names of all ACLs. */
export async function list(context: CliContext): Promise<void> {
  const client = await context.connect();
  const names = new Set<string>();
  for await (const { path } of client.stream("get_tree_internal", { path: Path.of("acl"), min_depth: 1 })) {
    const name = path instanceof Path ? path.elements[0] : undefined;
    if (typeof name === "string") names.add(name);
  }
  await context.print([...names]);
}

/** Sets, changes or removes a rule. */
export async function set(
  context: CliContext,
  name: string,
  pattern: Path | undefined,
  options: SetOptions,
  command: MoatCommand,
): Promise<void> {
  const [sign, flags] = readFlags(options.acl, command);
  const paths = pathsOf(name, pattern, options.root ?? false, command);
  const isForEver = options.until === "-";
  const until = isForEver ? undefined : untilOf(options, context.now(), command);
  const client = await context.connect();
  for (const path of paths) {
    const before = await client.request("get_internal", { path, nchain: 1 });
    const old = lettersOf(before.value);
    const letters = sign === "remove" ? undefined : changed(old ?? "", sign, flags);
    const end = isForEver ? undefined : until ?? getAt(before.value, ["until"]);
    const reply = await write(client, path, before, letters, end);
    const shown = { old: old ?? "", new: letters ?? "" };
    await context.print(context.metadata ? { ...shown, chain: reply.chain ?? null, tock: reply.tock ?? null } : shown);
  }
}

async function write(
  client: CliClient,
  path: Path,
  { chain = null, value: old }: Reply,
  letters: string | undefined,
  until: Value | undefined,
): Promise<Reply> {
  const expected = { path, chain, nchain: 3 };
  if (letters === undefined) return old === undefined ? {} : await client.request("delete_internal", expected);
  const value = until === undefined ? letters : { acl: letters, until };
  return await client.request("set_internal", { ...expected, value });
}

type Sign = "add" | "take" | "replace" | "remove";

function readFlags(text: string, command: MoatCommand): [Sign, string] {
  if (text === "-") return ["remove", ""];
  const sign: Sign = text[0] === "+" ? "add" : text[0] === "-" ? "take" : "replace";
  const flags = sign === "replace" ? text : text.slice(1);
  const unknown = [...flags].filter((letter) => !known.includes(letter));
  if (unknown.length > 0) {
    const listed = [...new Set(unknown)].map((letter) => `'${letter}'`).join(", ");
    command.refuse(`You're trying to set an unknown ACL flag: {${listed}}`);
  }
  return [sign, flags];
}

/** Letters in the order in which they are explained, each once. */
function changed(old: string, sign: Sign, flags: string): string {
  const has = (letter: string) =>
    sign === "take" ? old.includes(letter) && !flags.includes(letter) : flags.includes(letter) ||
      (sign === "add" && old.includes(letter));
  return [...known].filter(has).join("");
}

/** Where the rules are: that of the pattern, and of the root entry, which no pattern fits. */
function pathsOf(name: string, pattern: Path | undefined, isRoot: boolean, command: MoatCommand): Path[] {
  const hasPattern = pattern !== undefined && pattern.length > 0;
  if (!isRoot && !hasPattern) command.refuse("You need a non-empty path.");
  const root = Path.of("acl", name);
  return [...(hasPattern ? [root.concat(pattern)] : []), ...(isRoot ? [root] : [])];
}

/** A rule's letters; undefined: there is no rule. */
function lettersOf(value: Value | undefined): string | undefined {
  if (value === undefined) return undefined;
  const letters = isMapping(value) ? getAt(value, ["acl"]) : value;
  return typeof letters === "string" ? letters : "";
}

/** Prints a rule's letters. */
export async function get(context: CliContext, name: string, pattern: Path): Promise<void> {
  const client = await context.connect();
  const nchain = context.metadata ? chainLinksShown : 0;
  const { seq: _, ...reply } = await client.request("get_internal", {
    path: Path.of("acl", name).concat(pattern),
    nchain,
  });
  if (context.metadata) return await context.print(reply);
  const until = getAt(reply.value, ["until"]);
  context.stdout.write(`${lettersOf(reply.value) ?? "-"}\n`);
  if (until !== undefined) context.note(`until ${new Date(Number(until) * 1000).toISOString()}`);
}

/** Prints rules. */
export async function dump(context: CliContext, name: string, path: Path, asDict: string | undefined): Promise<void> {
  await getTree(context, Path.of(null, "acl", name).concat(path), { asDict });
}

/** Prints whether something is allowed. */
export async function test(context: CliContext, path: Path, options: TestOptions, command: MoatCommand): Promise<void> {
  const mode = readMode(options.mode, command);
  const client = await context.connect();
  const { access } = await client.request("test_acl", { path, mode, acl: options.acl });
  context.stdout.write(`${typeof access === "string" ? access : access ? "+" : "-"}\n`);
}

function readMode(mode: string, command: MoatCommand): string {
  return mode.length === 1 ? mode : command.refuse("Mode must be one letter.");
}

/** Prints which rule decides. */
export async function explain(
  context: CliContext,
  user: string,
  pathText: string | undefined,
  options: ExplainOptions,
  command: MoatCommand,
): Promise<void> {
  const mode = readMode(options.mode, command);
  const isOfUser = options.acl === undefined;
  if (isOfUser === (pathText === undefined)) command.refuse("Name a user and a path, or an ACL (-a) and a path.");
  const path = parsePath(pathText ?? user);
  const who = isOfUser ? { user, typ: options.method } : { acl: options.acl };
  const client = await context.connect();
  const { seq: _, tock: __, ...reply } = await client.request("explain_acl", { path, mode, ...who });
  if (context.format !== "text") return await context.print(reply);
  context.stdout.write(sentences(reply, isOfUser ? user : undefined, path, mode).join("\n") + "\n");
}

function sentences(reply: Reply, user: string | undefined, path: Path, mode: string): string[] {
  const { acl, access, granted, beaten, because } = reply;
  const binding = acl === null ? `${user} is bound by no ACL` : `${user} is bound by the ACL ${acl}`;
  const others = Array.isArray(beaten) ? beaten.map(String) : [];
  return [
    `${mode} at ${path}: ${access ? "yes" : "no"}`,
    `${because}.`,
    ...(user === undefined ? [] : [`${binding}.`]),
    `Granted here: ${granted === "" ? "nothing" : granted}`,
    ...(others.length === 0 ? [] : [`Less specific rules that fit: ${others.join(", ")}`]),
  ];
}
