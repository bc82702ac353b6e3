/**
 * `auth user …`: look at users, add, change, bind and delete them.
 *
 * @module
 */

import { NotFoundError } from "../../../wire/errors.ts";
import { passwordHash } from "../../../wire/login/credentials.ts";
import { checkUserName } from "../../../wire/login/names.ts";
import { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import { authFields, type AuthSource } from "../auth_argument.ts";
import { loginOf } from "../connect.ts";
import type { CliClient, CliContext, Fields, Reply } from "../context.ts";
import { getAt } from "../mapping.ts";
import type { MoatCommand } from "../options.ts";
import { methodOf } from "./auth_method.ts";
import { chainLinksShown } from "./data_chain.ts";

/** Options of `modify`. */
export interface ModifyOptions {
  readonly aux?: readonly string[];
}

/** Options of `param`. */
export interface ParamOptions {
  readonly new?: boolean;
}

/** What a user is bound by. */
export interface Binding {
  readonly ident: string;
  readonly type: string;
  readonly key: string;
  readonly items: readonly string[];
}

/** Prints the users of a method. */
export async function list(
  context: CliContext,
  named: string | undefined,
  isVerbose: boolean,
  command: MoatCommand,
): Promise<void> {
  const client = await context.connect();
  const typ = await methodOf(client, named, command);
  const nchain = context.metadata ? chainLinksShown : 0;
  for await (const item of client.stream("auth_list", { typ, kind: "user", nchain })) {
    const { seq: _, tock: __, wseq: ___, ...fields } = item;
    if (isVerbose || context.metadata) await context.print(fields, { separator: true });
    else context.stdout.write(`${fields.ident}\n`);
  }
}

/** Adds a user. */
export async function add(
  context: CliContext,
  named: string | undefined,
  items: readonly string[],
  command: MoatCommand,
): Promise<void> {
  const fields = await authFields(items, sourceOf(context));
  const client = await context.connect();
  const typ = await methodOf(client, named, command);
  const ident = identOf(typ, fields, command);
  const bound = Object.fromEntries(["acl", "conv"].map((type) => [type, fields[type]]));
  const secrets = await secretsOf(client, typ, fields);
  await client.request("auth_set", { typ, kind: "user", ident, chain: null, ...bound, ...secrets });
  context.stdout.write(`${ident}\n`);
  await noteMissingAcl(context, client, fields.acl, ident);
}

/** Changes a user. */
export async function modify(
  context: CliContext,
  named: string | undefined,
  items: readonly string[],
  { aux = [] }: ModifyOptions,
  command: MoatCommand,
): Promise<void> {
  const [first] = items;
  const hasIdent = first !== undefined && !/[=?]/.test(first);
  const { name, ...fields } = await authFields(hasIdent ? items.slice(1) : items, sourceOf(context));
  const client = await context.connect();
  const typ = await methodOf(client, named, command);
  const ident = hasIdent ? first : identOf(typ, { name }, command);
  for (const item of aux) {
    const [, type, key] = /^(acl|codec|conv)=(.+)$/.exec(item) ?? command.refuse("--aux is acl=NAME or codec=NAME.");
    await bind(client, typ, { ident, type, key, items: [] }, {}, context);
  }
  if (aux.length === 0 || Object.keys(fields).length > 0) {
    const { chain } = await client.request("auth_get", { typ, kind: "user", ident, nchain: 2 });
    await client.request("auth_set", { typ, kind: "user", ident, chain, ...await secretsOf(client, typ, fields) });
  }
  context.stdout.write(`${ident}\n`);
}

/** Binds a user. */
export async function param(
  context: CliContext,
  named: string | undefined,
  binding: Binding,
  options: ParamOptions,
  command: MoatCommand,
): Promise<void> {
  const client = await context.connect();
  const typ = await methodOf(client, named, command);
  await bind(client, typ, binding, options, context);
  context.stdout.write(`${binding.ident} ${binding.type} ${binding.key}\n`);
}

/** Prints what is known of a user. */
export async function get(
  context: CliContext,
  named: string | undefined,
  ident: string,
  command: MoatCommand,
): Promise<void> {
  const client = await context.connect();
  const typ = await methodOf(client, named, command);
  const nchain = context.metadata ? chainLinksShown : 0;
  const { seq: _, tock: __, ...fields } = await client.request("auth_get", { typ, kind: "user", ident, nchain });
  await context.print({ ...fields, ...await bindings(client, typ, ident) });
}

/** What a user is bound by, to print. */
export async function bindings(client: CliClient, typ: string, ident: string): Promise<Reply> {
  const found: { [type: string]: Value } = {};
  for (const type of ["acl", "conv"]) {
    const { value } = await client.request("get_internal", { path: bindingPath(typ, ident, type) });
    const key = getAt(value, ["key"]);
    if (key !== undefined) found[type] = key;
  }
  return found;
}

/** Deletes a user. */
export async function remove(
  context: CliContext,
  named: string | undefined,
  ident: string,
  command: MoatCommand,
): Promise<void> {
  const client = await context.connect();
  await removeOf(client, await methodOf(client, named, command), ident);
  context.stdout.write(`${ident}\n`);
}

/** Deletes a user of that method, and what it was bound by, so that a later one of the name begins anew. */
export async function removeOf(client: CliClient, typ: string, ident: string): Promise<void> {
  const { chain } = await client.request("auth_get", { typ, kind: "user", ident, nchain: 1 });
  await client.request("delete_internal", { path: Path.of("auth", typ, "user", ident), chain });
  for (const type of ["acl", "conv"]) {
    const path = bindingPath(typ, ident, type);
    if ("value" in await client.request("get_internal", { path })) await client.request("delete_internal", { path });
  }
}

/** Tests a login. */
export async function test(context: CliContext, auth: string): Promise<void> {
  const login = await loginOf(auth, context.stdin);
  const client = await context.connect();
  await login!.login({
    seal: (secret) => client.seal(secret),
    request: (action, fields) => client.request(action, fields as Fields),
    authenticate: async (fields) => {
      for await (const _ of client.stream("auth", fields as Fields));
    },
  });
  context.stdout.write("OK.\n");
}

function sourceOf(context: CliContext): AuthSource {
  return { secret: (prompt) => context.stdin.secret(prompt), read: (file) => Deno.readTextFile(file) };
}

/** The user that the items name. */
function identOf(typ: string, fields: { readonly name?: Value }, command: MoatCommand): string {
  if (typ === "root" && fields.name === undefined) return "*";
  if (fields.name === undefined) command.refuse("Which user? Say name=NAME.");
  return typ === "root" ? String(fields.name) : checkUserName(String(fields.name));
}

/** What a method's records are made from. */
async function secretsOf(
  client: CliClient,
  typ: string,
  fields: { readonly [key: string]: Value },
): Promise<{ [key: string]: Value }> {
  if (typ !== "password") return { data: {} };
  return fields.password === undefined ? {} : { password: await client.seal(passwordHash(String(fields.password))) };
}

async function bind(
  client: CliClient,
  typ: string,
  { ident, type, key, items }: Binding,
  options: ParamOptions,
  context: CliContext,
): Promise<void> {
  await client.request("auth_get", { typ, kind: "user", ident }); // so that a wrong name is an error
  const path = bindingPath(typ, ident, type === "codec" ? "conv" : type);
  const { chain = null } = options.new ? {} : await client.request("get_internal", { path, nchain: 3 });
  const expected = options.new ? {} : { chain };
  if (key === "-") {
    return void (chain === null && !options.new || await client.request("delete_internal", { path, ...expected }));
  }
  const more = await authFields(items, sourceOf(context));
  await client.request("set_internal", { path, value: { ...more, key }, ...expected });
  if (type === "acl") await noteMissingAcl(context, client, key, ident);
}

/** Tells that somebody is bound by nothing but a name. */
export async function noteMissingAcl(
  context: CliContext,
  client: CliClient,
  acl: Value | undefined,
  ident: string,
): Promise<void> {
  if (typeof acl !== "string" || acl === "*" || await exists(client, Path.of("acl", acl))) return;
  context.note(`There is no ACL '${acl}' yet. Until there is, ${ident} may do nothing.`);
}

function bindingPath(typ: string, ident: string, type: string): Path {
  return Path.of("auth", typ, "user", ident, type);
}

async function exists(client: CliClient, path: Path): Promise<boolean> {
  try {
    await client.request("enum_internal", { path });
    return true;
  } catch (error) {
    if (error instanceof NotFoundError) return false;
    throw error;
  }
}
