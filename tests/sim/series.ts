/**
 * Runs many seeds, on all cores: a worker for each, which asks for the next seed when it is done with one.
 *
 * @module
 */

import type { PlanOptions } from "./plan.ts";
import type { Result } from "./tally.ts";

/** Which seeds, and how. */
export interface SeriesOptions {
  readonly first: number;
  readonly count: number;
  /** What all plans have in common. */
  readonly plan?: Omit<PlanOptions, "seed">;
  /** Whether to go on after a failure; if not, the lowest seed that fails is still found. */
  readonly goesOn?: boolean;
  /** Default: as many as there are cores. */
  readonly workers?: number;
  /** Called with each result, as they come. */
  readonly done?: (result: Result) => void;
}

/** See the module. Returns the results by seed. */
export async function runSeries(options: SeriesOptions): Promise<Result[]> {
  const { first, count, goesOn = false } = options;
  const results: Result[] = [];
  let next = first;
  let hasFailed = false;
  const take = () => next < first + count && (goesOn || !hasFailed) ? next++ : undefined;
  const put = (result: Result) => {
    results.push(result);
    hasFailed ||= result.violation !== undefined;
    options.done?.(result);
  };
  const workers = Math.min(count, options.workers ?? navigator.hardwareConcurrency);
  await Promise.all(Array.from({ length: workers }, () => work(options.plan ?? {}, take, put)));
  return results.sort((a, b) => a.seed - b.seed);
}

/** One worker's day. */
async function work(
  plan: Omit<PlanOptions, "seed">,
  take: () => number | undefined,
  put: (result: Result) => void,
): Promise<void> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  try {
    for (let seed = take(); seed !== undefined; seed = take()) put(await ask(worker, { ...plan, seed }));
  } finally {
    worker.terminate();
  }
}

function ask(worker: Worker, plan: PlanOptions): Promise<Result> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`Seed ${plan.seed}: ${event.message}`));
    };
    worker.postMessage(plan);
  });
}
