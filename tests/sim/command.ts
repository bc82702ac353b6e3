/**
 * How a run is repeated.
 *
 * @module
 */

import type { PlanOptions } from "./plan.ts";

/** The command that repeats a run. */
export function commandOf({ seed, nodes, without = [], with: wanted = [], only }: PlanOptions): string {
  return `deno task sim --seed ${seed}` + (nodes === undefined ? "" : ` --nodes ${nodes}`) +
    (wanted.length > 0 ? ` --with "${wanted.join(",")}"` : "") +
    (without.length > 0 ? ` --without "${without.join(",")}"` : "") +
    (only === undefined ? "" : ` --only ${[...only].join(",")}`) + " --trace";
}
