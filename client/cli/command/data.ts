/**
 * `data PATH VERB`: reads, writes and watches entries.
 *
 * Source: `spec/cli.md` 1.8.
 *
 * @module
 */

import type { Path } from "../../../wire/path/path.ts";
import { type AttributeOptions, attributeOptions } from "../attributes.ts";
import type { CliContext } from "../context.ts";
import { pathOperand, wholeNumber } from "../option_kinds.ts";
import type { MoatCommand } from "../options.ts";
import { type AckOptions, ackOptions } from "./data_ack.ts";
import { type ChainOptions, chainOptions } from "./data_chain.ts";
import { getOne, type GetOptions, getTree } from "./data_get.ts";
import type { DeleteOptions } from "./data_delete.ts";
import type { MonitorOptions } from "./data_monitor.ts";
import type { SetOptions } from "./data_set.ts";

/** Adds the `data` group. */
export function register(parent: MoatCommand, context: CliContext): void {
  const data = parent.command("data").pathFirst({ fallback: "get" })
    .description("Read, write and watch entries. PATH comes first; without a command its value is printed.")
    .examples(
      ["moat data :", "the root entry"],
      ["moat data a.b set -e : 42", "store a number"],
      ["moat data a get -rd_", "all entries from a on, as one mapping"],
    );
  registerGet(data, context);
  registerList(data, context);
  registerSet(data, context);
  registerDelete(data, context);
  registerMonitor(data, context);
  registerUpdate(data, context);
  registerDump(data, context);
}

function registerGet(data: MoatCommand, context: CliContext): void {
  depthOptions(data.command("get"), "0")
    .summary("print an entry, or all from there on")
    .description("Print an entry's value, or with -r all entries from there on, as they arrive.")
    .argument("<path>", "", pathOperand)
    .option("-r, --recursive", "the whole subtree")
    .option("-e, --empty", "with -r, also entries without a value")
    .option("-R, --raw", "print the bare text or bytes, without line end; with -r only paths")
    .examples(
      ["moat data a.b get", "the value at a.b"],
      ["moat data a get -r", "one line for each entry"],
      ["moat data a get -rd_", "one mapping, values under _"],
      ["moat data a.b get -R", "a text without quotes"],
    )
    .action((path: Path, options: GetOptions & { recursive?: boolean }) => {
      return options.recursive ? getTree(context, path, options) : getOne(context, path, options);
    });
}

function registerList(data: MoatCommand, context: CliContext): void {
  depthOptions(data.command("list"), "1")
    .summary("print the names below an entry")
    .description("Print the names of the entries below an entry, with values or without.")
    .argument("<path>", "", pathOperand)
    .examples(
      ["moat data a list", "the children of a"],
      ["moat data a list -d_", "with their values"],
      ["moat data a list -m 2", "two levels"],
    )
    .action(async (path: Path, options: GetOptions) => {
      const depths = { maxdepth: options.maxdepth ?? 1, mindepth: options.mindepth ?? 1 };
      await getTree(context, path, { ...options, ...depths, empty: true, raw: options.asDict === undefined });
    });
}

function depthOptions(command: MoatCommand, mindepth: string): MoatCommand {
  return command
    .option("-d, --as-dict <key>", "print one nested mapping, values under this key")
    .option("-m, --maxdepth <n>", `the greatest depth below PATH (${mindepth === "1" ? "1" : "all"})`, wholeNumber())
    .option("-M, --mindepth <n>", `the least depth below PATH (${mindepth})`, wholeNumber())
    .option("-D, --add-date", "add readable dates beside numbers that look like times");
}

function registerSet(data: MoatCommand, context: CliContext): void {
  ackOptions(chainOptions(attributeOptions(data.command("set"))))
    .summary("store a value")
    .description(
      "Store a value, or change parts of one. Parts are set by -v, then -e, then -p; if somebody else changes the entry " +
        "meanwhile, nothing is stored. Replacing the whole value (place ':') does not read it first.",
    )
    .argument("<path>", "", pathOperand)
    .option("-n, --new", "only if there is no value yet")
    .examples(
      ["moat data a.b set -v : hello", "store the text hello"],
      ["moat data a.b set -e : 1234", "store a number"],
      ["moat data a.b set -v one XXX -e two 2", "change two parts of a mapping"],
      ["moat data a.b set -e one -", "remove a part"],
      ["moat data a.b set -v : x --ack 2", "wait until two servers have it on their disks"],
    )
    .action(async (path: Path, options: SetOptions & AttributeOptions & AckOptions, command: MoatCommand) => {
      await (await import("./data_set.ts")).setEntry(context, path, options, command);
    });
}

function registerDelete(data: MoatCommand, context: CliContext): void {
  ackOptions(chainOptions(data.command("delete")))
    .summary("delete an entry")
    .description("Delete an entry's value; the entries below it stay, unless -r is given. The root cannot be deleted.")
    .argument("<path>", "", pathOperand)
    .option("-p, --prev <value>", "only if this is its value")
    .option("-e, --eval", "the value of -p is a Python literal")
    .option("-r, --recursive", "the entries below it, too")
    .option("--internal", "PATH is within the server's own data")
    .examples(
      ["moat data a.b delete", "delete one entry"],
      ["moat data a delete -r", "delete a and everything below it"],
      ["moat data a.b delete -ep 42", "only if it is 42"],
    )
    .action(async (path: Path, options: DeleteOptions & ChainOptions & AckOptions, command: MoatCommand) => {
      await (await import("./data_delete.ts")).deleteEntry(context, path, options, command);
    });
}

function registerMonitor(data: MoatCommand, context: CliContext): void {
  data.command("monitor").alias("watch")
    .summary("print changes as they happen")
    .description("Print changes of an entry and all below it as they happen, until you press Ctrl-C.")
    .argument("<path>", "", pathOperand)
    .option("-s, --state", "print what is there, first")
    .option("-o, --only", "this entry alone, and only its value; ends when it is deleted")
    .option("-p, --path-only", "lines of path and value")
    .option("-D, --add-date", "add readable dates beside numbers that look like times")
    .list("-i, --ignore <path>", "skip this entry and all below it; relative to PATH, repeatable", pathOperand)
    .examples(
      ["moat data a monitor", "changes from now on"],
      ["moat data a monitor -s", "first what is there"],
      ["moat data a.b monitor -os", "a value and its changes, one per line"],
      ["moat data a monitor -p -i b.c", "short lines, without a.b.c"],
    )
    .action(async (path: Path, options: MonitorOptions) => {
      await (await import("./data_monitor.ts")).monitor(context, path, options);
    });
}

function registerUpdate(data: MoatCommand, context: CliContext): void {
  data.command("update")
    .summary("store entries from a file")
    .description(
      "Store the entries of a state file (or any msgpack stream of maps with path and value) below PATH. Records " +
        "without a value delete.",
    )
    .argument("<path>", "", pathOperand)
    .option("-i, --infile <file>", "file to read; - is standard input", "-")
    .examples(
      ["moat data : update -i saved.state", "restore everything"],
      ["moat data old update < saved.state", "below the entry 'old'"],
    )
    .action(async (path: Path, { infile }: { infile: string }) => {
      await (await import("./data_update.ts")).updateFrom(context, path, infile);
    });
}

/** The tutorial writes `data internal dump :` once, and means `internal dump :`. */
function registerDump(data: MoatCommand, context: CliContext): void {
  data.command("dump", { hidden: true })
    .argument("<path>", "", pathOperand)
    .argument("<where>", "", pathOperand)
    .action(async (path: Path, where: Path) => {
      if (path.toString() !== "internal") data.refuse("No such command 'dump'.");
      await (await import("./internal_dump.ts")).dumpInternal(context, where);
    });
}
