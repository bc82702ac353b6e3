/**
 * A worker that runs seeds: a plan's options come in, a result goes out.
 *
 * @module
 */

import { planOf, type PlanOptions } from "./plan.ts";
import { run } from "./run.ts";
import { resultOf } from "./tally.ts";

/** What a worker has of its global scope. */
interface Scope {
  onmessage: (event: MessageEvent<PlanOptions>) => void;
  postMessage(message: unknown): void;
}

const scope = globalThis as unknown as Scope;
scope.onmessage = async ({ data }) => scope.postMessage(resultOf(data.seed, await run(planOf(data))));
