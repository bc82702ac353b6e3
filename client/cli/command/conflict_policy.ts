/**
 * `conflict policy`: the entries below `:.moat.kv.conflict_policy`.
 *
 * @module
 */

import { NotFoundError } from "../../../wire/errors.ts";
import { parsePath } from "../../../wire/path/parse.ts";
import { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import type { CliContext } from "../context.ts";
import type { MoatCommand } from "../options.ts";
import { columns } from "../output/columns.ts";

const top = Path.of(".moat", "kv", "conflict_policy");

/** Lists, sets or removes policies. */
export async function policy(
  context: CliContext,
  pattern: string | undefined,
  name: string | undefined,
  isDelete: boolean,
  command: MoatCommand,
): Promise<void> {
  if (isDelete && (pattern === undefined || name !== undefined)) command.refuse("Give the pattern alone with -d.");
  if (pattern === undefined) return await list(context);
  const path = top.concat(parsePath(pattern));
  if (!isDelete && name === undefined) return await print(context, path);
  const value = isDelete ? undefined : valueOf(name!, command);
  const client = await context.connect();
  await client.request(isDelete ? "delete_value" : "set_value", { path, value, nchain: 0 });
}

async function print(context: CliContext, path: Path): Promise<void> {
  const client = await context.connect();
  const { value } = await client.request("get_value", { path, nchain: 0 });
  if (value === undefined) context.note("There is no policy for this pattern.");
  else await context.print(value);
}

/** A policy as its entry has it. */
function valueOf(name: string, command: MoatCommand): string {
  if (name === "latest" || name === "keep-both") return name;
  const node = /^prefer[: ](\S+)$/.exec(name)?.[1];
  return node === undefined
    ? command.refuse(`Invalid value for 'POLICY': '${name}'. It should be latest, keep-both or prefer:NODE.`)
    : `prefer ${node}`;
}

async function list(context: CliContext): Promise<void> {
  const client = await context.connect();
  const found: [pattern: string, value: Value][] = [];
  try {
    for await (const { path, value } of client.stream("get_tree", { path: top, nchain: 0 })) {
      if (path instanceof Path && value !== undefined) found.push([path.toString(), value]);
    }
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
  if (context.format !== "text") return await context.print(Object.fromEntries(found));
  if (found.length === 0) context.note("There are no policies: the later change stays.");
  for (const line of columns(found.map(([pattern, value]) => [pattern, String(value)]))) {
    context.stdout.write(`${line}\n`);
  }
}
