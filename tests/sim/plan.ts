/**
 * What a seed stands for: how many nodes, which faults, and what happens when. Each seed switches faults on and off (a run
 * with few faults goes deeper than one with all of them). A plan is made in advance, so that it can be shrunk.
 *
 * @module
 */

import type { FsyncPolicy } from "../../server/persist/surroundings.ts";
import { Chance } from "./chance.ts";
import type { Fault } from "./coverage.ts";
import { faults, laterFaults } from "./coverage.ts";
import { mishaps } from "./mishaps.ts";
import type { NodeOptions } from "./node_options.ts";
import type { Weather } from "./network.ts";
import { type Workload, workloads } from "./workloads.ts";

/** Something that happens: a client's act, or a mishap. */
export interface Step {
  readonly atMs: number;
  /** Names its stream of chance. */
  readonly nr: number;
  readonly what: "act" | Fault | Workload;
}

/** A whole run. */
export interface Plan {
  readonly seed: number;
  readonly nodes: readonly NodeOptions[];
  readonly faults: readonly Fault[];
  readonly workloads: readonly Workload[];
  /** Servers of the original that take part. */
  readonly originals: readonly string[];
  readonly weather: Weather;
  readonly losesReplies: boolean;
  readonly steps: readonly Step[];
  readonly durationMs: number;
}

/** What may be told from outside. */
export interface PlanOptions {
  readonly seed: number;
  readonly nodes?: number;
  /** Leaves these faults out. */
  readonly without?: readonly Fault[];
  /** These faults happen in any case. */
  readonly with?: readonly Fault[];
  /** So many servers of the original; default: by the seed. */
  readonly originals?: number;
  /** Only these steps. */
  readonly only?: ReadonlySet<number>;
}

/** Those that cannot be told from a loss once two nodes have used the same ticks. */
const notWithTwins: readonly Fault[] = [
  "power cut",
  "torn record",
  "lost rename",
  "damage",
  "damaged tail",
  "backup",
  "death",
  "cold copy",
];

/** Originals are promised less: what of a name's past is gone they can only find out by themselves. */
export const withOriginals: readonly Fault[] = [
  "loss",
  "duplicate",
  "reorder",
  "delay",
  "late copy",
  "partial",
  "one-way cut",
  "split",
  "slow reader",
  "kill",
  "crash point",
  "power cut",
  "full disk",
  "disk error",
  "pause",
  "lost reply",
  "clean stop",
  "copy",
];
/** How many seeds have originals. */
const mixedShare = 0.06;
/** Faults whose steps are not drawn with the others'. */
const ownStreams: readonly Fault[] = ["save and load", ...laterFaults];
/** How many seeds are slow, and how much: then there is time for purges between the faults. */
const [slowShare, slowness] = [0.15, 8];
/** How many seeds have each workload. */
const workloadShare = 0.35;

const policies: readonly FsyncPolicy[] = ["everysec", "everysec", "always", "no"];

/** Makes the plan of a seed. */
export function planOf(options: PlanOptions): Plan {
  const { seed, without = [], with: wanted = [], only } = options;
  const chance = Chance.of(seed, "plan");
  const count = options.nodes ?? 3 + Math.floor(chance.next() * chance.next() * 5);
  const share = chance.pick([0.08, 0.15, 0.3, 0.5]);
  const drawn = faults.filter((fault) => {
    const isDrawn = (laterFaults.includes(fault) ? Chance.of(seed, "fault", fault) : chance).happens(share);
    return isDrawn || wanted.includes(fault);
  });
  const originals = originalsOf(options);
  const possible = originals.length > 0 ? drawn.filter((fault) => withOriginals.includes(fault)) : drawn;
  const allowed = possible.includes("twin") ? possible.filter((fault) => !notWithTwins.includes(fault)) : possible;
  const on = allowed.filter((fault) => !without.includes(fault));
  const weather = weatherOf(on, Chance.of(seed, "weather"));
  const stretch = Chance.of(seed, "length").happens(slowShare) ? slowness : 1;
  const durationMs = stretch * chance.pick([5_000, 15_000, 40_000, 90_000]);
  const nodes = Array.from({ length: count }, (_, i) => nodeOf(seed, i, chance));
  const done = workloadsOf(seed, originals.length > 0);
  const all = [...stepsOf(allowed, durationMs, chance), ...laterStepsOf(seed, [...allowed, ...done], durationMs)];
  const isWanted = ({ what, nr }: Step) => !isOff(what, on) && (only === undefined || only.has(nr));
  const steps = all.sort((a, b) => a.atMs - b.atMs).filter(isWanted);
  const losesReplies = on.includes("lost reply");
  return { seed, nodes, faults: on, workloads: done, originals, weather, losesReplies, steps, durationMs };
}

function isOff(what: Step["what"], on: readonly Fault[]): boolean {
  return (faults as readonly string[]).includes(what) && !(on as readonly string[]).includes(what);
}

function nodeOf(seed: number, i: number, chance: Chance): NodeOptions {
  const machine = "ABCDEFGH"[i];
  return {
    machine,
    name: machine,
    fsync: chance.pick(policies),
    turnMs: chance.pick([0, 0, 0.5, 5]),
    logBytesMin: chance.pick([1500, 6000, 100_000]),
    hasBootId: !chance.happens(0.15),
    asksFirst: Chance.of(seed, "asks first", machine).happens(0.2),
    copies: false,
  };
}

function weatherOf(on: readonly Fault[], chance: Chance): Weather {
  const rate = (fault: Fault, rates: readonly number[]) => {
    const picked = chance.pick(rates);
    return on.includes(fault) ? picked : 0;
  };
  return {
    loss: rate("loss", [0.02, 0.1, 0.3, 0.6]),
    duplicate: rate("duplicate", [0.05, 0.3]),
    reorder: on.includes("reorder"),
    delayMs: on.includes("delay") || on.includes("reorder") ? chance.pick([5, 50, 500, 2000]) : 0,
    lateCopy: rate("late copy", [0.02, 0.1, 0.3]),
    partial: rate("partial", [0.1, 0.4]),
  };
}

function stepsOf(allowed: readonly Fault[], durationMs: number, chance: Chance): Step[] {
  const steps: Step[] = [];
  let nr = 0;
  const add = (what: Step["what"]) => void steps.push({ atMs: chance.between(0, durationMs), nr: nr++, what });
  for (let n = 20 + chance.below(80); n > 0; n--) add("act");
  for (const fault of allowed) {
    if (mishaps[fault] === undefined || ownStreams.includes(fault)) continue;
    for (let n = 1 + chance.below(4); n > 0; n--) add(fault);
  }
  return steps;
}

function workloadsOf(seed: number, hasOriginals: boolean): Workload[] {
  const names = Object.keys(workloads) as Workload[];
  return names.filter((name) =>
    name === "originals" ? hasOriginals : Chance.of(seed, "workload", name).happens(workloadShare)
  );
}

function originalsOf({ seed, originals }: PlanOptions): string[] {
  const chance = Chance.of(seed, "originals");
  const isMixed = chance.happens(mixedShare);
  const count = originals ?? (isMixed ? 1 + chance.below(2) : 0);
  return Array.from({ length: count }, (_, i) => `${chance.happens(0.5) ? "o" : "0"}${i}`);
}

/** Steps with a stream of chance of their own: whatever is added here leaves the other steps of a seed as they are. */
function laterStepsOf(seed: number, kinds: readonly (Fault | Workload)[], durationMs: number): Step[] {
  const steps: Step[] = [];
  for (const [i, what] of [...ownStreams, ...Object.keys(workloads) as Workload[]].entries()) {
    if (!kinds.includes(what)) continue;
    const chance = Chance.of(seed, "steps", what);
    const count = what in workloads ? 3 + chance.below(15) : 1 + chance.below(3);
    for (let n = 0; n < count; n++) {
      steps.push({ atMs: chance.between(0, durationMs), nr: 1000 * (i + 1) + n, what });
    }
  }
  return steps;
}
