/**
 * The command tree: global options, and groups whose files are loaded when they are used.
 *
 * @module
 */

import { CommanderError, InvalidArgumentError } from "commander";
import type { CliContext, Register } from "./context.ts";
import { UsageError } from "./errors.ts";
import { wholeNumber } from "./option_kinds.ts";
import { MoatCommand } from "./options.ts";
import { type ProgramContext, unknownLoggers } from "./program_context.ts";
import { version } from "./version.ts";

/** Width of the help where no terminal says it. */
const helpColumns = 100;

/** A group: what it is for, and its file. */
interface Group {
  readonly summary: string;
  readonly load: () => Promise<{ register: Register }>;
  /** Not shown in the help of `kv`. */
  readonly atTop?: boolean;
  readonly hidden?: boolean;
}

const groups: Readonly<Record<string, Group>> = {
  data: { summary: "read, write and watch entries", load: () => import("./command/data.ts") },
  status: { summary: "how the server is, and who is here", load: () => import("./command/status.ts") },
  conflict: { summary: "what lost, and what to do about it", load: () => import("./command/conflict.ts") },
  satellite: { summary: "boards on serial lines and TCP", load: () => import("./command/satellite.ts") },
  internal: { summary: "look at and mend the server's own data", load: () => import("./command/internal.ts") },
  type: { summary: "say what values may be, and where", load: () => import("./command/type.ts") },
  codec: { summary: "convert values between users and the tree", load: () => import("./command/codec.ts") },
  auth: { summary: "who may use the server: users, passwords, tokens", load: () => import("./command/auth.ts") },
  acl: { summary: "say what users may do, and where", load: () => import("./command/acl.ts") },
  codegen: { summary: "print TypeScript interfaces of a subtree", load: () => import("./command/codegen.ts") },
  log: { summary: "have the server write its state and changes to a file", load: () => import("./command/log.ts") },
  dump: { summary: "tools for state files and messages", load: () => import("./command/dump.ts") },
  server: { summary: "run a server", load: () => import("./command/server.ts") },
  util: { summary: "converters and small tools", load: () => import("./command/util.ts"), atTop: true },
  demo: { summary: "try it: a server and satellites", load: () => import("./command/demo.ts"), atTop: true },
  completion: {
    summary: "print a completion script for your shell",
    load: () => import("./command/completion.ts"),
    atTop: true,
  },
  __complete: { summary: "", load: () => import("./command/completion.ts"), hidden: true },
};

/**
 * Parses and runs one command line.
 * @returns The exit status
 */
export async function runProgram(args: readonly string[], context: ProgramContext): Promise<number> {
  const program = buildProgram(context);
  context.bind(() => ({ top: program.opts(), kv: program.find("kv")?.opts() ?? {} }));
  let running = program;
  program.hook("preAction", (_, command) => {
    running = command as MoatCommand;
    for (const name of unknownLoggers(program.getOptionValue("log") ?? [])) {
      context.note(`There is no logger '${name}' here, only 'moat'`);
    }
  });
  try {
    if (args[0] === "--version") context.stdout.write(`${version}\n`);
    else await program.parseAsync([...args], { from: "user" });
    return context.status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    if (!(error instanceof UsageError) || error.command) throw error;
    return running.refuse(error.message);
  }
}

/** Builds the tree. Its commands get `context`. */
export function buildProgram(context: CliContext): MoatCommand {
  const program = new MoatCommand("moat");
  program.exitOverride().helpCommand(false).helpOption("-h, --help", "show this help").configureHelp({
    commandUsage: (command) => (command as MoatCommand).usageLine(),
    subcommandTerm: (command) => [command.name(), ...command.aliases()].join(", "),
    visibleArguments: (command) => command.registeredArguments.filter((argument) => argument.description !== ""),
  }).configureOutput({
    writeOut: (text) => context.stdout.write(text),
    writeErr: (text) => context.stderr.write(text),
    getOutHelpWidth: () => context.stdout.columns ?? helpColumns,
    getErrHelpWidth: () => context.stderr.columns ?? helpColumns,
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  });
  describeTop(program);
  const kv = describeKv(program.command("kv"));
  for (const [name, group] of Object.entries(groups)) {
    addGroup(kv, name, { ...group, hidden: group.hidden || group.atTop }, context);
    addGroup(program, name, group, context);
  }
  return program;
}

function addGroup(parent: MoatCommand, name: string, group: Group, context: CliContext): void {
  const load = async () => {
    if (context.isLoaderShown) context.note(`Loading the commands of ${name}`);
    (await group.load()).register(parent, context);
  };
  parent.lazy(name, group.summary, load, { hidden: group.hidden }).helpOption("--help", "show this help");
}

function describeTop(program: MoatCommand): void {
  program.description("MoaT: a key-value tree for homes, labs and edge sites. 'moat kv X' and 'moat X' are the same.")
    .count("-V, --verbose", "say more; may be repeated")
    .count("-Q, --quiet", "say less; may be repeated")
    .list("-c, --cfg <file>", "configuration file; of several, later ones win")
    .list("-C, --conf <path=value>", "set one place of the configuration; without '=' remove it")
    .pairs("-v, --var <path> <text>", "set a place of the configuration to a text")
    .pairs("-e, --eval <path> <expr>", "set a place of the configuration to a Python literal")
    .pairs("-p, --path <path> <path>", "set a place of the configuration to a path")
    .list("-l, --log <name=level>", "how much a server says (moat=error: nothing)", loggerLevel)
    .count("-D, --debug", "accepted for old scripts; logins need no short keys to be quick")
    .option("-L, --debug-loader", "say which commands are loaded")
    .option("--version", "print the version");
  describeConnection(program, { shortHost: false }).examples(
    ["moat server", "run a server on this machine"],
    ["moat data a.b set -v : hello", "store a text at a.b"],
    ["moat data a.b", "print it"],
    ["moat data : get -rd_", "print everything"],
    ["moat data a monitor", "print changes below a as they happen"],
  );
}

function describeKv(kv: MoatCommand): MoatCommand {
  kv.summary("the key-value tree").description("Work with the key-value tree.").helpOption("--help", "show this help");
  return describeConnection(kv, { shortHost: true })
    .list("-C, --conf <path=value>", "set one place of the configuration, relative to 'kv'")
    .examples(
      ["moat kv -h server.example -p 27586 data :", "print the root entry of another server"],
      ['moat kv -a "_test name=joe" data a.b', "log in first"],
      ["moat kv -m data a.b", "print the whole record: value, chain, tock"],
    );
}

function describeConnection(command: MoatCommand, how: { shortHost: boolean }): MoatCommand {
  return command
    .option(`${how.shortHost ? "-h, " : ""}--host <host>`, "server to connect to, also ws://host:27590/ (localhost)")
    .option(`${how.shortHost ? "-p, " : ""}--port <port>`, "its port (27586)", port)
    .option("-a, --auth <login>", 'log in: "METHOD key=value …", or =FILE')
    .option("-m, --metadata", "print whole records with chain and tock")
    .option("-o, --output <format>", "print values as text, json or yaml (text)", outputFormat);
}

function port(text: string): number {
  const n = wholeNumber(1)(text);
  if (n < 65536) return n;
  throw new InvalidArgumentError("A port is at most 65535.");
}

function outputFormat(text: string): string {
  if (["text", "json", "yaml"].includes(text)) return text;
  throw new InvalidArgumentError("It should be text, json or yaml.");
}

function loggerLevel(text: string): string {
  if (/^[^=]+=(debug|info|warning|error|fatal)$/i.test(text)) return text;
  throw new InvalidArgumentError("It should be NAME=LEVEL; levels are debug, info, warning, error, fatal.");
}
