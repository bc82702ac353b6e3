/**
 * The command line: runs one command, prints what went wrong, returns the exit status.
 *
 * @module
 */

import { OutputClosed, UsageError } from "./errors.ts";
import { ProgramContext, type Surroundings } from "./program_context.ts";
import { quickRead } from "./quick_read.ts";

/**
 * Runs one command line.
 * @param args What follows the program's name
 * @param around The outside world; by default the process's
 * @returns The exit status
 */
export async function main(args: readonly string[], around?: Surroundings): Promise<number> {
  if (around !== undefined) return await mainWithin(args, around);
  const { inProcess } = await import("./process.ts");
  return await inProcess((own) => mainWithin(args, own));
}

async function mainWithin(args: readonly string[], around: Surroundings): Promise<number> {
  const context = new ProgramContext(around);
  let status: number;
  try {
    status = await run(args, context);
  } catch (error) {
    status = await report(error, context);
  }
  await context.close();
  return flush(around) ? status : 0;
}

async function run(args: readonly string[], context: ProgramContext): Promise<number> {
  const quick = quickRead(args);
  if (quick === undefined) return await (await import("./program.ts")).runProgram(args, context);
  context.bind(() => quick.options);
  const { getOne } = await import("./command/data_get.ts");
  const { parsePath } = await import("../../wire/path/parse.ts");
  await getOne(context, parsePath(quick.path), {});
  return context.status;
}

async function report(error: unknown, context: ProgramContext): Promise<number> {
  if (error instanceof OutputClosed) return 0;
  if (context.signal.aborted) return context.stderr.write("Interrupted.\n"), 0;
  if (error instanceof UsageError) return context.stderr.write(error.text()), 2;
  const { failureOf } = await import("./failure.ts");
  const { line, status, hint, isDefect } = failureOf(error);
  context.stderr.write(`${line}\n`);
  if (hint && context.stderr.isTerminal) context.stderr.write(`${hint}\n`);
  if (isDefect && context.verbosity > 1) context.stderr.write(`${(error as Error).stack ?? ""}\n`);
  return status;
}

/** Returns false if the reader of the output is gone, which is no failure. */
function flush(around: Surroundings): boolean {
  try {
    around.stdout.flush();
    around.stderr.flush();
    return true;
  } catch (error) {
    if (error instanceof OutputClosed) return false;
    throw error;
  }
}
