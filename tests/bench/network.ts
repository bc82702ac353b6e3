/**
 * The rows of the benchmark that need two servers of one network, on a broker of their own: how soon and how fast a write
 * on one is an event at a client of the other, beside two servers of the original on the same machine.
 */

import { load, type Work } from "./load.ts";
import { moatBeside, mosquitto, originalBeside, type Peer } from "./peers.ts";
import { median, type Result } from "./result.ts";

/** Two servers and their broker. */
interface Pair extends AsyncDisposable {
  readonly first: Peer;
  readonly second: Peer;
}

type StartBeside = (brokerPort: number, name: string, init: string | undefined) => Promise<Peer | undefined>;

async function openPair(start: StartBeside): Promise<Pair | undefined> {
  await using stack = new AsyncDisposableStack();
  const broker = await mosquitto();
  if (!broker) return undefined;
  stack.use(broker);
  const first = await start(broker.port, "one", "bench");
  if (!first) return undefined;
  stack.use(first);
  const second = await start(broker.port, "two", undefined);
  if (!second) return undefined;
  stack.use(second);
  const owned = stack.move();
  return { first, second, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Sets on the first server, events at a client of the second. */
function across(pair: Pair, work: Omit<Work, "work" | "connections" | "watchPort">): ReturnType<typeof load> {
  const rest = { connections: 2, watchPort: pair.second.port };
  return load(pair.first, { work: "watch", ...rest, ...work }, false);
}

const ONE = { inFlight: 1, total: 3000, keys: 100_000 };
const MANY = { inFlight: 8192, total: 200_000, keys: 1_000_000 };

/** Latency and throughput across two servers, ours and the original's in turn. */
export async function replication(): Promise<Result[]> {
  await using ours = await openPair(moatBeside);
  if (!ours) {
    console.log("bench: replication is left out: mosquitto is not installed");
    return [];
  }
  const latency = [], rate = [];
  for (let round = 0; round < 3; round++) {
    latency.push(await across(ours, ONE));
    rate.push((await across(ours, MANY)).perSecond);
  }
  await using theirs = await openPair(originalBeside);
  const their = theirs && await across(theirs, { ...ONE, total: 1000 });
  const p50Us = median(latency.map((each) => each.p50Us)), p99Us = median(latency.map((each) => each.p99Us));
  const name = "set on A to event at a client of B";
  return [
    { name: `${name}, p50`, ours: p50Us, unit: "µs", goal: ["<=", 250, "absolute"] },
    {
      name: `${name}, p50, beside the original`,
      ours: p50Us,
      theirs: their?.p50Us,
      theirName: "Python original",
      unit: "µs",
      goal: ["<=", 0.25, "ratio"],
    },
    { name: `${name}, p99`, ours: p99Us, unit: "µs", goal: ["<=", 1000, "absolute"] },
    {
      name: "replicated writes between two of ours",
      ours: median(rate),
      unit: "/s",
      goal: [">=", 120_000, "absolute"],
    },
  ];
}

/** A new server copies 100,000 entries from one that has them. */
export async function join(): Promise<Result[]> {
  const broker = await mosquitto();
  if (!broker) return [];
  await using _broker = broker;
  await using first = (await moatBeside(broker.port, "one", "bench"))!;
  const empty: number[] = [], full: number[] = [];
  for (let i = 0; i < 3; i++) {
    await using second = (await moatBeside(broker.port, `empty${i}`, undefined))!;
    empty.push(second.startMs);
  }
  const entries = 100_000;
  await load(first, { work: "fill", connections: 1, inFlight: 64, total: entries, layout: "deep" }, false);
  for (let i = 0; i < 3; i++) {
    await using second = (await moatBeside(broker.port, `full${i}`, undefined))!;
    full.push(second.startMs);
  }
  return [
    { name: "join of a new server, nothing to copy", ours: median(empty), unit: "ms", goal: ["<=", 3000, "absolute"] },
    {
      name: "join of a new server, 100,000 entries more",
      ours: median(full) - median(empty),
      unit: "ms",
      goal: ["<=", 2000, "absolute"],
    },
  ];
}
