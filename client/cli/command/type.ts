/**
 * `type`: what values may be, and where.
 *
 * Source: `spec/cli.md` 1.13.
 *
 * @module
 */

import type { Path } from "../../../wire/path/path.ts";
import type { CliContext } from "../context.ts";
import { matchOperand, typeOperand } from "../option_kinds.ts";
import type { MoatCommand } from "../options.ts";
import type { CheckOptions } from "./type_check.ts";
import type { GetOptions, MatchOptions, SourceOptions } from "./type_work.ts";

const work = () => import("./type_work.ts");

/** Adds the `type` group. */
export function register(parent: MoatCommand, context: CliContext): void {
  const type = parent.command("type")
    .description(
      "Say what values may be, and where. A type is a check (code, a JSON schema, or both) with examples of good and bad " +
        "values; a value has to pass the types above it, too: 'int', then 'int.percent'. A match says which entries have it.",
    )
    .examples(
      ["moat type set -g 0 -g 7 -b 1.5 int < int.py", "a type, checked by Python code"],
      ["moat type match -t int 'stats.#.count'", "values at these places have to be of it"],
      ["moat type check 'stats.#.count'", "which values there are not"],
    );
  registerSet(type, context);
  registerGet(type, context);
  registerList(type, context);
  registerMatch(type, context);
  registerCheck(type, context);
}

/** Adds the options that say what a type checks. */
function sourceOptions(command: MoatCommand): MoatCommand {
  return command
    .option("-s, --script <file>", "code that checks 'value'; - is standard input")
    .option("-S, --schema <file>", "JSON schema; - is standard input")
    .option("-y, --yaml", "the schema is YAML, not JSON")
    .option("-d, --data <file>", "the whole record as YAML")
    .option("--lang <language>", "of the code: python or js", "python");
}

function registerSet(type: MoatCommand, context: CliContext): void {
  sourceOptions(type.command("set"))
    .summary("store a type")
    .description(
      "Store a type. The code is the body of a function of 'value': an exception means that the value is bad. It is read from " +
        "standard input unless -s, -S or -d is given. At least two good examples and a bad one are needed; all of them have " +
        "to pass the types above.",
    )
    .list("-g, --good <expr>", "a good value, as Python literal; repeatable")
    .list("-b, --bad <expr>", "a bad value, as Python literal; repeatable")
    .argument("<path>", "the type's name", typeOperand)
    .examples(
      ["moat type set -g 0 -g 99 -b 101 int.percent < percent.py", "Python code from a file"],
      ["moat type set --lang js -g 1 -g 2 -b -1 -s positive.js positive", "JavaScript"],
      ["moat type set -S point.json -g '{\"x\":1}' -g '{\"x\":2}' -b 1 point", "a JSON schema"],
    )
    .action(async (path: Path, options: SourceOptions, command: MoatCommand) => {
      await (await work()).setType(context, path, options, command);
    });
}

function registerGet(type: MoatCommand, context: CliContext): void {
  type.command("get")
    .summary("print a type")
    .description("Print a type's record. Code and schema can go to files instead.")
    .option("-s, --script <file>", "write the code to this file")
    .option("-S, --schema <file>", "write the schema to this file")
    .option("-y, --yaml", "write the schema as YAML, not JSON")
    .argument("<path>", "the type's name", typeOperand)
    .examples(["moat type get int", "the record"], ["moat type get -s int.py int", "the code goes to a file"])
    .action(async (path: Path, options: GetOptions, command: MoatCommand) => {
      await (await work()).getType(context, path, options, command);
    });
}

function registerList(type: MoatCommand, context: CliContext): void {
  type.command("list")
    .summary("list types")
    .description("Print types as one mapping, records under _; or those types and matches that do not work, and why.")
    .option("--broken", "types and matches that are inactive")
    .argument("[path]", "only here and below", typeOperand)
    .examples(["moat type list :", "all of them"], ["moat type list --broken", "what does not work"])
    .action(async (path: Path | undefined, options: { broken?: boolean }) => {
      const { listBroken, listTypes } = await work();
      if (options.broken) await listBroken(context, ["type", "match"], path);
      else await listTypes(context, path);
    });
}

function registerMatch(type: MoatCommand, context: CliContext): void {
  type.command("match")
    .summary("say where a type is used")
    .description(
      "Say which entries have to be of a type, or print that. In PATTERN, + stands for one level and # for one or more; of " +
        "several that fit the most specific one counts. Values that are there already are not checked: see 'type check'.",
    )
    .option("-t, --type <type>", "the type", typeOperand)
    .option("-d, --delete", "no more")
    .option("-R, --raw", "print the type without a line end")
    .argument("<path>", "the pattern; : lists all", matchOperand)
    .examples(
      ["moat type match -t int.percent 'stats.#.quota'", "quotas are percentages"],
      ["moat type match 'stats.#.quota'", "the type of that pattern"],
      ["moat type match :", "all patterns"],
    )
    .action(async (path: Path, options: MatchOptions, command: MoatCommand) => {
      await (await work()).match(context, path, options, command);
    });
}

function registerCheck(type: MoatCommand, context: CliContext): void {
  sourceOptions(type.command("check"))
    .summary("list entries that a type would reject")
    .description(
      "List the entries that fit PATTERN and whose value is not of their type. With -t it is that type, in use there or not. " +
        "With -s, -S or -d it is the type given, which is not stored; -t then says where it would be, and so which types lie " +
        "above it. Nothing is changed. The exit status is 1 if there are such entries.",
    )
    .option("-t, --type <type>", "the type", typeOperand)
    .argument("<path>", "the pattern", matchOperand)
    .examples(
      ["moat type check 'stats.#'", "what is not as it should be"],
      ["moat type check -t int.percent 'stats.#.quota'", "before 'type match' says so"],
      ["moat type check -t int.percent -s new.py 'stats.#.quota'", "before 'type set' changes it"],
    )
    .action(async (path: Path, options: CheckOptions, command: MoatCommand) => {
      await (await import("./type_check.ts")).checkEntries(context, path, options, command);
    });
}
