/**
 * `internal deleter`: the entry `actor.del` of the server's own data.
 *
 * @module
 */

import { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import type { CliContext } from "../context.ts";
import { getAt } from "../mapping.ts";
import { chainLinksShown } from "./data_chain.ts";

const path = Path.of("actor", "del");

/** Prints the list of nodes after adding or removing some; removing none in particular clears it. */
export async function deleter(context: CliContext, names: readonly string[], remove: boolean): Promise<void> {
  const client = await context.connect();
  const reply = await client.request("get_internal", { path, nchain: context.metadata ? chainLinksShown : 1 });
  const present = getAt(reply.value, ["nodes"]);
  const old = new Set<Value>(Array.isArray(present) ? present : []);
  if (names.length === 0 && !remove) return await context.print({ ...reply, value: { nodes: [...old] } });
  const left = names.length === 0
    ? new Set<Value>()
    : remove
    ? old.difference(new Set(names))
    : old.union(new Set(names));
  const value = { nodes: [...left] };
  const chain = reply.value === undefined ? null : reply.chain;
  const nchain = context.metadata ? chainLinksShown : 1;
  const changed = await client.request("set_internal", { path, value, chain, nchain });
  await context.print({ ...changed, value });
}
