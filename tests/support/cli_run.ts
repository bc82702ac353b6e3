/** Runs command groups in process, on streams in memory. */

import type { CliClient, CliContext, Config, ConfigMap, Fields, Reply } from "../../client/cli/context.ts";
import { UsageError } from "../../client/cli/errors.ts";
import { getAt } from "../../client/cli/mapping.ts";
import { MoatCommand } from "../../client/cli/options.ts";
import { formatValue } from "../../client/cli/output/print.ts";
import { parsePath } from "../../wire/path/parse.ts";
import type { Value } from "../../wire/value.ts";

/** What a run is given. */
export interface CliRun {
  readonly stdin?: string | Uint8Array;
  readonly config?: ConfigMap;
  readonly env?: Readonly<Record<string, string>>;
  readonly metadata?: boolean;
  /** Answers requests; without it there is no server. */
  readonly server?: (action: string, fields: Fields) => Reply | Promise<Reply>;
  /** Milliseconds since 1970. */
  readonly now?: number;
}

/** What it left behind. */
export interface CliResult {
  readonly stdout: string;
  readonly stdoutBytes: Uint8Array;
  readonly stderr: string;
}

class Gathered {
  readonly chunks: Uint8Array[] = [];
  readonly isTerminal = false;
  readonly columns = undefined;
  write(data: string | Uint8Array): void {
    this.chunks.push(typeof data === "string" ? new TextEncoder().encode(data) : data.slice());
  }
  flush(): void {}
  get bytes(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let at = 0;
    for (const chunk of this.chunks) all.set(chunk, at), at += chunk.length;
    return all;
  }
  get text(): string {
    return new TextDecoder().decode(this.bytes);
  }
}

/** Runs `moat ARGS` with the given groups. @throws {UsageError | CommandError} What the command throws */
export async function runCli(
  register: (parent: MoatCommand, context: CliContext) => void,
  args: readonly string[],
  run: CliRun = {},
): Promise<CliResult> {
  const stdout = new Gathered();
  const stderr = new Gathered();
  const program = new MoatCommand("moat");
  program.exitOverride().configureOutput({ writeOut: (text) => stdout.write(text) });
  register(program, contextOf(run, stdout, stderr));
  try {
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && String(error.code).startsWith("commander.help"))) throw error;
  }
  return { stdout: stdout.text, stdoutBytes: stdout.bytes, stderr: stderr.text };
}

function contextOf(run: CliRun, stdout: Gathered, stderr: Gathered): CliContext {
  const input = typeof run.stdin === "string" ? new TextEncoder().encode(run.stdin) : run.stdin ?? new Uint8Array();
  return {
    stdout,
    stderr,
    stdin: {
      text: () => Promise.resolve(new TextDecoder().decode(input)),
      bytes: () => Promise.resolve(input),
      async *chunks() {
        for (let at = 0; at < input.length; at += 7) yield input.subarray(at, at + 7);
      },
      isTerminal: false,
      typed: () => Promise.resolve(new TextDecoder().decode(input)),
      secret: () => Promise.resolve(undefined),
    },
    signal: new AbortController().signal,
    verbosity: 1,
    logLevel: 1,
    isLoaderShown: false,
    metadata: run.metadata ?? false,
    format: "text",
    config: () => Promise.resolve(configOf(run.config ?? {})),
    connect: () => run.server ? Promise.resolve(clientOf(run.server)) : Promise.reject(new Error("no server")),
    print: async (value, options) => {
      stdout.write(await formatValue(value, "text") + (options?.separator ? "---\n" : ""));
    },
    note: (text) => stderr.write(text + "\n"),
    env: (name) => run.env?.[name],
    now: () => run.now ?? Date.now(),
    exit: () => {},
  };
}

function clientOf(server: NonNullable<CliRun["server"]>): CliClient {
  return {
    request: async (action, fields) => await server(action, fields ?? {}),
    stream: () => {
      throw new Error("no streams here");
    },
    seal: (secret) => Promise.resolve(secret),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function configOf(root: ConfigMap): Config {
  const get = (path: string | Iterable<unknown>): Value | undefined =>
    getAt(root, typeof path === "string" ? parsePath(path) : path as Parameters<typeof getAt>[1]);
  return {
    root,
    files: [],
    get,
    isGiven: (path) => get(path) !== undefined,
    text: (path, fallback) => (get(path) ?? fallback) as string | undefined,
    number: (path, fallback) => (get(path) ?? fallback) as number | undefined,
    path: (_path, fallback) => fallback,
  };
}

export { UsageError };
