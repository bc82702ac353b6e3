/**
 * `conflict`: what lost when two sides changed an entry without knowing of each other.
 *
 * @module
 */

import type { CliContext } from "../context.ts";
import { conflictOperand, conflictTickOperand } from "../option_kinds.ts";
import type { MoatCommand } from "../options.ts";

const work = () => import("./conflict_work.ts");

/** Adds the `conflict` group. */
export function register(parent: MoatCommand, context: CliContext): void {
  const conflict = parent.command("conflict")
    .description(
      "Look at what lost when two sides changed an entry without knowing of each other, and decide. One of the two changes " +
        "stays; the other one is kept until somebody takes or drops it.\n\n" +
        "A conflict is named by the entry's PATH, or by who made the change that lost: WRITER TICK. The records are entries " +
        "below :.moat.kv.conflict, so 'moat data :.moat.kv.conflict monitor' shows them as they come.",
    )
    .examples(
      ["moat conflict ls", "what waits for a decision"],
      ["moat conflict take a.b", "the value that lost becomes the entry's value again"],
      ["moat conflict drop a.b", "what is there stays"],
    );
  registerList(conflict, context);
  registerDecisions(conflict, context);
  registerPolicy(conflict, context);
}

function registerList(conflict: MoatCommand, context: CliContext): void {
  conflict.command("ls").alias("list").summary("list what lost")
    .description("List conflicts: where, what lost and who made it, and what is there now.")
    .argument("[path]", "only here and below")
    .examples(["moat conflict ls", "all of them"], ["moat -o json conflict ls home", "below home, for programs"])
    .action(async (path: string | undefined) => await (await work()).list(context, path));
  conflict.command("show").summary("print all that is known of a conflict")
    .description("Print a conflict: the value that lost, who made it, and what is there now and who made that.")
    .argument("<path>", "the entry, or the WRITER", conflictOperand)
    .argument("[tick]", "the writer's number of the change", conflictTickOperand)
    .examples(["moat conflict show a.b", "the conflicts at a.b"], ["moat conflict show hall 17", "one of them"])
    .action(async (what: string, tick: string | undefined, _options: unknown, command: MoatCommand) => {
      await (await work()).show(context, what, tick, command);
    });
}

function registerDecisions(conflict: MoatCommand, context: CliContext): void {
  conflict.command("take").summary("make what lost the entry's value again")
    .description(
      "Store the value that lost once more (or delete the entry, if a deletion lost), on top of what is there now, and settle " +
        "the conflict. If somebody changes the entry meanwhile, nothing happens.",
    )
    .argument("<path>", "the entry, or the WRITER", conflictOperand)
    .argument("[tick]", "the writer's number of the change", conflictTickOperand)
    .examples(["moat conflict take a.b", "the only conflict at a.b"], ["moat conflict take hall 17", "that one"])
    .action(async (what: string, tick: string | undefined, _options: unknown, command: MoatCommand) => {
      await (await work()).take(context, what, tick, command);
    });
  conflict.command("drop").summary("leave it as it is")
    .description("Settle conflicts: what is there stays, and what lost is forgotten.")
    .argument("[path]", "the entry, or the WRITER", conflictOperand)
    .argument("[tick]", "the writer's number of the change", conflictTickOperand)
    .option("-a, --all", "all conflicts")
    .examples(
      ["moat conflict drop a.b", "all conflicts at a.b"],
      ["moat conflict drop hall 17", "one of them"],
      ["moat conflict drop --all", "whatever lost, everywhere"],
    )
    .action(
      async (
        what: string | undefined,
        tick: string | undefined,
        options: { all?: boolean },
        command: MoatCommand,
      ) => {
        await (await work()).drop(context, what, tick, options.all ?? false, command);
      },
    );
}

function registerPolicy(conflict: MoatCommand, context: CliContext): void {
  conflict.command("policy").summary("list or set what is done about conflicts")
    .description(
      "List the policies, or set one. In PATTERN, + stands for one level and # for one or more; of several that fit the most " +
        "specific one counts.\n\n" +
        "  latest       (the default) the later change stays, by the network's counter\n" +
        "  keep-both    the same, and the record is never dropped when there are too many\n" +
        "  prefer:NODE  NODE writes its change again if it lost",
    )
    .argument("[path]", "the pattern")
    .argument("[policy]", "latest, keep-both or prefer:NODE")
    .option("-d, --delete", "remove the policy of that pattern")
    .examples(
      ["moat conflict policy", "list them"],
      ["moat conflict policy home.# prefer:hub", "below home, the server hub is right"],
      ["moat conflict policy -d home.#", "no more"],
    )
    .action(
      async (
        pattern: string | undefined,
        policy: string | undefined,
        options: { delete?: boolean },
        command: MoatCommand,
      ) => {
        await (await import("./conflict_policy.ts")).policy(context, pattern, policy, options.delete ?? false, command);
      },
    );
}
