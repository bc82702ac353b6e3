/**
 * `satellite serve`: a gateway as a process of its own.
 *
 * @module
 */

import { parsePath } from "../../../wire/path/parse.ts";
import { openClient } from "../../open_client.ts";
import { clientOptions } from "../connect.ts";
import type { CliContext } from "../context.ts";
import { UsageError } from "../errors.ts";
import { stopSignals } from "../util/stop_signals.ts";

type LineSource = import("../../../satellite/gateway/line/line.ts").LineSource;

/** The options as they were given. */
export interface ServeOptions {
  readonly serial?: readonly string[];
  readonly connect?: readonly string[];
  readonly listen?: string;
  readonly acceptAll?: boolean;
  readonly prefix?: string;
  readonly name?: string;
}

/** Runs a gateway until it is interrupted. */
export async function serve(context: CliContext, options: ServeOptions): Promise<void> {
  const config = await context.config();
  const sources = await sourcesOf(options);
  if (sources.length === 0) throw new UsageError("Nothing to look after: give --serial, --connect or --listen.");
  using stop = stopSignals(context.signal);
  const connecting = await clientOptions(config, context.stdin, stop.signal);
  await using client = await openClient({ ...connecting, reconnect: { initially: true } });
  const { Gateway } = await import("../../../satellite/gateway/gateway.ts");
  await using _gateway = await Gateway.start(client, {
    name: options.name ?? Deno.hostname(),
    prefix: options.prefix === undefined ? config.path("kv.satellite.prefix") : parsePath(options.prefix),
    acceptsAll: options.acceptAll,
    sources,
    report: (text) => say(context, text),
    console: (satellite, line, text) => context.verbosity > 1 && say(context, `${satellite ?? line}> ${text}`),
  });
  for (const { description } of sources) say(context, `Looking after ${description}`);
  if (context.verbosity > 0) context.stdout.write("Running.\n");
  context.stdout.flush();
  if (stop.signal.aborted) return;
  await new Promise<void>((resolve) => stop.signal.addEventListener("abort", () => resolve(), { once: true }));
}

function say(context: CliContext, text: string): void {
  context.note(text);
  context.stderr.flush();
}

/** What the options open. @throws {UsageError} */
async function sourcesOf(options: ServeOptions): Promise<LineSource[]> {
  const sources: LineSource[] = [];
  if (options.serial !== undefined) {
    const { SerialSource } = await import("../../../satellite/gateway/line/serial.ts");
    for (const text of options.serial) {
      const [, path, baud] = /^(.*?)(?:@(\d+))?$/.exec(text)!;
      sources.push(new SerialSource(path, { baud: baud === undefined ? undefined : Number(baud) }));
    }
  }
  const tcp = await import("../../../satellite/gateway/line/tcp.ts");
  for (const text of options.connect ?? []) {
    const { hostname, port } = addressOf(text, "localhost", tcp.satellitePort);
    sources.push(new tcp.TcpConnectSource(hostname, port));
  }
  if (options.listen !== undefined) {
    const { hostname, port } = addressOf(options.listen, "127.0.0.1", tcp.satellitePort);
    sources.push(new tcp.TcpListenSource(hostname, port));
  }
  return sources;
}

/** `HOST:PORT`, `[V6]:PORT`, `PORT` or `HOST`. @throws {UsageError} */
export function addressOf(text: string, host: string, port: number): { hostname: string; port: number } {
  if (/^\d+$/.test(text) && Number(text) < 65536) return { hostname: host, port: Number(text) };
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(text);
  if (match === null || Number(match[3] ?? 1) > 65535) throw new UsageError(`${text} should be HOST:PORT`);
  return { hostname: match[1] ?? match[2], port: match[3] === undefined ? port : Number(match[3]) };
}
