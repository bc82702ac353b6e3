/** Runs the real command line as a process. */

import { moat } from "./server_process.ts";

/** How a command ended. */
export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** How it is run. */
export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly cwd?: string | URL;
}

/** Runs `moat ARGS`. */
export function runMoat(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return run([...moat, ...args], options);
}

/** Runs a program with its arguments. */
export async function run(command: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [program, ...words] = command;
  const child = new Deno.Command(program, {
    args: words,
    env: options.env ?? {},
    cwd: options.cwd,
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (options.stdin !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(options.stdin));
    await writer.close();
  }
  const { stdout, stderr, code } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { stdout: text(stdout), stderr: text(stderr), code };
}
