/**
 * The rows of the benchmark that need two servers of one network, on a broker of their own: how soon and how fast a write
 * on one is an event at a client of the other, beside two servers of the original on the same machine.
 */

import { load, type Work } from "./load.ts";
import { compatBeside, moatBeside, mosquitto, originalBeside, type Peer } from "./peers.ts";
import { median, ratios, type Result } from "./result.ts";

/** Two servers and their broker. */
interface Pair extends AsyncDisposable {
  readonly broker: Peer;
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
  return { broker, first, second, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

type Amount = Pick<Work, "inFlight" | "total" | "keys">;

/** Sets on the first server, events at a client of the second. */
function across(pair: Pair, work: Amount): ReturnType<typeof load> {
  return load(pair.first, { work: "watch", connections: 2, watchPort: pair.second.port, ...work }, false);
}

const ONE: Amount = { inFlight: 1, total: 3000, keys: 100_000 };
const FEW: Amount = { ...ONE, total: 1000 };
const MANY: Amount = { inFlight: 8192, total: 200_000, keys: 1_000_000 };
const ROUNDS = 5;

/** How soon a set on one is an event at the other, ours and the original's in turn. */
export async function hop(): Promise<Result[]> {
  await using ours = await openPair(moatBeside);
  if (!ours) return leftOut();
  await using theirs = await openPair(originalBeside);
  await across(ours, ONE); // warm
  if (theirs) await across(theirs, FEW);
  const seen = { p50: [] as number[], p99: [] as number[], their: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    const { p50Us, p99Us } = await across(ours, ONE);
    seen.p50.push(p50Us);
    seen.p99.push(p99Us);
    if (theirs) seen.their.push((await across(theirs, FEW)).p50Us);
  }
  const name = "set on A to event at a client of B";
  const [p50Us, p99Us] = [median(seen.p50), median(seen.p99)];
  const beside: Result = {
    name: `${name}, p50, beside the original`,
    ours: p50Us,
    theirs: median(seen.their),
    theirName: "Python original",
    unit: "µs",
    goal: ["<=", 0.25, "ratio"],
    ...ratios(seen.p50, seen.their),
  };
  return [
    { name: `${name}, p50`, ours: p50Us, unit: "µs", goal: ["<=", 250, "absolute"] },
    ...(theirs ? [beside] : []),
    { name: `${name}, p99`, ours: p99Us, unit: "µs", goal: ["<=", 1000, "absolute"] },
  ];
}

function leftOut(): [] {
  console.log("bench: replication is left out: mosquitto is not installed");
  return [];
}

/** How many sets on one become events at a client of the other. */
export async function writes(): Promise<Result[]> {
  await using pair = await openPair(moatBeside);
  if (!pair) return leftOut();
  const rates = await ratesOf(() => across(pair, MANY));
  return [rateResult("replicated writes between two of ours", rates, 120_000)];
}

/** The same when every change goes out in the original's form, too: at a client of ours, and at whoever hears the broker. */
export async function compatWrites(): Promise<Result[]> {
  await using pair = await openPair(compatBeside);
  if (!pair) return leftOut();
  const toClient = await ratesOf(() => across(pair, MANY));
  const broker = { watchPort: pair.broker.port, watchTopic: "moat/kv/update" };
  const toBroker = await ratesOf(() => load(pair.first, { work: "watch", connections: 2, ...broker, ...MANY }, false));
  const name = "replicated writes in the original's form";
  return [
    rateResult(`${name}, at a client of ours`, toClient, 40_000),
    rateResult(`${name}, at a subscriber`, toBroker, 40_000),
  ];
}

async function ratesOf(run: () => ReturnType<typeof load>): Promise<number[]> {
  await run(); // warm
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) rates.push((await run()).perSecond);
  return rates;
}

function rateResult(name: string, rates: readonly number[], least: number): Result {
  return { name, ours: median(rates), unit: "/s", goal: [">=", least, "absolute"] };
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
