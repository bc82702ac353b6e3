/**
 * `demo`: a server, a gateway and three simulated satellites in one process, to look around.
 *
 * @module
 */

import type { CliContext } from "../context.ts";
import type { MoatCommand } from "../options.ts";

/** Adds the `demo` command. */
export function register(parent: MoatCommand, context: CliContext): void {
  parent.command("demo").summary("try it: a server and three simulated satellites")
    .description(
      "Start a server that keeps nothing, a gateway and three simulated satellites: a weather station, a relay, and a counter " +
        "with a bad line. It says what to type in another terminal, and pulls a satellite's cable when you say so.",
    )
    .examples(["moat demo", "and follow what it prints"])
    .action(async () => await (await import("./demo_run.ts")).runDemo(context));
}
