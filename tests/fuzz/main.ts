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

const usage = "Usage: deno task fuzz [--seconds N] [--count N] [--seed N] [--from N]";

/** The options; without `--count` it runs for 30 seconds. Ends the program if they are wrong, or help is wanted. */
function options(): { count: number; seconds: number; seed: number; from: number } {
  const text = { type: "string" } as const;
  try {
    const { values } = parseArgs({
      options: { seconds: text, count: text, seed: text, from: text, help: { type: "boolean", short: "h" } },
    });
    if (values.help) return console.log(usage), Deno.exit(0);
    const number = (value: string | undefined, otherwise: number) => value === undefined ? otherwise : Number(value);
    const count = number(values.count, Infinity);
    const seconds = number(values.seconds, count === Infinity ? 30 : Infinity);
    const seed = number(values.seed, crypto.getRandomValues(new Uint32Array(1))[0]);
    const from = number(values.from, 0);
    if ([count, seconds, seed, from].every((n) => n >= 0)) return { count, seconds, seed, from };
    console.error("These are numbers of at least 0");
  } catch (error) {
    console.error((error as Error).message);
  }
  console.error(usage);
  Deno.exit(2);
}

const { count, seconds, seed, from } = options();
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
