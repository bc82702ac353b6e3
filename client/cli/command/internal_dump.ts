/**
 * `internal dump PATH`.
 *
 * @module
 */

import { Path } from "../../../wire/path/path.ts";
import type { CliContext } from "../context.ts";
import { Nested } from "../output/nested.ts";
import { chainLinksShown } from "./data_chain.ts";
import { shownOf } from "./data_get.ts";

/** The tree of internal entries is the root's child `None`; from there on it is printed below the key `null`. */
const internalRoot = Path.of(null);

/** Prints internal entries as one mapping. */
export async function dumpInternal(context: CliContext, path: Path): Promise<void> {
  const client = await context.connect();
  const nested = new Nested("_");
  const prefix = path.length === 0 ? internalRoot : Path.root;
  const nchain = context.metadata ? chainLinksShown : 0;
  for await (const item of client.stream("get_tree_internal", { path, nchain })) {
    nested.add(prefix.concat(item.path instanceof Path ? item.path : Path.root), shownOf(context, item));
  }
  await context.print(nested.toValue());
}
