/** Runs whole command lines in process: streams and files in memory, a server that is a function. */

import type { CliClient, Fields, Output, Reply } from "../../client/cli/context.ts";
import { OutputClosed } from "../../client/cli/errors.ts";
import { main } from "../../client/cli/main.ts";

/** What a run is given. */
export interface MainRun {
  readonly stdin?: string | Uint8Array;
  /** Files by name; there are no others. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Answers a request; without it nobody listens. */
  readonly request?: (action: string, fields: Fields) => Reply | Promise<Reply>;
  /** Answers a stream. */
  readonly stream?: (action: string, fields: Fields) => Iterable<Reply> | AsyncIterable<Reply>;
  /** What is typed when a secret is asked for. */
  readonly secret?: string;
  readonly isTerminal?: boolean;
  readonly signal?: AbortSignal;
  readonly now?: number;
  /** The reader of stdout goes away after so many writes. */
  readonly closesAfter?: number;
}

/** What it left behind. */
export interface MainResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly bytes: Uint8Array;
  /** Actions and their fields, in order. */
  readonly sent: readonly (readonly [action: string, fields: Fields])[];
  /** Where it connected, if it did. */
  readonly host: unknown;
  readonly port: unknown;
  readonly auth: unknown;
  /** Whether the connection was closed at the end. */
  readonly closed: boolean;
}

class MemoryOutput implements Output {
  readonly chunks: Uint8Array[] = [];
  readonly columns = undefined;
  constructor(readonly isTerminal: boolean, readonly writesMax: number = Infinity) {}

  write(data: string | Uint8Array): void {
    if (this.chunks.length >= this.writesMax) throw new OutputClosed("closed");
    this.chunks.push(typeof data === "string" ? new TextEncoder().encode(data) : data.slice());
  }

  flush(): void {}

  get bytes(): Uint8Array {
    return Uint8Array.from(this.chunks.flatMap((chunk) => [...chunk]));
  }
}

/** Runs `moat ARGS`. */
export async function runMain(args: readonly string[], run: MainRun = {}): Promise<MainResult> {
  const stdout = new MemoryOutput(run.isTerminal ?? false, run.closesAfter);
  const stderr = new MemoryOutput(run.isTerminal ?? false);
  const sent: (readonly [string, Fields])[] = [];
  const at: { host?: unknown; port?: unknown; auth?: unknown } = {};
  let closed = false;
  const client: CliClient = {
    request: async (action, fields = {}) => {
      sent.push([action, given(fields)]);
      if (!run.request) throw new Error(`nobody answers ${action}`);
      return await run.request(action, fields);
    },
    stream: async function* (action, fields = {}) {
      sent.push([action, given(fields)]);
      if (!run.stream) throw new Error(`nobody answers ${action}`);
      yield* run.stream(action, fields);
    },
    seal: (secret) => Promise.resolve(secret),
    [Symbol.asyncDispose]: () => (closed = true, Promise.resolve()),
  };
  const input = typeof run.stdin === "string" ? new TextEncoder().encode(run.stdin) : run.stdin ?? new Uint8Array();
  const status = await main(args, {
    stdout,
    stderr,
    stdin: {
      bytes: () => Promise.resolve(input),
      text: () => Promise.resolve(new TextDecoder().decode(input)),
      async *chunks() {
        for (let i = 0; i < input.length; i += 7) yield input.subarray(i, i + 7);
      },
      isTerminal: run.isTerminal ?? false,
      typed: () => Promise.resolve(new TextDecoder().decode(input)),
      secret: () => Promise.resolve(run.secret),
    },
    signal: run.signal ?? new AbortController().signal,
    env: (name) => run.env?.[name],
    now: () => run.now ?? Date.UTC(2026, 0, 2, 3, 4, 5),
    read: (file) => Promise.resolve(run.files?.[file]),
    connect: (config) => {
      at.host = config.get("kv.conn.host");
      at.port = config.get("kv.conn.port");
      at.auth = config.get("kv.conn.auth");
      if (!run.request && !run.stream) return Promise.reject(new Error("nobody listens"));
      return Promise.resolve(client);
    },
  });
  const text = (output: MemoryOutput) => new TextDecoder().decode(output.bytes);
  return {
    status,
    stdout: text(stdout),
    stderr: text(stderr),
    bytes: stdout.bytes,
    sent,
    closed,
    host: at.host,
    port: at.port,
    auth: at.auth,
  };
}

/** The fields that are sent: those that are `undefined` are not. */
function given(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
