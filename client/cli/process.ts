/**
 * The process around a command: its streams, files, variables and signals.
 *
 * @module
 */

import type { Config, Input } from "./context.ts";
import { processInput, SinkOutput } from "./io.ts";
import type { Surroundings } from "./program_context.ts";

/** Runs `body` in this process's surroundings; the first Ctrl-C aborts it, the second one kills it. */
export async function inProcess(body: (around: Surroundings) => Promise<number>): Promise<number> {
  const interrupt = new AbortController();
  const onInterrupt = () => {
    if (interrupt.signal.aborted) Deno.exit(130);
    interrupt.abort(new DOMException("Interrupted", "AbortError"));
  };
  Deno.addSignalListener("SIGINT", onInterrupt);
  try {
    return await body({
      stdout: new SinkOutput(Deno.stdout),
      stderr: new SinkOutput(Deno.stderr),
      stdin: processInput,
      signal: interrupt.signal,
      env: (name) => Deno.env.get(name),
      now: () => Date.now(),
      read,
      connect: async (config: Config, input: Input, signal: AbortSignal) => {
        return await (await import("./connect.ts")).connectTo(config, input, signal);
      },
    });
  } finally {
    Deno.removeSignalListener("SIGINT", onInterrupt);
  }
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}
