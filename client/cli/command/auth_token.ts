/**
 * `auth token …`: make, list and revoke tokens. The secret is made here, and the server gets its hash.
 *
 * @module
 */

import { checkUserName, secretBytes, secretHash, tokenText } from "../../../wire/login/credentials.ts";
import { Float } from "../../../wire/value.ts";
import type { CliContext } from "../context.ts";
import type { MoatCommand } from "../options.ts";
import { bindings, removeOf } from "./auth_user.ts";

/** Options of `add`. */
export interface TokenOptions {
  readonly acl?: string;
  readonly conv?: string;
  readonly for?: string;
  readonly until?: string;
  readonly note?: string;
}

const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86400, w: 604800, y: 31557600 };

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

/** Its end, in seconds since 1970. */
function untilOf(
  { for: duration, until }: TokenOptions,
  nowMs: number,
  command: MoatCommand,
): number | Float | undefined {
  if (duration !== undefined && until !== undefined) command.refuse("'--for' and '--until' are mutually exclusive.");
  if (until !== undefined) {
    const ms = Date.parse(until);
    if (Number.isNaN(ms)) command.refuse(`'${until}' is no date such as 2027-12-31.`);
    return Math.floor(ms / 1000);
  }
  if (duration === undefined) return undefined;
  const [, count, unit] = /^(\d+)([smhdwy])$/.exec(duration) ?? command.refuse(`'${duration}' is no time such as 30d.`);
  return Math.floor(nowMs / 1000) + Number(count) * secondsOf[unit];
}
