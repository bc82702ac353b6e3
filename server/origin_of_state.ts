/**
 * Where a server's first state comes from.
 *
 * | state here | files to load | `init` | broker | |
 * | --- | --- | --- | --- | --- |
 * | yes | – | – | – | serves it; `init` is ignored, and that is said |
 * | any | yes | – | – | serves them |
 * | no | no | yes | any | begins a new network with that value at its root |
 * | no | no | no | none answers, or `alone` | begins a new network, and says so; with `join` that is an error |
 * | no | no | no | answers, or was configured | waits for another server |
 *
 * @module
 */

import { KvError } from "../wire/errors.ts";
import type { ProbeResult } from "./backend/probe.ts";
import type { ServerConfig } from "./config.ts";

/** What a server begins with. */
export type Origin = "state" | "files" | "init" | "new" | "wait";

/** The decision, and what the person who started the server should hear of it. */
export interface OriginDecision {
  readonly origin: Origin;
  readonly lines: readonly string[];
}

/**
 * Decides. `probe` is asked only if the answer depends on it.
 * @throws {KvError} With `join`, if no broker answers
 */
export async function decideOrigin(
  config: Pick<ServerConfig, "load" | "init" | "alone" | "join" | "broker" | "brokerIsConfigured" | "name">,
  hasState: boolean,
  probe: () => Promise<ProbeResult>,
): Promise<OriginDecision> {
  const hasInit = config.init !== undefined;
  if (config.load.length > 0) return { origin: "files", lines: hasInit ? ["There is a state: -i is ignored"] : [] };
  if (hasState) return { origin: "state", lines: hasInit ? ["There is a state, and it is kept: -i is ignored"] : [] };
  if (hasInit) return { origin: "init", lines: [`New network: ${config.name} is its first server`] };
  if (config.alone) return { origin: "new", lines: [`New network, as told: ${config.name} is its first server`] };
  const answer = await probe();
  if (answer === "silent" && config.join) {
    throw new KvError(`No broker answers at ${config.broker}, and --join forbids to start a new network`);
  }
  if (answer === "silent" && !config.brokerIsConfigured) {
    const lines = [
      `No broker answers at ${config.broker}, so there can be no other servers`,
      `New network: ${config.name} is its first server`,
    ];
    return { origin: "new", lines };
  }
  return { origin: "wait", lines: waitLines(config.broker, answer) };
}

function waitLines(broker: string, answer: ProbeResult): string[] {
  const state = { answers: "answers", silent: "does not answer yet", unknown: "is configured" }[answer];
  return [
    `The broker at ${broker} ${state}, and there is no state here: waiting for another server of this network`,
    "If this is its first server, start it with a value for its root (-i VALUE), or with --alone",
  ];
}
