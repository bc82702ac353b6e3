/**
 * `acl`: what users may do, and where.
 *
 * Source: `spec/cli.md` 1.12.
 *
 * @module
 */

import { Path } from "../../../wire/path/path.ts";
import type { CliContext } from "../context.ts";
import { aclOperand, pathOperand, userOperand } from "../option_kinds.ts";
import type { MoatCommand } from "../options.ts";
import type { ExplainOptions, SetOptions, TestOptions } from "./acl_work.ts";

const work = () => import("./acl_work.ts");

const patterns =
  "In PATH, + stands for one level and # for one or more; of several rules that fit, the most specific one " +
  "decides. What no rule allows is forbidden, and only the way to what lies below is free.";

const letters = "  r  read the value                c  set a value where there is none\n" +
  "  w  change a value                e  list what is below\n" +
  "  d  delete with what is below     n  make what is missing below\n" +
  "  x  pass to what is below         a  see these letters";

/** Adds the `acl` group. */
export function register(parent: MoatCommand, context: CliContext): void {
  const acl = parent.command("acl")
    .description(
      "Say what users may do, and where. An ACL is a list of rules; a user is bound by one with 'auth user param NAME acl ACL'. " +
        `Users without one may do everything. Changes count at once.\n\n${patterns}\n\n${letters}`,
    )
    .examples(
      ["moat acl set guest -a rx 'home.#'", "guests may read what is below home"],
      ["moat auth user param joe acl guest", "joe is a guest"],
      ["moat acl explain joe home.lamp -m w", "may he change that, and why not"],
    );
  registerChanges(acl, context);
  registerLooks(acl, context);
  registerQuestions(acl, context);
}

function registerChanges(acl: MoatCommand, context: CliContext): void {
  acl.command("set").summary("set, change or remove a rule")
    .description(
      `Set a rule's letters. With a leading + they are added, with - taken away; a lone - removes the rule, and '' forbids ` +
        `everything.\n\n${patterns}\n\n${letters}`,
    )
    .argument("<name>", "which ACL", aclOperand)
    .argument("[path]", "where", pathOperand)
    .option("-a, --acl <flags>", "the letters: 'rx', '+w', '-w', '' or '-'", "+x")
    .option("-r, --root", "also the rule for the root entry, which no PATH fits; or that one alone")
    .option("--for <time>", "the rule ends after that time: 12h, 30d, 1y")
    .option("--until <date>", "the rule ends then: 2027-12-31, or 2027-12-31T12:00; - for never")
    .examples(
      ["moat acl set guest -a rex 'home.#'", "read and list below home"],
      ["moat acl set guest -a rex -r '#'", "everything, and the root"],
      ["moat acl set guest -a -e 'home.#'", "no more listing"],
      ["moat acl set guest -a rw --for 2h home.door", "for the next two hours"],
      ["moat acl set guest -a - home.door", "remove the rule"],
    )
    .action(async (name: string, path: Path | undefined, options: SetOptions, command: MoatCommand) => {
      await (await work()).set(context, name, path, options, command);
    });
}

function registerLooks(acl: MoatCommand, context: CliContext): void {
  acl.command("list").summary("list the ACLs").description("Print the names of all ACLs.")
    .examples(["moat acl list", "their names"])
    .action(async () => await (await work()).list(context));
  acl.command("get").summary("print a rule")
    .description("Print the letters of a rule; - if there is none.")
    .argument("<name>", "which ACL", aclOperand)
    .argument("<path>", "the rule's pattern; : is the rule for the root", pathOperand)
    .examples(["moat acl get guest 'home.#'", "exactly this rule; see also 'explain'"])
    .action(async (name: string, path: Path) => await (await work()).get(context, name, path));
  acl.command("dump").summary("print all rules")
    .description("Print the rules of an ACL.")
    .argument("<name>", "which ACL", aclOperand)
    .argument("[path]", "only here and below", pathOperand, Path.root)
    .option("-d, --as-dict <key>", "as one mapping, with the letters under that key")
    .examples(["moat acl dump guest", "a list"], ["moat acl dump -d _ guest", "a mapping"])
    .action(async (name: string, path: Path, options: { asDict?: string }) => {
      await (await work()).dump(context, name, path, options.asDict);
    });
}

function registerQuestions(acl: MoatCommand, context: CliContext): void {
  acl.command("test").summary("test what you may do")
    .description("Print + if you may do something, - if not, or the letters, if you may see them.")
    .argument("<path>", "where", pathOperand)
    .option("-m, --mode <letter>", "what: one letter, or W for a write", "x")
    .option("-a, --acl <name>", "would somebody bound by that ACL", aclOperand)
    .examples(["moat acl test -m r home.lamp", "may I read it"], [
      "moat acl test -m w -a guest home.lamp",
      "may a guest change it",
    ])
    .action(async (path: Path, options: TestOptions, command: MoatCommand) => {
      await (await work()).test(context, path, options, command);
    });
  acl.command("explain").summary("say which rule decides, and why")
    .description("Say whether a user may do something, which rule decides, and why. With -a, USER is left out.")
    .argument("<user>", "who", userOperand)
    .argument("[path]", "where")
    .option("-m, --mode <letter>", "what: one letter", "r")
    .option("-a, --acl <name>", "somebody bound by that ACL, in place of a user", aclOperand)
    .option("--method <method>", "the user's login method; default: the one in use")
    .examples(
      ["moat acl explain joe home.lamp", "may joe read it"],
      ["moat acl explain -a guest -m w home.lamp", "may a guest change it"],
    )
    .action(async (user: string, path: string | undefined, options: ExplainOptions, command: MoatCommand) => {
      await (await work()).explain(context, user, path, options, command);
    });
}
