/**
 * The rows of the benchmark that pair one server with another under the same load. A ratio is ours to theirs in the same
 * round; the goal is the least (rates) or the most (times) that we want to see as the median of the rounds.
 */

import type { Load, Work } from "./load.ts";
import { echo, moat, mosquitto, original, redis, type Starter } from "./peers.ts";

/** One pairing. */
export interface Row {
  readonly name: string;
  readonly work: Work;
  readonly ours: Starter;
  readonly theirs: Starter;
  readonly theirName: string;
  readonly metric: keyof Load;
  /** `[">=", 0.8]`: the ratio ours/theirs wanted; undefined: only for comparison. */
  readonly goal?: readonly [">=" | "<=", number];
  /** Server and client on one processor: the least noisy placement. */
  readonly pinned: boolean;
  /** What is done once before the rounds; default: the same work, as sets. */
  readonly before?: Work;
}

/** Who is beside ours, and how it is told in the table. */
type Beside = readonly [ours: Starter, theirs: Starter, theirName: string];

const besideEcho: Beside = [moat("memory"), echo, "bare Deno echo"];
const besideRedis: Beside = [moat("memory"), redis("memory"), "Redis"];
const besidePubSub: Beside = [moat("memory"), redis("memory"), "Redis pub/sub"];
const besideMosquitto: Beside = [moat("memory"), mosquitto, "mosquitto, QoS 0"];
const besideEverysec: Beside = [moat("everysec"), redis("everysec"), "Redis everysec"];
const besideAlways: Beside = [moat("always"), redis("always"), "Redis always"];
const besideOriginal: Beside = [moat("everysec"), original, "Python original"];

const one = { connections: 1, inFlight: 1 };
const many = { connections: 1, inFlight: 64 };
const oneWatch: Work = { work: "watch", connections: 2, inFlight: 1, total: 10_000, keys: 1 };
const manyWatch: Work = { work: "watch", connections: 101, inFlight: 16, total: 10_000, keys: 1 };
const resident: Work = { work: "set", ...many, total: 300_000, keys: 1_000_000, layout: "deep" };

function rate(name: string, work: Work, beside: Beside, least: number | undefined, more: Partial<Row> = {}): Row {
  return row(name, work, beside, "perSecond", least === undefined ? undefined : [">=", least], more);
}

function time(name: string, work: Work, beside: Beside, most: number | undefined): Row {
  return row(name, work, beside, "p50Us", most === undefined ? undefined : ["<=", most], {});
}

function row(
  name: string,
  work: Work,
  [ours, theirs, theirName]: Beside,
  metric: keyof Load,
  goal: Row["goal"],
  more: Partial<Row>,
): Row {
  return { name, work, ours, theirs, theirName, metric, goal, pinned: true, ...more };
}

const apart = { pinned: false };

/** All pairings, in the order in which they are printed. */
export const rows: readonly Row[] = [
  rate("GET, one at a time", { work: "get", ...one, total: 30_000 }, besideEcho, 0.8),
  rate("SET, one at a time, no log", { work: "set", ...one, total: 30_000 }, besideEcho, 0.8),
  rate("GET, 64 in flight", { work: "get", ...many, total: 600_000 }, besideRedis, 0.55),
  rate("SET, 64 in flight, no log", { work: "set", ...many, total: 600_000 }, besideRedis, 0.45),
  rate("SET, 64 in flight, over 1 M resident entries", resident, besideRedis, 0.5, {
    before: { ...resident, work: "fill", total: 1_000_000 },
  }),
  rate("SET, 64 in flight, in the log before the reply", { work: "set", ...many, total: 400_000 }, besideEverysec, 0.6),
  rate("SET, one at a time, fdatasync per reply", { work: "set", ...one, total: 3000 }, besideAlways, 0.85),
  rate(
    "SET, 64 connections x 16, fdatasync per reply",
    { work: "set", connections: 64, inFlight: 16, total: 300_000 },
    besideAlways,
    0.6,
    apart,
  ),
  time("watch: set to event, p50", oneWatch, besidePubSub, 1.4),
  time("watch: set to event, p50", oneWatch, besideMosquitto, undefined),
  rate("watch: 64 in flight, deliveries/s", { ...oneWatch, inFlight: 64, total: 100_000 }, besideMosquitto, undefined),
  rate("watch: 100 watchers, deliveries/s", manyWatch, besidePubSub, 0.7),
  rate("watch: 100 watchers, deliveries/s", manyWatch, besideMosquitto, undefined),
  rate("SET, 64 in flight, beside the original", { work: "set", ...many, total: 5000 }, besideOriginal, 14, apart),
  rate("GET, 64 in flight, beside the original", { work: "get", ...many, total: 20_000 }, besideOriginal, 60, apart),
];
