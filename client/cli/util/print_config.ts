/**
 * Prints parts of the configuration: `util cfg`, `dump cfg`.
 *
 * @module
 */

import { parsePath } from "../../../wire/path/parse.ts";
import type { CliContext } from "../context.ts";
import { CommandError } from "../errors.ts";

/** Prints the value at each path; text bare, so that scripts can use it. @throws {CommandError} If a path is unknown */
export async function printConfig(
  context: CliContext,
  paths: readonly string[],
  options: { readonly yaml?: boolean; readonly emptyIfMissing?: boolean },
): Promise<void> {
  const config = await context.config();
  for (const text of paths) {
    const path = parsePath(text);
    const value = path.length === 0 ? config.root : config.get(path);
    if (typeof value === "string" && !options.yaml) context.stdout.write(`${value}\n`);
    else if (value !== undefined) await context.print(value);
    else if (options.emptyIfMissing) context.stdout.write("\n");
    else throw new CommandError(`Unknown: ${text}`);
  }
}
