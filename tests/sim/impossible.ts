/**
 * Which faults cannot meet which steps of the protocol. All others have to meet, or the seeds prove nothing about them.
 *
 * @module
 */

import { type Coverage, type Fault, faults, messageSteps, type Step, steps } from "./coverage.ts";
import { withOriginals } from "./plan.ts";

/** Pairs that cannot meet. */
interface Impossible {
  readonly faults: readonly Fault[];
  readonly steps: readonly Step[];
  readonly because: string;
  /** Whether that it happens would be no surprise. */
  readonly isRare?: boolean;
}

const insideSteps = steps.filter((step) => !messageSteps.includes(step));

const impossible: readonly Impossible[] = [
  {
    faults: ["loss", "duplicate", "reorder", "delay", "late copy", "partial", "one-way cut", "split", "slow reader"],
    steps: insideSteps,
    because: "the network does this to messages",
  },
  {
    faults: ["lost reply"],
    steps: steps.filter((step) => step !== "write"),
    because: "only what a client asked for is answered",
  },
  {
    faults: faults.filter((fault) => !withOriginals.includes(fault)),
    steps: ["foreign"],
    because: "it is left out where there are originals, which are promised less",
  },
  {
    faults: ["twin"],
    steps: ["purged"],
    because: "as long as two live servers bear one name nobody purges, because neither speaks for the other",
    isRare: true,
  },
];

/** Pairs that did not meet, though they can; and pairs that did, though they cannot. */
export function surprises(coverage: Coverage): string[] {
  const found: string[] = [];
  for (const fault of faults) {
    for (const step of steps) {
      const pair = impossible.find((each) => each.faults.includes(fault) && each.steps.includes(step));
      const count = coverage.count(fault, step);
      if (count === 0 && pair === undefined) found.push(`${fault} never met ${step}`);
      if (count > 0 && pair && !pair.isRare) found.push(`${fault} met ${step} ${count} times, yet ${pair.because}`);
    }
  }
  return found;
}
