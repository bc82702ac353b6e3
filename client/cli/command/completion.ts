/**
 * `completion`: scripts that teach a shell to complete this command line. The shells ask `__complete` at every tab; so
 * the scripts stay right when commands are added, and entry paths come from the running server.
 *
 * @module
 */

import { Argument } from "commander";
import type { Value } from "../../../wire/value.ts";
import { Path, type PathElement } from "../../../wire/path/path.ts";
import type { CliClient, CliContext } from "../context.ts";
import type { MoatCommand } from "../options.ts";
import { complete, type ConflictName, type Finders, type NameKind } from "../util/complete.ts";
import { pathsBeginningWith } from "../util/complete_path.ts";

/** A server that answers later than this gives no paths: somebody waits at the keyboard. */
const answerMsMax = 700;

/** More are not looked at. */
const recordsMax = 1000;

const scripts = {
  bash: () => import("../util/completion/bash.txt", { with: { type: "text" } }),
  zsh: () => import("../util/completion/zsh.txt", { with: { type: "text" } }),
  fish: () => import("../util/completion/fish.txt", { with: { type: "text" } }),
} as const;

/** Adds `completion SHELL` and its hidden helper. */
export function register(parent: MoatCommand, context: CliContext): void {
  parent.command("completion").description(
    "Print a script that completes commands, options and entry paths in your shell.\n\n" +
      "Paths come from the server that the command line names; if none answers, there are none.",
  )
    .addArgument(new Argument("<shell>", "bash, zsh or fish").choices(Object.keys(scripts)))
    .examples(
      ["source <(moat completion bash)", "in ~/.bashrc"],
      ["source <(moat completion zsh)", "in ~/.zshrc"],
      ["moat completion fish | source", "in ~/.config/fish/config.fish"],
    )
    .action(async (shell: keyof typeof scripts) => {
      context.stdout.write((await scripts[shell]()).default);
    });
  parent.command("__complete", { hidden: true })
    .argument("[words...]", "the command line behind the program's name")
    .action(async (words: string[], _options: unknown, command: MoatCommand) => {
      await answer(context, rootOf(command), words);
    });
}

function rootOf(command: MoatCommand): MoatCommand {
  return command.parent ? rootOf(command.parent as MoatCommand) : command;
}

/** Prints the kind of completion, then a line for each candidate: word, tab, meaning. */
async function answer(context: CliContext, program: MoatCommand, words: readonly string[]): Promise<void> {
  const { kind, candidates } = await complete(program, words, findersOf(context));
  const lines = candidates.map(([word, meaning]) => `${word}\t${meaning.replace(/\s+/g, " ")}`);
  context.stdout.write([kind, ...lines].join("\n") + "\n");
}

/** Asks the server; finds nothing if anything is in the way: a completion never complains. */
function findersOf(context: CliContext): Finders {
  const late = AbortSignal.timeout(answerMsMax);
  const inTime = async <T>(list: () => Promise<T[]>): Promise<T[]> => {
    try {
      const auth = (await context.config()).get("kv.conn.auth");
      if (typeof auth === "string" && auth.includes("?")) return []; // it would ask for a password
      return await Promise.race([list(), rejected(late)]);
    } catch {
      return [];
    }
  };
  return {
    paths: (typed) => inTime(() => listPaths(context, typed, late)),
    conflicts: () => inTime(() => listConflicts(context)),
    names: (of) => inTime(async () => await listNames(await context.connect(), of)),
  };
}

async function listConflicts(context: CliContext): Promise<ConflictName[]> {
  const { Conflicts } = await import("../../conflicts.ts");
  const found: ConflictName[] = [];
  for await (const { path, writer, tick } of new Conflicts(await context.connect())) {
    found.push({ path: path.toString(), writer, tick });
  }
  return found;
}

/** Users are those of all methods; who is meant shows by the name. */
async function listNames(client: CliClient, of: NameKind): Promise<string[]> {
  if (of === "type" || of === "match" || of === "codec") return await listRecords(client, of);
  const children = async (...path: string[]) => {
    const { result } = await client.request("enum_internal", { path: Path.of(...path), empty: of !== "token" });
    return Array.isArray(result) ? result.filter((name) => typeof name === "string") : [];
  };
  if (of === "acl") return await children("acl");
  if (of === "group") return await children("conv");
  if (of === "token") return await children("auth", "token", "user");
  const methods = (await children("auth")).filter((method) => method !== "token");
  return (await Promise.all(methods.map((method) => children("auth", method, "user")))).flat();
}

/** The paths of all that is stored below a branch of the internal tree. */
async function listRecords(client: CliClient, branch: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { path, value } of client.stream("get_tree_internal", { path: Path.of(branch) })) {
    if (path instanceof Path && path.length > 0 && value !== undefined) found.push(path.toString());
    if (found.length >= recordsMax) break;
  }
  return found;
}

async function listPaths(context: CliContext, typed: string, signal: AbortSignal): Promise<string[]> {
  const client = await context.connect();
  return await pathsBeginningWith(typed, async (path) => {
    const { result } = await client.request("enum", { path, empty: true }, { signal });
    return Array.isArray(result) ? result.filter(isElement) : [];
  });
}

function isElement(value: Value): value is PathElement {
  return value === null || typeof value !== "object" || value instanceof Uint8Array;
}

function rejected(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}
