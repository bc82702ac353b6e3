/**
 * `data PATH set`.
 *
 * @module
 */

import type { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import { applyChanges, type AttributeOptions, planAttributes } from "../attributes.ts";
import type { CliClient, CliContext } from "../context.ts";
import type { MoatCommand } from "../options.ts";
import { ackFields, type AckOptions, reportAck } from "./data_ack.ts";
import { chainLinksShown, type ChainOptions, expectedChain } from "./data_chain.ts";
import { refuseRoot } from "./data_delete.ts";

/** Which states of the entry are acceptable. */
export interface SetOptions extends ChainOptions {
  readonly new?: boolean;
}

/**
 * Stores a value. If the whole value is given it is not read before: who may only write can do that. Else the present
 * value is read, and the write fails if somebody changed it meanwhile.
 */
export async function setEntry(
  context: CliContext,
  path: Path,
  options: SetOptions & AttributeOptions & AckOptions,
  command: MoatCommand,
): Promise<void> {
  if (options.new && options.last) command.refuse("'new' and 'last' are mutually exclusive");
  const { changes, whole } = planAttributes(options, command);
  const expected = options.new ? null : expectedChain(options, command);
  const [change] = changes;
  if (whole && change.kind !== "set") refuseRoot(path, command);
  if (options.new && changes.length === 0) command.refuse("You need to supply a value: -v, -e or -p.");
  const client = await context.connect();
  const old = whole || options.new ? undefined : await readEntry(client, path);
  if (old && changes.length === 0 && old.value === undefined) {
    command.refuse("There is no value yet: supply one with -v, -e or -p.");
  }
  const reply = await client.request(whole && change.kind !== "set" ? "delete_value" : "set_value", {
    path,
    value: applyChanges(old?.value, changes),
    chain: expected === undefined ? old?.chain : expected,
    nchain: context.metadata ? chainLinksShown : 0,
    ...ackFields(options, command),
  });
  if (context.metadata) await context.print(reply);
  reportAck(context, reply, options);
}

/** The present value, and the chain that a careful write has to name: `null` if there is no value. */
async function readEntry(client: CliClient, path: Path): Promise<{ value: Value | undefined; chain: Value }> {
  const { value, chain } = await client.request("get_value", { path, nchain: 1 });
  return { value, chain: value === undefined ? null : chain ?? null };
}
