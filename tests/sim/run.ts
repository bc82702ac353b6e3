/**
 * Runs a plan.
 *
 * @module
 */

import { actSomewhere } from "./acts.ts";
import { Chance } from "./chance.ts";
import { checkEnd, converge, heal, isQuiet } from "./end_checks.ts";
import { Violation } from "./failure.ts";
import { mishaps } from "./mishaps.ts";
import type { Plan, Step } from "./plan.ts";
import { World } from "./world.ts";
import { type Workload, workloads } from "./workloads.ts";
import type { Fault } from "./coverage.ts";

/** What became of it. */
export interface Outcome {
  readonly world: World;
  /** Which law was broken; undefined: none. */
  readonly violation: Violation | undefined;
  /** How long the healed network took to agree. */
  readonly convergedMs: number;
}

/** When the first step is taken; where there are originals, their elections come first. */
const beginMs = 100;
const mixedBeginMs = 60_000;

/** Runs a plan to its end, or to the first broken law. */
export async function run(plan: Plan, isTraced: boolean = false): Promise<Outcome> {
  const world = new World(plan.seed, isTraced, plan.originals.length > 0);
  let convergedMs = NaN;
  try {
    begin(world, plan);
    await world.timeline.run(beginOf(plan) + plan.durationMs);
    await heal(world);
    convergedMs = await converge(world);
    await isQuiet(world);
    checkEnd(world);
    return { world, violation: undefined, convergedMs };
  } catch (error) {
    const violation = error instanceof Violation ? error : new Violation("error", textOf(error), { cause: error });
    return { world, violation, convergedMs };
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

function beginOf({ originals }: Plan): number {
  return originals.length > 0 ? mixedBeginMs : beginMs;
}

function begin(world: World, plan: Plan): void {
  world.network.weather = { ...plan.weather };
  for (const options of plan.nodes) world.add(options);
  for (const name of plan.originals) world.addOriginal(name);
  const chance = Chance.of(plan.seed, "begin");
  for (const node of world.nodes) {
    world.timeline.after(chance.happens(0.7) ? 0 : chance.between(0, 3000), () => node.start());
  }
  for (const step of plan.steps) world.timeline.after(beginOf(plan) + step.atMs, () => take(world, plan, step));
}

function take(world: World, { seed, losesReplies }: Plan, { what, nr }: Step): void {
  const chance = Chance.of(seed, "step", nr);
  if (what === "act") actSomewhere(world, chance, losesReplies);
  else if (what in workloads) workloads[what as Workload](world, chance, losesReplies);
  else mishaps[what as Fault]!(world, chance);
}
