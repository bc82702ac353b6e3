/**
 * `internal state`, `mark`, `get`, `enum`, `kill`: what the server knows of nodes and their changes.
 *
 * @module
 */

import { NotFoundError } from "../../../wire/errors.ts";
import { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import type { CliClient, CliContext, Reply } from "../context.ts";
import { getAt } from "../mapping.ts";
import type { MoatCommand } from "../options.ts";
import { chainLinksShown } from "./data_chain.ts";

/** Which sets are wanted. */
export interface StateOptions {
  readonly nodes?: boolean;
  readonly deleted?: boolean;
  readonly missing?: boolean;
  readonly remoteMissing?: boolean;
  readonly present?: boolean;
  readonly superseded?: boolean;
  readonly known?: boolean;
  readonly all?: boolean;
  readonly debug?: boolean;
}

/** Prints the server's state. The server says `known`, people say `superseded`. */
export async function printState(context: CliContext, options: StateOptions): Promise<void> {
  const client = await context.connect();
  const all = options.all ?? false;
  const { known, ...reply } = await client.request("get_state", {
    nodes: options.nodes ?? all,
    deleted: options.deleted ?? all,
    missing: options.missing ?? all,
    remote_missing: options.remoteMissing ?? all,
    present: options.present ?? all,
    superseded: options.superseded ?? options.known ?? all,
    ...(options.debug ? { debug: true } : {}),
  });
  await context.print(known === undefined ? reply : { ...reply, superseded: known });
}

/** How changes are marked. */
export interface MarkOptions {
  readonly deleted?: boolean;
  readonly node: string;
  readonly broadcast?: boolean;
}

/** Declares changes superseded or deleted; prints the set that results. */
export async function mark(
  context: CliContext,
  node: string,
  ticks: readonly number[],
  options: MarkOptions,
  command: MoatCommand,
): Promise<void> {
  if (node === "" && ticks.length > 0) command.refuse("You can't do that with an empty node");
  const client = await context.connect();
  const marked = ticks.length > 0 ? { [node]: ranges(ticks) } : await missingOf(client, node);
  const kind = options.deleted ? "deleted" : "superseded";
  const fields = { [kind]: marked };
  await client.request("fake_info", { ...fields, node: options.node, tick: 0 });
  if (options.broadcast) await client.request("fake_info_send", { ...fields, node: "", tick: 0 });
  const state = await client.request("get_state", { [kind]: true });
  const sets = (options.deleted ? state.deleted : state.known ?? state.superseded) ?? {};
  await context.print(node === "" ? sets : getAt(sets, [node]) ?? []);
}

async function missingOf(client: CliClient, node: string): Promise<{ [node: string]: Value }> {
  const { missing = {} } = await client.request("get_state", { missing: true });
  if (node === "") return missing as { [node: string]: Value };
  const set = getAt(missing, [node]);
  return set === undefined ? {} : { [node]: set };
}

/** Numbers as the protocol's range sets: `[1, 3, 4, 5]` is `[1, [3, 6]]`. */
export function ranges(numbers: readonly number[]): Value[] {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  const runs: [from: number, to: number][] = [];
  for (const n of sorted) {
    const last = runs.at(-1);
    if (last && last[1] === n) last[1] = n + 1;
    else runs.push([n, n + 1]);
  }
  return runs.map(([from, to]) => to === from + 1 ? from : [from, to]);
}

/** Prints the value that a change set. */
export async function getEvent(context: CliContext, node: string, tick: number): Promise<void> {
  const client = await context.connect();
  const reply = await client.request("get_value", { node, tick, nchain: context.metadata ? chainLinksShown : 0 });
  if (context.metadata) return await context.print(reply);
  if (reply.value === undefined) return context.note("No data: the change deleted the entry");
  await context.print(reply.value);
}

/** Which changes are wanted, and what is done with them. */
export interface EnumOptions {
  readonly num?: number;
  readonly current?: boolean;
  readonly copy?: boolean;
}

/** Prints a node's changes that entries refer to. */
export async function enumNode(context: CliContext, node: string, options: EnumOptions): Promise<void> {
  const client = await context.connect();
  const reply = await client.request("enum_node", { node, max: options.num ?? 0, current: options.current ?? false });
  const ticks = Array.isArray(reply.result) ? reply.result : [];
  if (context.metadata && !options.copy) return await context.print(reply);
  for (const tick of ticks) {
    const event = options.copy || context.verbosity > 1 ? await eventOf(client, node, tick) : undefined;
    const path = event?.path instanceof Path
      ? event.path
      : Array.isArray(event?.path)
      ? Path.from(event.path)
      : undefined;
    context.stdout.write(path && context.verbosity > 1 ? `${tick} ${path}\n` : `${tick}\n`);
    if (options.copy && path && event?.value !== undefined) {
      await client.request("set_value", { path, value: event.value, chain: event.chain, nchain: 0 });
    }
  }
}

/** The entry that a change made; `undefined` if another change came meanwhile. */
async function eventOf(client: CliClient, node: string, tick: Value): Promise<Reply | undefined> {
  try {
    return await client.request("get_value", { node, tick, nchain: chainLinksShown });
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

/** Makes the servers forget a node. */
export async function killNode(context: CliContext, node: string): Promise<void> {
  const client = await context.connect();
  const reply = await client.request("kill_node", { node });
  if (context.metadata) await context.print(reply);
}

/** Makes the servers stop waiting for a node. */
export async function forgetNode(context: CliContext, node: string, force: boolean): Promise<void> {
  const client = await context.connect();
  const reply = await client.request("forget_node", { node, ...(force ? { force } : {}) });
  if (context.metadata) await context.print(reply);
}
