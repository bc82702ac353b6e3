/**
 * `internal`: the server's own data, and tools to mend what a broken network left behind.
 *
 * Source: `spec/cli.md` 1.9.
 *
 * @module
 */

import { InvalidArgumentError } from "commander";
import type { Path } from "../../../wire/path/path.ts";
import type { CliContext } from "../context.ts";
import { pathOperand, wholeNumber } from "../option_kinds.ts";
import type { MoatCommand } from "../options.ts";
import type { EnumOptions, MarkOptions, StateOptions } from "./internal_nodes.ts";

const nodes = () => import("./internal_nodes.ts");

/** Adds the `internal` group. */
export function register(parent: MoatCommand, context: CliContext): void {
  const internal = parent.command("internal")
    .description("Look at the server's own data, and mend what a broken network left behind.")
    .examples(["moat internal state -a", "what this server knows of all nodes' changes"], [
      "moat internal dump :",
      "users, types, codecs and other internal entries",
    ]);
  internal.command("dump").summary("print the internal entries")
    .description("Print internal entries (users, access rules, types, …) as one mapping, values under _.")
    .argument("<path>", "where to begin; : is everything", pathOperand)
    .examples(["moat internal dump :", "everything"], ["moat internal dump auth", "methods and users"])
    .action(async (path: Path) => await (await import("./internal_dump.ts")).dumpInternal(context, path));
  registerState(internal, context);
  registerMark(internal, context);
  registerDeleter(internal, context);
  registerEvents(internal, context);
}

function registerState(internal: MoatCommand, context: CliContext): void {
  internal.command("state").summary("print what the server knows of all nodes' changes")
    .description("Print the server's name and counters, and on request which changes of which nodes it has or lacks.")
    .option("-n, --nodes", "all nodes and their counters")
    .option("-d, --deleted", "changes that deleted something and are done with")
    .option("-m, --missing", "changes that this server lacks")
    .option("-r, --remote-missing", "changes that other servers lack")
    .option("-p, --present", "changes that are the current state of an entry")
    .option("-s, --superseded", "changes that others took the place of")
    .option("-k, --known", "the same, by its old name")
    .option("-a, --all", "all of these")
    .option("-D, --debug", "also what helps to find defects")
    .option("--debugger", "accepted for old scripts; does nothing")
    .examples(["moat internal state -m", "what is missing here"], ["moat internal state -a", "everything"])
    .action(async (options: StateOptions) => await (await nodes()).printState(context, options));
}

function registerMark(internal: MoatCommand, context: CliContext): void {
  internal.command("mark").summary("declare changes superseded, or deleted")
    .description(
      "Declare changes of a node superseded (or deleted, with -d), so that nobody waits for them any longer. Without " +
        "TICK it is those that the server lacks; NODE may then be '' for all nodes. This can hide data: be careful.",
    )
    .argument("<node>", "whose changes")
    .argument("[ticks...]", "which; default: those that are missing", numbers)
    .option("-d, --deleted", "mark as deleted")
    .option("-n, --node <name>", "pretend that this node says so", "?")
    .option("-b, --broadcast", "tell all servers")
    .examples(["moat internal mark test1 5 6", "nobody needs to look for these"], [
      "moat internal mark -b ''",
      "give up everything that is missing",
    ])
    .action(async (node: string, ticks: number[], options: MarkOptions, command: MoatCommand) => {
      await (await nodes()).mark(context, node, ticks, options, command);
    });
}

function registerDeleter(internal: MoatCommand, context: CliContext): void {
  internal.command("deleter").summary("list or change the nodes that clean up deleted entries")
    .description(
      "Print which servers of the original (the Python program) must have seen a deletion before they forget it; add nodes, or " +
        "remove them with -d. Servers of this program need no list: they wait for every member, see 'moat status', and " +
        "'moat internal forget' is how to stop that.",
    )
    .argument("[nodes...]", "nodes to add or remove; without any the list is printed")
    .option("-d, --delete", "remove the nodes; without any, all")
    .examples(["moat internal deleter", "the list"], ["moat internal deleter test1 test2", "add two nodes"])
    .action(async (names: string[], options: { delete?: boolean }) => {
      await (await import("./internal_deleter.ts")).deleter(context, names, options.delete ?? false);
    });
}

function registerEvents(internal: MoatCommand, context: CliContext): void {
  internal.command("get").summary("print the value that a change set")
    .description("Print the value that a change set, if it is still current.")
    .argument("<node>", "whose change")
    .argument("<tick>", "its number", wholeNumber())
    .examples(["moat internal get test1 12", "what test1's change 12 stored"])
    .action(async (node: string, tick: number) => await (await nodes()).getEvent(context, node, tick));
  internal.command("enum").summary("print a node's changes that are still in use")
    .description("Print the numbers of a node's changes that entries still refer to; with 'moat -V' also the paths.")
    .argument("<node>", "whose changes")
    .option("-n, --num <n>", "print at most so many", wholeNumber(1))
    .option("-c, --current", "only where it is the entry's last change")
    .option("-C, --copy", "store these entries anew, so that they are this server's")
    .examples(["moat internal enum test1", "all of them"], [
      "moat -V internal enum -c test1",
      "current ones, with paths",
    ])
    .action(async (node: string, options: EnumOptions) => await (await nodes()).enumNode(context, node, options));
  internal.command("forget").summary("stop waiting for a node")
    .description(
      "Nobody waits for this node any more: deleted entries go without its word, and changes that it alone had are given up. " +
        "This is kept for ever. If the node comes back it compares what it has with another one before it shares anything.",
    )
    .argument("<node>", "which one")
    .option("-f, --force", "even though it is here")
    .examples(["moat internal forget attic", "its disk is broken, and will not come back"])
    .action(async (node: string, options: { force?: boolean }) => {
      await (await nodes()).forgetNode(context, node, options.force ?? false);
    });
  internal.command("kill").summary("forget a node")
    .description(
      "Make all servers forget a node that no entry's last change is from. What it has left can be made this server's own " +
        "with 'moat internal enum -C NODE'.",
    )
    .argument("<node>", "which one")
    .examples(["moat internal kill test2", "test2 will not come back"])
    .action(async (node: string) => await (await nodes()).killNode(context, node));
}

/** A repeated operand: commander passes each with those before it. */
function numbers(text: string, before: unknown): number[] {
  const tick = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(tick)) throw new InvalidArgumentError("Ticks are whole numbers.");
  return [...(Array.isArray(before) ? before : []), tick];
}
