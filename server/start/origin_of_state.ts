/**
 * Where a server's first state comes from.
 *
 * | state here | files to load | `init` | others can be there | |
 * | --- | --- | --- | --- | --- |
 * | yes | – | – | – | serves it; `init` is ignored, and that is said |
 * | any | yes | – | – | serves them |
 * | no | no | yes | yes | joins them if one answers soon, else begins a new network with that value at its root |
 * | no | no | yes | no | begins a new network with that value at its root |
 * | no | no | no | no: no broker answers, or `alone` | begins a new network, and says so; with `join` that is an error |
 * | no | no | no | the broker answers, or was configured | waits for another server |
 * | no | no | no | its place is taken by what is no broker | that is an error |
 *
 * @module
 */

import { KvError } from "../../wire/errors.ts";
import type { ServerConfig } from "../config.ts";
import type { Reach } from "../network/reach.ts";

/** What a server begins with. `try`: another server's state if one answers soon, else `init`. */
export type Origin = "state" | "files" | "init" | "new" | "try" | "wait";

/** The decision, and what the person who started the server should hear of it. */
export interface OriginDecision {
  readonly origin: Origin;
  readonly lines: readonly string[];
}

/**
 * Decides. `reach` is asked only if the answer depends on it.
 * @throws {KvError} With `join`, if nobody can be there; or if it cannot be known whether anybody is
 */
export async function decideOrigin(
  config: Pick<ServerConfig, "load" | "init" | "join" | "name">,
  hasState: boolean,
  reach: () => Promise<Reach>,
): Promise<OriginDecision> {
  const hasInit = config.init !== undefined;
  if (config.load.length > 0) return { origin: "files", lines: hasInit ? ["There is a state: -i is ignored"] : [] };
  if (hasState) return { origin: "state", lines: hasInit ? ["There is a state, and it is kept: -i is ignored"] : [] };
  const { where, answer } = await reach();
  const first = `New network: ${config.name} is its first server`;
  if (hasInit) {
    const mayBeThere = answer === "answers" || answer === "unknown";
    return mayBeThere ? { origin: "try", lines: [] } : { origin: "init", lines: [first] };
  }
  if (answer === "none" || answer === "own") {
    if (config.join) throw new KvError(`${nobody(where, answer)}, and --join forbids to start a new network`);
    return { origin: "new", lines: [`${nobody(where, answer)}, so there can be no other servers`, first] };
  }
  if (answer === "stuck") throw new KvError(where);
  if (answer === "silent" && config.join) {
    throw new KvError(`${where} does not answer, and --join forbids to start a new network`);
  }
  return { origin: "wait", lines: waitLines(where, answer) };
}

function nobody(where: string, answer: "none" | "own"): string {
  return answer === "none" ? where : `${where} is this server's own: no other was there`;
}

function waitLines(where: string, answer: Reach["answer"]): string[] {
  const state = answer === "answers" ? "answers" : answer === "silent" ? "does not answer yet" : "is configured";
  return [
    `${where} ${state}, and there is no state here: waiting for another server of this network`,
    "If this is its first server, start it with a value for its root (-i VALUE)",
  ];
}
