/**
 * `auth token …`: make, list and revoke tokens. The secret is made here, and the server gets its hash.
 *
 * @module
 */

import { secretHash } from "../../../wire/login/credentials.ts";
import { checkUserName, secretBytes, tokenText } from "../../../wire/login/names.ts";
import type { CliContext } from "../context.ts";
import type { MoatCommand } from "../options.ts";
import { untilOf, type UntilOptions } from "../util/until.ts";
import { bindings, noteMissingAcl, removeOf } from "./auth_user.ts";

/** Options of `add`. */
export interface TokenOptions extends UntilOptions {
  readonly acl?: string;
  readonly conv?: string;
  readonly note?: string;
}

/** Makes a token and prints it. */
export async function add(
  context: CliContext,
  name: string,
  options: TokenOptions,
  command: MoatCommand,
): Promise<void> {
  const until = untilOf(options, context.now(), command);
  const secret = crypto.getRandomValues(new Uint8Array(secretBytes));
  const client = await context.connect();
  await client.request("auth_set", {
    typ: "token",
    kind: "user",
    ident: checkUserName(name),
    chain: null,
    hash: secretHash(secret),
    until,
    acl: options.acl,
    conv: options.conv,
    note: options.note,
  });
  context.stdout.write(`${tokenText(name, secret)}\n`);
  context.note("Keep it: it is shown this once.");
  await noteMissingAcl(context, client, options.acl, name);
}

/** Prints the tokens. */
export async function list(context: CliContext, isVerbose: boolean): Promise<void> {
  const client = await context.connect();
  for await (const item of client.stream("auth_list", { typ: "token", kind: "user" })) {
    const { ident, created, until, note } = item;
    if (!isVerbose) {
      context.stdout.write(`${ident}\n`);
      continue;
    }
    const bound = await bindings(client, "token", String(ident));
    const known = { ident, ...bound, created, until, note };
    await context.print(Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)), {
      dates: true,
      separator: true,
    });
  }
}

/** Revokes a token. */
export async function revoke(context: CliContext, name: string): Promise<void> {
  await removeOf(await context.connect(), "token", name);
}
