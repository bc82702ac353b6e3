/**
 * Simulated satellites at the other end of real lines.
 *
 * @module
 */

import type { Line, LineSource } from "../gateway/line/line.ts";
import { SimulatedSatellite } from "./simulated.ts";

/** An app, and how bad its line is. */
export interface SimulatedApp {
  readonly name: string;
  /** Python that makes a `Sat` called `s` whose line is `line()`. */
  readonly main: string;
  /** Of a million bytes, so many are damaged on the way to the host. */
  readonly damagedPerMillion: number;
}

const start = 'import sys\nsys.path.insert(0, "/lib")\n';
const end = "\nawait s.main()\n";

/** A weather station, a relay, and a counter with a bad line. */
export async function exampleApps(): Promise<SimulatedApp[]> {
  const apps = [["weather", 0], ["relay", 0], ["flaky", 3000]] as const;
  return await Promise.all(apps.map(async ([name, damagedPerMillion]) => {
    const response = await fetch(new URL(`../device/examples/${name}.py`, import.meta.url));
    return { name, main: await response.text(), damagedPerMillion };
  }));
}

/** The program that runs an app. */
export function programOf(app: SimulatedApp): string {
  return start + app.main + end;
}

/** Runs a satellite at the lines of a source, until `signal` aborts. It stays on while its line is away. */
export async function runSimulated(
  app: SimulatedApp,
  source: LineSource,
  signal: AbortSignal,
  report: (text: string) => void,
): Promise<void> {
  await using satellite = await SimulatedSatellite.start(app.name, {
    main: programOf(app),
    damagedPerMillion: app.damagedPerMillion,
    onText: (text) => report(`${app.name}> ${text}`),
    onEnd: (error) => error !== undefined && report(`${app.name} ended: ${error}`),
  });
  let line: Line | undefined;
  void (async () => {
    for await (const bytes of satellite.received) line?.write(bytes);
  })();
  for await (const next of source.lines(signal, report)) {
    line = next;
    report(`${app.name} is at ${next.description}`);
    const close = () => void next[Symbol.asyncDispose]();
    signal.addEventListener("abort", close, { once: true });
    for await (const bytes of next.received) satellite.write(bytes);
    signal.removeEventListener("abort", close);
  }
}
