/**
 * The command line: parses, runs one command, prints what went wrong, returns the exit status.
 *
 * @module
 */

import { CommanderError } from "commander";
import type { MoatCommand } from "./options.ts";
import { OutputClosed, UsageError } from "./errors.ts";
import { buildProgram } from "./program.ts";
import { ProgramContext, type Surroundings } from "./program_context.ts";

/**
 * Runs one command line.
 * @param args What follows the program's name
 * @param around The outside world; by default the process's
 * @returns The exit status
 */
export async function main(args: readonly string[], around?: Surroundings): Promise<number> {
  if (around === undefined) {
    return await import("./process.ts").then(({ inProcess }) => inProcess((own) => main(args, own)));
  }
  if (args[0] === "--version") return await printVersion(around);
  const context = new ProgramContext(around);
  const program = buildProgram(context);
  context.bind(() => ({ top: program.opts(), kv: program.find("kv")?.opts() ?? {} }));
  let running: MoatCommand = program;
  program.hook("preAction", (_, command) => void (running = command as MoatCommand));
  try {
    await program.parseAsync([...args], { from: "user" });
    return context.status;
  } catch (error) {
    return await report(error, context, running);
  } finally {
    await context.close();
    flush(around);
  }
}

async function printVersion(around: Surroundings): Promise<number> {
  const { default: { name, version } } = await import("../../deno.json", { with: { type: "json" } });
  around.stdout.write(`${name} ${version}\n`);
  flush(around);
  return 0;
}

async function report(error: unknown, context: ProgramContext, running: MoatCommand): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode;
  if (error instanceof OutputClosed) return 0;
  if (context.signal.aborted) return context.stderr.write("Interrupted.\n"), 0;
  if (error instanceof UsageError) {
    const { words, usage } = error.command ?? { words: running.words(), usage: running.usageLine() };
    context.stderr.write(`Usage: ${usage}\nTry '${words} --help' for help.\n\nError: ${error.message}\n`);
    return 2;
  }
  const { failureOf } = await import("./failure.ts");
  const { line, status, hint, isDefect } = failureOf(error);
  context.stderr.write(`${line}\n`);
  if (hint && context.stderr.isTerminal) context.stderr.write(`${hint}\n`);
  if (isDefect && context.verbosity > 1) context.stderr.write(`${(error as Error).stack ?? ""}\n`);
  return status;
}

function flush(around: Surroundings): void {
  try {
    around.stdout.flush();
    around.stderr.flush();
  } catch (error) {
    if (!(error instanceof OutputClosed)) throw error;
  }
}
