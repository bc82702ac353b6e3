/**
 * `data PATH delete`.
 *
 * @module
 */

import { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import type { CliContext } from "../context.ts";
import { evaluate } from "../expression.ts";
import type { MoatCommand } from "../options.ts";
import { ackFields, type AckOptions, reportAck } from "./data_ack.ts";
import { chainLinksShown, type ChainOptions, expectedChain } from "./data_chain.ts";

/** What is deleted, and when. */
export interface DeleteOptions {
  readonly prev?: string;
  readonly eval?: boolean;
  readonly recursive?: boolean;
  readonly internal?: boolean;
}

/** Deletes an entry, or a subtree. */
export async function deleteEntry(
  context: CliContext,
  path: Path,
  options: DeleteOptions & ChainOptions & AckOptions,
  command: MoatCommand,
): Promise<void> {
  checkOptions(options, command);
  refuseRoot(path, command);
  const prev = options.eval ? evaluate(options.prev!) : options.prev;
  const chain = expectedChain(options, command);
  if (options.recursive) return await deleteTree(context, path);
  const client = await context.connect();
  const nchain = context.metadata ? chainLinksShown : 0;
  const action = options.internal ? "delete_internal" : "delete_value";
  const reply = await client.request(action, { path, prev, chain, nchain, ...ackFields(options, command) });
  if (context.metadata) await context.print(reply);
  reportAck(context, reply, options);
}

/**
 * The root entry is what makes a network: it stays.
 * @throws {UsageError} If `path` is the root
 */
export function refuseRoot(path: Path, command: MoatCommand): void {
  if (path.length === 0) command.refuse("You can't delete the root node.");
}

function checkOptions(options: DeleteOptions & ChainOptions & AckOptions, command: MoatCommand): void {
  if (options.eval && options.prev === undefined) command.refuse("You need to add a value that can be evaluated");
  if (!options.recursive) return;
  if (options.prev !== undefined || options.last) {
    command.refuse("You can't use a prev value when deleting recursively.");
  }
  if (options.ack !== undefined) command.refuse("'ack' and 'recursive' are mutually exclusive");
  if (options.internal) command.refuse("'internal' and 'recursive' are mutually exclusive");
}

async function deleteTree(context: CliContext, path: Path): Promise<void> {
  const client = await context.connect();
  if (!context.metadata) {
    const { changed } = await client.request("delete_tree", { path, nchain: 0 });
    if (context.verbosity > 1) context.note(`${changed} deleted`);
    return;
  }
  for await (const item of client.stream("delete_tree", { path, nchain: chainLinksShown })) {
    if (!(item.path instanceof Path)) continue;
    const { path: below, seq: _seq, wseq: _wseq, ...record } = item;
    await context.print([new Map<Value, Value>([[below, record]])]);
  }
}
