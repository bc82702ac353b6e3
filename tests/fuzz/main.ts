/**
 * `deno task fuzz`: mutated messages through everything that reads bytes from a network.
 *
 * ```text
 * deno task fuzz [--seconds 30] [--count N] [--seed S] [--from I]
 * ```
 *
 * A case that fails is printed with the command that runs it alone.
 */

import { parseArgs } from "node:util";
import { fuzz, FuzzError } from "./fuzz.ts";
import { readSeeds } from "./seeds.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string" },
    count: { type: "string" },
    seed: { type: "string" },
    from: { type: "string", default: "0" },
  },
});

const count = values.count === undefined ? Infinity : Number(values.count);
const seconds = values.seconds === undefined ? (count === Infinity ? 30 : Infinity) : Number(values.seconds);
const seed = values.seed === undefined ? crypto.getRandomValues(new Uint32Array(1))[0] : Number(values.seed);
const from = Number(values.from);
if ([count, seconds, seed, from].some((n) => Number.isNaN(n) || n < 0)) {
  console.error("Usage: deno task fuzz [--seconds N] [--count N] [--seed N] [--from N]");
  Deno.exit(2);
}

console.log(`Seed: ${seed}`);
const start = performance.now();
try {
  const done = fuzz(readSeeds(), { seed, from, count, isOver: () => performance.now() - start > seconds * 1000 });
  console.log(`${done} cases, none failed.`);
} catch (error) {
  if (!(error instanceof FuzzError)) throw error;
  console.error(error.message);
  console.error(error.cause);
  console.error(`Again: deno task fuzz --seed ${seed} --from ${error.index} --count 1`);
  Deno.exit(1);
}
