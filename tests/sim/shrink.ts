/**
 * Looks for a smaller run that breaks the same law: without some of the faults, then without some of the steps.
 *
 * @module
 */

import type { Law } from "./failure.ts";
import { planOf, type PlanOptions } from "./plan.ts";
import { run } from "./run.ts";

/** Runs that are tried at most. */
const triesMax = 400;

/** See the module. */
export async function shrink(options: PlanOptions, law: Law): Promise<PlanOptions> {
  let tries = 0;
  const fails = async (candidate: PlanOptions) => {
    if (++tries > triesMax) return false;
    return (await run(planOf(candidate))).violation?.law === law;
  };
  let best = options;
  for (const fault of planOf(options).faults) {
    const candidate = { ...best, without: [...best.without ?? [], fault] };
    if (await fails(candidate)) best = candidate;
  }
  let steps = planOf(best).steps.map((step) => step.nr);
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < steps.length;) {
      const rest = [...steps.slice(0, at), ...steps.slice(at + size)];
      if (await fails({ ...best, only: new Set(rest) })) steps = rest;
      else at += size;
    }
  }
  return { ...best, only: new Set(steps) };
}
