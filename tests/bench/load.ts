/** Builds and runs the C load generator (`load/load.c`). */

import type { Peer } from "./peers.ts";

/** What one run of the load generator measured. */
export interface Load {
  readonly perSecond: number;
  readonly seconds: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maxUs: number;
}

/** One kind of load. */
export interface Work {
  readonly work: "get" | "set" | "fill" | "watch" | "tree";
  readonly connections: number;
  readonly inFlight: number;
  readonly total: number;
  readonly keys?: number;
  readonly valueBytes?: number;
  readonly layout?: "few" | "deep" | "wide";
  /** Where watchers connect, if not to the same server. */
  readonly watchPort?: number;
  /** Watchers hear this topic of a broker at `watchPort`. */
  readonly watchTopic?: string;
}

let binary: Promise<string> | undefined;

/** Compiles the generator once; throws if there is no C compiler. */
export function buildLoad(): Promise<string> {
  return binary ??= (async () => {
    const out = await Deno.makeTempFile({ prefix: "moat-kv-load-" });
    const source = new URL("./load/load.c", import.meta.url).pathname;
    const { success, stderr } = await new Deno.Command("cc", { args: ["-O2", "-o", out, source] }).output();
    if (!success) throw new Error(`Cannot compile load.c: ${new TextDecoder().decode(stderr)}`);
    return out;
  })();
}

/** Runs one load against a peer. */
export async function load(peer: Peer, work: Work, pinned: boolean): Promise<Load> {
  const program = await buildLoad();
  const { connections, inFlight, total, keys = 1000, valueBytes = 100, layout = "few" } = work;
  const numbers = [connections, inFlight, total, keys, valueBytes].map(String);
  const { watchPort, watchTopic } = work;
  const watch = [watchPort, watchTopic].filter((each) => each !== undefined).map(String);
  const args = [peer.protocol, work.work, "127.0.0.1", String(peer.port), ...numbers, layout, ...watch];
  const [command, words] = pinned ? ["taskset", ["-c", "0", program, ...args]] : [program, args];
  const { success, stdout, stderr } = await new Deno.Command(command, { args: words }).output();
  if (!success) throw new Error(`${peer.name}, ${work.work}: ${new TextDecoder().decode(stderr).trim()}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}
