/**
 * `auth list`, `init`, `compatible`: which login is asked for.
 *
 * @module
 */

import { NotFoundError } from "../../../wire/errors.ts";
import { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import type { CliClient, CliContext } from "../context.ts";
import { getAt } from "../mapping.ts";
import type { MoatCommand } from "../options.ts";

/** Prints the methods that have users. */
export async function list(context: CliContext): Promise<void> {
  for (const name of await methodsOf(await context.connect())) context.stdout.write(`${name}\n`);
}

/** Has everybody log in, or nobody. @param method `-` for nobody */
export async function init(
  context: CliContext,
  method: string | undefined,
  mayReplace: boolean,
  command: MoatCommand,
): Promise<void> {
  const client = await context.connect();
  if (method === "-") {
    await client.request("set_auth_typ", { typ: null });
    return context.stdout.write("Authorization turned off.\n");
  }
  if (!mayReplace && await currentOf(client) !== undefined) command.refuse("Authentication is already set up");
  const typ = await methodOf(client, method, command);
  await client.request("set_auth_typ", { typ });
  context.stdout.write(`Authorization switched to ${typ}\n`);
}

/** Prints or sets the form of passwords. */
export async function compatible(context: CliContext, state: string | undefined): Promise<void> {
  const client = await context.connect();
  if (state !== undefined) return void await client.request("set_auth_typ", { compatible: state === "on" });
  context.stdout.write(getAt(await settingsOf(client), ["compatible"]) === true ? "on\n" : "off\n");
}

/**
 * The method that is meant: the one that was named, else the one in use, else the only one that there is.
 * @throws {UsageError} If that does not say it
 */
export async function methodOf(client: CliClient, named: string | undefined, command: MoatCommand): Promise<string> {
  if (named === "-") command.refuse("You need to set the auth method");
  if (named !== undefined) return named;
  const current = await currentOf(client);
  if (current !== undefined) return current;
  const all = (await methodsOf(client)).filter((name) => name !== "token");
  return all.length === 1 ? all[0] : command.refuse("You need to set the auth method");
}

async function currentOf(client: CliClient): Promise<string | undefined> {
  const current = getAt(await settingsOf(client), ["current"]);
  return typeof current === "string" ? current : undefined;
}

async function settingsOf(client: CliClient): Promise<Value> {
  return (await client.request("get_internal", { path: Path.of("auth") })).value ?? {};
}

async function methodsOf(client: CliClient): Promise<string[]> {
  try {
    const { result } = await client.request("enum_internal", { path: Path.of("auth"), empty: true });
    return Array.isArray(result) ? result.filter((name) => typeof name === "string") : [];
  } catch (error) {
    if (error instanceof NotFoundError) return []; // nobody ever had users here
    throw error;
  }
}
