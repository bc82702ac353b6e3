/**
 * What `demo` does.
 *
 * @module
 */

import { openClient } from "../../open_client.ts";
import type { CliContext } from "../context.ts";
import { stopSignals } from "../util/stop_signals.ts";

type SimulatedSatellite = import("../../../satellite/sim/simulated.ts").SimulatedSatellite;

/** A pulled cable is noticed after this: twice what a satellite that has nothing to tell keeps quiet. */
const silenceMs = 6000;

/** Runs the demo until it is told to quit. */
export async function runDemo(context: CliContext): Promise<void> {
  using stop = stopSignals(context.signal);
  await using stack = new AsyncDisposableStack();
  const say = (text: string) => {
    context.stdout.write(`${text}\n`);
    context.stdout.flush();
  };
  const { startServer } = await import("../../../server/mod.ts");
  const server = stack.use(await startServer({ name: "demo", data: false, alone: true, init: "Demo" }));
  const port = Number(new URL(server.addresses[0]).port);
  const client = stack.use(await openClient({ host: "127.0.0.1", port, reconnect: true }));
  const satellites = await startSatellites(stack, say);
  const { Gateway } = await import("../../../satellite/gateway/gateway.ts");
  const lines = [...satellites.values()];
  stack.use(
    await Gateway.start(client, {
      name: "demo",
      acceptsAll: true,
      silenceMs,
      sources: [{
        description: "simulated satellites",
        async *lines() {
          yield* await Promise.resolve(lines);
        },
      }],
      report: say,
    }),
  );
  say(whatNext(port));
  await obey(context, satellites, say, stop.signal);
}

/** The three satellites by their names. */
async function startSatellites(
  stack: AsyncDisposableStack,
  say: (text: string) => void,
): Promise<Map<string, SimulatedSatellite>> {
  const { exampleApps, programOf } = await import("../../../satellite/sim/run.ts");
  const { SimulatedSatellite } = await import("../../../satellite/sim/simulated.ts");
  const started = new Map<string, SimulatedSatellite>();
  for (const app of await exampleApps()) {
    const { name, damagedPerMillion } = app;
    const onEnd = (error: string | undefined) => say(`${name} ended${error === undefined ? "" : `: ${error}`}`);
    const options = { main: programOf(app), damagedPerMillion, onEnd };
    started.set(name, stack.use(await SimulatedSatellite.start(`simulated:${name}`, options)));
  }
  return started;
}

function whatNext(port: number): string {
  const p = port === 27586 ? "" : ` -p ${port}`;
  return `
Running. In another terminal:

  npx -y deno@2.9 task moat kv${p} satellite list               who is there
  npx -y deno@2.9 task moat kv${p} data sat get -rd_            everything they say
  npx -y deno@2.9 task moat kv${p} data sat.weather monitor     watch it change
  npx -y deno@2.9 task moat kv${p} satellite set relay pump True

Here: 'pull weather' pulls its cable, 'plug weather' puts it back, 'quit' ends.
`;
}

/** Does what is typed, until the end. */
async function obey(
  context: CliContext,
  satellites: ReadonlyMap<string, SimulatedSatellite>,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  const typing = (async () => {
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of context.stdin.chunks()) {
      text += decoder.decode(chunk, { stream: true });
      const lines = text.split("\n");
      text = lines.pop()!;
      for (const line of lines) if (obeyLine(line.trim(), satellites, say)) return;
    }
    await aborted; // no more is typed: it runs on until it is interrupted
  })();
  if (!signal.aborted) await Promise.race([aborted, typing]);
}

/** Does what one line says. Returns whether that was to quit. */
function obeyLine(
  line: string,
  satellites: ReadonlyMap<string, SimulatedSatellite>,
  say: (text: string) => void,
): boolean {
  const [verb, name] = line.split(/\s+/);
  if (verb === "quit" || verb === "q") return true;
  const satellite = satellites.get(name);
  if ((verb === "pull" || verb === "plug") && satellite !== undefined) {
    satellite.plug(verb === "plug");
    say(verb === "plug" ? `${name} is plugged in` : `${name}'s cable is pulled; it is down in ${silenceMs / 1000} s`);
  } else if (line !== "") say(`'pull NAME', 'plug NAME' or 'quit'; NAME is ${[...satellites.keys()].join(", ")}`);
  return false;
}
