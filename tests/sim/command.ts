/**
 * How a run is repeated.
 *
 * @module
 */

import type { PlanOptions } from "./plan.ts";

/** The command that repeats a run. */
export function commandOf({ seed, nodes, originals, without = [], with: wanted = [], only }: PlanOptions): string {
  return `deno task sim --seed ${seed}` + (nodes === undefined ? "" : ` --nodes ${nodes}`) +
    (originals === undefined ? "" : ` --originals ${originals}`) +
    (wanted.length > 0 ? ` --with "${wanted.join(",")}"` : "") +
    (without.length > 0 ? ` --without "${without.join(",")}"` : "") +
    (only === undefined ? "" : ` --only ${[...only].join(",")}`) + " --trace";
}
