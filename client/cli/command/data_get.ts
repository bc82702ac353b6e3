/**
 * `data PATH`, `get` and `list`.
 *
 * @module
 */

import { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import type { CliContext, Reply } from "../context.ts";
import { chainLinksShown } from "./data_chain.ts";

/** How entries are shown. */
export interface GetOptions {
  readonly asDict?: string;
  readonly maxdepth?: number;
  readonly mindepth?: number;
  readonly empty?: boolean;
  readonly raw?: boolean;
  readonly addDate?: boolean;
}

/** Prints one entry. */
export async function getOne(context: CliContext, path: Path, options: GetOptions): Promise<void> {
  const client = await context.connect();
  const reply = await client.request("get_value", { path, nchain: context.metadata ? chainLinksShown : 0 });
  if (reply.value === undefined) context.note(`No data at ${path}`);
  else if (options.raw) await printRaw(context, reply.value);
  else await context.print(context.metadata ? reply : reply.value, { dates: options.addDate });
}

async function printRaw(context: CliContext, value: Value): Promise<void> {
  const { rawText } = await import("../output/print.ts");
  context.stdout.write(value instanceof Uint8Array ? value : await rawText(value));
}

/** Prints a subtree: each entry as it arrives, or all as one mapping. */
export async function getTree(context: CliContext, path: Path, options: GetOptions): Promise<void> {
  const client = await context.connect();
  const items = client.stream("get_tree", {
    path,
    nchain: context.metadata ? chainLinksShown : 0,
    min_depth: options.mindepth,
    max_depth: options.maxdepth,
    empty: options.empty,
  });
  if (options.asDict !== undefined) await printNested(context, items, options.asDict, options);
  else for await (const item of items) await printItem(context, item, options);
}

/** What is shown of an entry: its value, or with `-m` the record; `undefined` without a value. */
export function shownOf(context: CliContext, item: Reply): Value | undefined {
  if (!context.metadata || item.value === undefined) return item.value;
  const { chain, tock, value } = item;
  return chain === undefined ? { tock, value } : { chain, tock, value };
}

async function printItem(context: CliContext, item: Reply, options: GetOptions): Promise<void> {
  const path = item.path instanceof Path ? item.path : Path.root;
  if (options.raw) return await context.print(context.format === "json" ? path : [path]);
  const value = shownOf(context, item) ?? null;
  const shown = context.format === "json" ? { path, value } : [new Map<Value, Value>([[path, value]])];
  await context.print(shown, { dates: options.addDate });
}

async function printNested(context: CliContext, items: AsyncIterable<Reply>, key: string, options: GetOptions) {
  const { Nested } = await import("../output/nested.ts");
  const { Progress } = await import("../util/progress.ts");
  const nested = new Nested(key);
  let count = 0;
  using progress = new Progress(context.stderr, "entries");
  for await (const item of items) {
    nested.add(item.path instanceof Path ? item.path : Path.root, shownOf(context, item));
    progress.at(++count);
  }
  progress[Symbol.dispose]();
  await context.print(nested.toValue(), { dates: options.addDate });
}
