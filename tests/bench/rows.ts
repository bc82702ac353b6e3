/**
 * The rows of the benchmark that pair one server with another under the same load. A ratio is ours to theirs in the same
 * round; the goal is the least (rates) or the most (times) that we want to see as the median of the rounds.
 */

import type { Load, Work } from "./load.ts";
import { echo, moat, original, redis, type Starter } from "./peers.ts";

/** One pairing. */
export interface Row {
  readonly name: string;
  readonly work: Work;
  readonly ours: Starter;
  readonly theirs: Starter;
  readonly theirName: string;
  readonly metric: keyof Load;
  /** `[">=", 0.8]`: the ratio ours/theirs wanted. */
  readonly goal: readonly [">=" | "<=", number];
  /** Server and client on one processor: the least noisy placement. */
  readonly pinned: boolean;
}

const one = { connections: 1, inFlight: 1 };
const many = { connections: 1, inFlight: 64 };

/** All pairings, in the order in which they are printed. */
export const rows: readonly Row[] = [
  {
    name: "GET, one at a time",
    work: { work: "get", ...one, total: 30_000 },
    ours: moat("memory"),
    theirs: echo,
    theirName: "bare Deno echo",
    metric: "perSecond",
    goal: [">=", 0.8],
    pinned: true,
  },
  {
    name: "SET, one at a time, no log",
    work: { work: "set", ...one, total: 30_000 },
    ours: moat("memory"),
    theirs: echo,
    theirName: "bare Deno echo",
    metric: "perSecond",
    goal: [">=", 0.8],
    pinned: true,
  },
  {
    name: "GET, 64 in flight",
    work: { work: "get", ...many, total: 600_000 },
    ours: moat("memory"),
    theirs: redis("memory"),
    theirName: "Redis",
    metric: "perSecond",
    goal: [">=", 0.55],
    pinned: true,
  },
  {
    name: "SET, 64 in flight, no log",
    work: { work: "set", ...many, total: 600_000 },
    ours: moat("memory"),
    theirs: redis("memory"),
    theirName: "Redis",
    metric: "perSecond",
    goal: [">=", 0.45],
    pinned: true,
  },
  {
    name: "SET, 64 in flight, in the log before the reply",
    work: { work: "set", ...many, total: 400_000 },
    ours: moat("everysec"),
    theirs: redis("everysec"),
    theirName: "Redis everysec",
    metric: "perSecond",
    goal: [">=", 0.6],
    pinned: true,
  },
  {
    name: "SET, one at a time, fdatasync per reply",
    work: { work: "set", ...one, total: 3000 },
    ours: moat("always"),
    theirs: redis("always"),
    theirName: "Redis always",
    metric: "perSecond",
    goal: [">=", 0.85],
    pinned: true,
  },
  {
    name: "SET, 64 connections x 16, fdatasync per reply",
    work: { work: "set", connections: 64, inFlight: 16, total: 300_000 },
    ours: moat("always"),
    theirs: redis("always"),
    theirName: "Redis always",
    metric: "perSecond",
    goal: [">=", 0.6],
    pinned: false,
  },
  {
    name: "watch: set to event, p50",
    work: { work: "watch", connections: 2, inFlight: 1, total: 10_000, keys: 1 },
    ours: moat("memory"),
    theirs: redis("memory"),
    theirName: "Redis pub/sub",
    metric: "p50Us",
    goal: ["<=", 1.4],
    pinned: true,
  },
  {
    name: "watch: 100 watchers, deliveries/s",
    work: { work: "watch", connections: 101, inFlight: 16, total: 10_000, keys: 1 },
    ours: moat("memory"),
    theirs: redis("memory"),
    theirName: "Redis pub/sub",
    metric: "perSecond",
    goal: [">=", 0.7],
    pinned: true,
  },
  {
    name: "SET, 64 in flight, beside the original",
    work: { work: "set", ...many, total: 5000 },
    ours: moat("everysec"),
    theirs: original,
    theirName: "Python original",
    metric: "perSecond",
    goal: [">=", 14],
    pinned: false,
  },
  {
    name: "GET, 64 in flight, beside the original",
    work: { work: "get", ...many, total: 20_000 },
    ours: moat("everysec"),
    theirs: original,
    theirName: "Python original",
    metric: "perSecond",
    goal: [">=", 60],
    pinned: false,
  },
];
