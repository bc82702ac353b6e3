/**
 * `auth`: who may use the server.
 *
 * Source: `spec/cli.md` 1.11. The tutorial's `auth user set param` and `auth user modify --aux` are understood, too.
 *
 * @module
 */

import { Argument } from "commander";
import type { CliContext } from "../context.ts";
import { aclOperand, tokenOperand, userOperand } from "../option_kinds.ts";
import type { MoatCommand } from "../options.ts";
import type { TokenOptions } from "./auth_token.ts";
import type { ModifyOptions, ParamOptions } from "./auth_user.ts";

const methods = () => import("./auth_method.ts");
const users = () => import("./auth_user.ts");
const tokens = () => import("./auth_token.ts");

/** Adds the `auth` group. */
export function register(parent: MoatCommand, context: CliContext): void {
  const auth = parent.command("auth")
    .description(
      "Say who may use the server. Methods are 'password', 'token' (for programs and gadgets), 'root' (one user, no secret) and " +
        "'_test' (a name will do). One of them is in use and asked for; tokens log in beside it. Users are the same on all " +
        "servers of a network.",
    )
    .option("-m, --method <method>", "the method that is meant; - for none. Default: the one in use, or the only one")
    .examples(
      ["moat auth -m password user add name=joe password?=Password", "a user; the password is asked for"],
      ["moat auth -m password init", "from now on everybody has to log in"],
      ['moat -a "password name=joe password?" auth user list', "who there is"],
      ['moat -a "password name=joe password?" auth token add hall', "a token for a gadget"],
    );
  registerMethods(auth, context);
  registerUsers(auth, context);
  registerTokens(auth, context);
}

function registerMethods(auth: MoatCommand, context: CliContext): void {
  auth.command("list").summary("list the methods that have users")
    .description("Print the methods that have users, one per line.")
    .examples(["moat auth list", "all of them"])
    .action(async () => await (await methods()).list(context));
  auth.command("init").summary("have everybody log in")
    .description(
      "From now on the server asks everybody to log in, by the method of -m. There has to be a user of it. Whoever is " +
        "connected without a login is disconnected. With '-m -' nobody has to log in any more.",
    )
    .option("-s, --switch", "even if a method is in use already")
    .examples(["moat auth -m password init", "lock the door"], ["moat auth -m - init", "open it again"])
    .action(async (options: { switch?: boolean }, command: MoatCommand) => {
      await (await methods()).init(context, auth.getOptionValue("method"), options.switch ?? false, command);
    });
  auth.command("compatible").summary("whether servers of the original understand the passwords")
    .description(
      "Print or set whether new passwords are stored in the form of the original (the Python program): on while there are such " +
        "servers in the network. That form is weak: who gets hold of a copy of the data can guess passwords fast. When it is " +
        "off, each password gets the strong form when its user logs in next.",
    )
    .addArgument(new Argument("[state]", "on or off").choices(["on", "off"]))
    .examples(["moat auth compatible", "how it is"], [
      "moat auth compatible off",
      "no server is a Python program any more",
    ])
    .action(async (state: string | undefined) => await (await methods()).compatible(context, state));
}

function registerUsers(auth: MoatCommand, context: CliContext): void {
  const user = auth.command("user").summary("look at users, add, change and delete them")
    .description("Look at users, add, change and delete them.")
    .examples(["moat auth -m _test user add name=joe", "a user who needs no secret"]);
  const method = () => auth.getOptionValue("method") as string | undefined;
  user.command("list").summary("list the users").description("Print the users of the method, one per line.")
    .option("-v, --verbose", "all that is known of each")
    .examples(["moat auth user list", "their names"])
    .action(async (options: { verbose?: boolean }, command: MoatCommand) => {
      await (await users()).list(context, method(), options.verbose ?? false, command);
    });
  user.command("add").summary("add a user")
    .description(
      "Add a user. Items are key=value; with 'key?' or 'key?=Label' the value is asked for, without echo. 'acl' and 'conv' bind " +
        "the user from the start, as 'auth user param' does later.",
    )
    .argument("[items...]", "name=NAME, password?=Password, …")
    .examples(
      ["moat auth -m password user add name=joe password?=Password", "the password is asked for"],
      ["moat auth user add name=ann password?=Password acl=guests", "ann may do what the ACL 'guests' allows, no more"],
    )
    .action(async (items: string[], _options: unknown, command: MoatCommand) => {
      await (await users()).add(context, method(), items, command);
    });
  user.command("modify").alias("mod").summary("change a user")
    .description("Change a user: a new password, for instance. --aux binds it, in the way of old versions.")
    .argument("[items...]", "the user's name (or name=NAME), then what changes")
    .list("--aux <type=name>", "acl=NAME or codec=NAME")
    .examples(["moat auth user mod joe password?=Password", "a new password"])
    .action(async (items: string[], options: ModifyOptions, command: MoatCommand) => {
      await (await users()).modify(context, method(), items, options, command);
    });
  registerParam(user, method, context);
  registerParam(user.command("set", { hidden: true }).description("As without 'set'."), method, context);
  user.command("get").summary("print what is known of a user").description("Print what is known of a user: no secret.")
    .argument("<ident>", "the user's name", userOperand)
    .examples(["moat auth user get joe", "what joe may do, and through which codecs joe sees values"])
    .action(async (ident: string, _options: unknown, command: MoatCommand) => {
      await (await users()).get(context, method(), ident, command);
    });
  user.command("delete").summary("delete a user").description("Delete a user. Its connections end at once.")
    .argument("<ident>", "the user's name", userOperand)
    .examples(["moat auth user delete joe", "joe has left"])
    .action(async (ident: string, _options: unknown, command: MoatCommand) => {
      await (await users()).remove(context, method(), ident, command);
    });
  user.command("auth").summary("test a login").description("Find out whether a login would do. Nothing else changes.")
    .requiredOption("-a, --auth <login>", 'what to test: "METHOD key=value …", or =FILE')
    .examples(['moat auth user auth -a "password name=joe password?"', "is that the password?"])
    .action(async ({ auth }: { auth: string }) => await (await users()).test(context, auth));
}

function registerParam(parent: MoatCommand, method: () => string | undefined, context: CliContext): void {
  parent.command("param").summary("bind a user by an ACL, or to codecs")
    .description(
      "Bind a user: 'acl' to the ACL of that name, 'conv' to a group of codecs. KEY - unbinds. A user without an ACL may do " +
        "everything. The user's connections end, and begin anew as bound.",
    )
    .argument("<ident>", "the user's name", userOperand)
    .addArgument(new Argument("<type>", "what is bound").choices(["acl", "conv", "codec"]))
    .argument("<key>", "the ACL's or group's name; - for none", aclOperand)
    .argument("[items...]", "more key=value to store beside it")
    .option("-n, --new", "do not look at what is there")
    .examples(["moat auth user param joe acl guests", "joe may do what the ACL 'guests' allows, no more"])
    .action(
      async (
        ident: string,
        type: string,
        key: string,
        items: string[],
        options: ParamOptions,
        command: MoatCommand,
      ) => {
        await (await users()).param(context, method(), { ident, type, key, items }, options, command);
      },
    );
}

function registerTokens(auth: MoatCommand, context: CliContext): void {
  const token = auth.command("token").summary("tokens, by which programs and gadgets log in")
    .description(
      "Make, list and revoke tokens. A token is a text that logs in whoever has it, whatever method is in use: " +
        '-a "token token=…", or tokenLogin("…") in a program.',
    )
    .examples([
      "moat auth token add hall --acl gadgets --for 365d",
      "may do what the ACL 'gadgets' allows, for a year",
    ]);
  token.command("add").summary("make a token")
    .description("Make a token and print it. It is shown this once, and stored nowhere.")
    .argument("<name>", "what it is for: letters, digits and _")
    .option("--acl <acl>", "what it may do; default: everything", aclOperand)
    .option("--conv <group>", "through which codecs it sees values")
    .option("--for <time>", "how long it may be used: 12h, 30d, 1y; default: for ever")
    .option("--until <date>", "until when: 2027-12-31, or 2027-12-31T12:00")
    .option("--note <text>", "for people")
    .examples(["moat auth token add hall --for 365d", "for a year"])
    .action(async (name: string, options: TokenOptions, command: MoatCommand) => {
      await (await tokens()).add(context, name, options, command);
    });
  token.command("list").summary("list the tokens").description("Print the tokens' names, one per line.")
    .option("-v, --verbose", "all that is known of each")
    .examples(["moat auth token list -v", "what they may do, and until when"])
    .action(async (options: { verbose?: boolean }) => await (await tokens()).list(context, options.verbose ?? false));
  token.command("revoke").alias("delete").summary("revoke a token")
    .description("Revoke a token. Its connections end at once.")
    .argument("<name>", "which one", tokenOperand)
    .examples(["moat auth token revoke hall", "the gadget was stolen"])
    .action(async (name: string) => await (await tokens()).revoke(context, name));
}
