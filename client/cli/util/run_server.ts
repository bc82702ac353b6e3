/**
 * Starts a server, tells whoever started it, and waits for the end.
 *
 * @module
 */

import type { CliContext } from "../context.ts";
import { CommandError } from "../errors.ts";
import { Progress } from "./progress.ts";
import { openServiceNotifier, type ServiceNotifier } from "./sd_notify.ts";
import { serverOptions, type ServerWords } from "./server_options.ts";
import { stopSignals } from "./stop_signals.ts";

/** While state is read, systemd is told this often that it goes on. */
const extendMs = 5000;

/** Runs a server until a signal stops it. */
export async function runServer(
  context: CliContext,
  name: string | undefined,
  nodes: readonly string[],
  words: ServerWords,
): Promise<void> {
  const options = await serverOptions(name, words, await context.config(), nodes, context.stdin);
  const notifier = openServiceNotifier({ get: (variable) => context.env(variable) });
  using stop = stopSignals(context.signal);
  const { startServer } = await import("../../../server/mod.ts");
  const loading = showLoading(context, notifier);
  try {
    await using server = await startServer({
      ...options,
      report: (line) => {
        loading[Symbol.dispose]();
        if (context.logLevel > 0) context.stderr.write(line + "\n");
      },
      progress: (bytes, total) => loading.at(bytes, total),
      signal: stop.signal,
    });
    loading[Symbol.dispose]();
    if (words.save !== undefined) await startLog(server.addresses[0], words.save, !words.incremental);
    await serve(context, notifier, stop.signal);
  } catch (error) {
    if (!isStop(error, stop.signal)) throw withWayOut(error);
  } finally {
    loading[Symbol.dispose]();
  }
}

/** Whether it was merely told to stop while it was starting. */
function isStop(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  return error === signal.reason || error instanceof Error && error.cause === signal.reason;
}

/** The options that help, by the names of the server's errors. */
const waysOut: Readonly<Record<string, string>> = {
  PortError: "--bind HOST:PORT, or --web HOST:PORT",
  DiskError: "--data DIR",
};

function withWayOut(error: unknown): unknown {
  if (!(error instanceof Error) || !Object.hasOwn(waysOut, error.name)) return error;
  const line = `${error.name}: ${error.message}\nAnother one is given with ${waysOut[error.name]}`;
  return new CommandError(line, 1, { cause: error });
}

/** Has the server write to a file, asked as any client asks. */
async function startLog(address: string, path: string, withState: boolean): Promise<void> {
  const { hostname, port } = new URL(address.replace(/^\w+:/, "http:"));
  const { openClient } = await import("../../open_client.ts");
  await using client = await openClient({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) });
  await client.request("log", { path, fetch: withState });
}

/** Says that it serves, and waits for the signal. */
async function serve(context: CliContext, notifier: ServiceNotifier, signal: AbortSignal): Promise<void> {
  context.stderr.flush();
  if (context.verbosity > 0) context.stdout.write("Running.\n");
  context.stdout.flush();
  notifier.send("READY=1");
  const beat = () => notifier.send("WATCHDOG=1");
  const watchdog = notifier.watchdogMs === undefined ? undefined : setInterval(beat, notifier.watchdogMs);
  if (!signal.aborted) {
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  }
  clearInterval(watchdog);
  notifier.send("STOPPING=1");
}

/** Shows how much state was read; systemd gives more time while it goes on. */
function showLoading(context: CliContext, notifier: ServiceNotifier): Pick<Progress, "at"> & Disposable {
  const line = new Progress(context.stderr, "bytes of state", () => context.now());
  let nextMs = context.now() + extendMs;
  return {
    at(bytes, total) {
      line.at(bytes, total);
      if (context.now() < nextMs) return;
      nextMs = context.now() + extendMs;
      notifier.send(`STATUS=Loading, ${bytes} bytes so far`, `EXTEND_TIMEOUT_USEC=${extendMs * 10 * 1000}`);
    },
    [Symbol.dispose]: () => line[Symbol.dispose](),
  };
}
