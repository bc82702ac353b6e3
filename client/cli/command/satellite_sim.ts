/**
 * `satellite sim`: satellites without hardware, which connect to a gateway over TCP as boards on the network do.
 *
 * @module
 */

import type { CliContext } from "../context.ts";
import { stopSignals } from "../util/stop_signals.ts";
import { addressOf } from "./satellite_serve.ts";

/** How they are started. */
export interface SimulateOptions {
  readonly connect?: string;
  readonly file?: string;
}

/** Runs simulated satellites until interrupted. */
export async function simulate(context: CliContext, options: SimulateOptions): Promise<void> {
  const { satellitePort, TcpConnectSource } = await import("../../../satellite/gateway/line/tcp.ts");
  const { exampleApps, runSimulated } = await import("../../../satellite/sim/run.ts");
  const { hostname, port } = addressOf(options.connect ?? "localhost", "localhost", satellitePort);
  using stop = stopSignals(context.signal);
  const say = (text: string) => {
    context.note(text);
    context.stderr.flush();
  };
  const apps = options.file === undefined
    ? await exampleApps()
    : [{ name: options.file, main: await Deno.readTextFile(options.file), damagedPerMillion: 0 }];
  const running = apps.map((app) => runSimulated(app, new TcpConnectSource(hostname, port), stop.signal, say));
  if (context.verbosity > 0) context.stdout.write("Running.\n");
  context.stdout.flush();
  await Promise.all(running);
}
