/** Runs mutated inputs through all targets. Each case has its own seed, so that it can be run alone. */

import { Random } from "../support/random.ts";
import { mutated } from "./mutate.ts";
import { type Target, targets } from "./targets.ts";

/** One case may take this long, whatever its input. */
const caseMsMax = 2000;

/** How long, and from where on, to run. */
export interface FuzzOptions {
  /** Where chance begins. */
  readonly seed: number;
  /** The first case. */
  readonly from: number;
  /** Ends after as many cases. */
  readonly count: number;
  /** Ends when this says so. */
  readonly isOver: () => boolean;
}

/** A case that failed. */
export class FuzzError extends Error {
  override name = "FuzzError";
  /** @param input The bytes @param index Which case @param target Which target */
  constructor(readonly input: Uint8Array, readonly index: number, target: Target, cause: unknown) {
    super(`Case ${index}, ${target.name}(): ${input.toHex()}`, { cause });
  }
}

/** Runs the cases and returns how many they were. Throws a {@linkcode FuzzError} at the first that fails. */
export function fuzz(seeds: readonly Uint8Array[], options: FuzzOptions): number {
  const end = options.from + options.count;
  for (let index = options.from; index < end; index++) {
    if (index % 64 === 0 && options.isOver()) return index - options.from;
    const random = new Random(options.seed + index);
    const input = mutated(seeds, random);
    for (const target of targets) runCase(target, input, index, random);
  }
  return options.count;
}

function runCase(target: Target, input: Uint8Array, index: number, random: Random): void {
  const start = performance.now();
  try {
    target(input, random);
  } catch (error) {
    throw new FuzzError(input, index, target, error);
  }
  const ms = performance.now() - start;
  if (ms > caseMsMax) throw new FuzzError(input, index, target, new Error(`Took ${Math.round(ms)} ms`));
}
