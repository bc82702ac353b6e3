/**
 * `type check`: which entries a type rejects, or would reject.
 *
 * @module
 */

import type { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import type { CliContext, Reply } from "../context.ts";
import type { MoatCommand } from "../options.ts";
import { Progress } from "../util/progress.ts";
import { recordFrom, type RecordOptions, valueOfRecord } from "./type_record.ts";

/** What `type check` is given. */
export interface CheckOptions extends RecordOptions {
  readonly type?: Path;
}

/** Lists entries that are not of their type. */
export async function checkEntries(
  context: CliContext,
  pattern: Path,
  options: CheckOptions,
  command: MoatCommand,
): Promise<void> {
  const isGiven = options.script !== undefined || options.schema !== undefined || options.data !== undefined;
  const record = isGiven ? valueOfRecord(await recordFrom(context, options, command)) : undefined;
  const client = await context.connect();
  using progress = new Progress(context.stderr, "entries checked");
  let rejected = 0;
  let checked = 0;
  for await (const item of client.stream("check_type", { path: pattern, type: options.type, record })) {
    if (typeof item.checked === "number") progress.at(checked = item.checked);
    else if (item.path !== undefined) {
      rejected++;
      progress[Symbol.dispose]();
      await print(context, item);
    }
  }
  progress[Symbol.dispose]();
  context.note(`${checked.toLocaleString("en")} entries checked, ${rejected.toLocaleString("en")} rejected`);
  if (rejected > 0) context.exit(1);
}

async function print(context: CliContext, { path, reason }: Reply): Promise<void> {
  if (context.format === "text") {
    context.stdout.write(`${path}: ${reason}\n`);
  } else await context.print({ path, reason } as Value);
}
