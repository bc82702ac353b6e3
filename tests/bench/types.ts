/**
 * The rows of the benchmark about types: what writes without a type lose by the types of others, what a check adds to a write
 * in each language, and a thousand matches beside ten. Servers are measured in turn, by the same load.
 */

import { openClient } from "../../client/mod.ts";
import { Path, type Value } from "../../wire/mod.ts";
import { load, type Work } from "./load.ts";
import { moat, type Peer } from "./peers.ts";
import { median, type Result } from "./result.ts";

const rounds = 9;
const many: Work = { work: "set", connections: 1, inFlight: 64, total: 200_000, keys: 1000 };
const checked: Work = { ...many, total: 60_000 };
const one: Work = { work: "set", connections: 1, inFlight: 1, total: 5000, keys: 1000 };

/** All of them accept the values of the load, which are bytes. */
const types: Readonly<Record<string, Value>> = {
  python: { code: 'if not (0 < len(value)): raise ValueError("empty")', good: ["abc", "x"], bad: ["", 5] },
  js: { lang: "js", code: 'if (value.length === 0) throw new RangeError("empty");', good: ["abc", "x"], bad: [""] },
  schema: { schema: { not: { type: "null" } }, good: ["abc", "x"], bad: [null] },
};

/** Stores types, and `count` matches; the last of them is for the entries of the load if `type` is given. */
async function prepare({ port }: Peer, count: number, type?: string): Promise<void> {
  await using client = await openClient({ host: "127.0.0.1", port });
  for (const [name, value] of Object.entries(types)) {
    await client.request("set_internal", { path: Path.of("type", name), value });
  }
  const match = (pattern: Path, name: string) =>
    client.request("set_internal", { path: Path.of("match").concat(pattern), value: { type: Path.of(name) } });
  for (let i = 0; i < count - (type ? 1 : 0); i++) {
    const shapes = [Path.of("house", `room${i}`, "#"), Path.of("bench", `other${i}`), Path.of("+", "+", `t${i}`)];
    await match(shapes[i % 3], "python");
  }
  if (type !== undefined) await match(Path.of("bench", "#"), type);
}

/** One figure a round from each server, in turn. */
async function measure(
  peers: readonly Peer[],
  work: Work,
  metric: "perSecond" | "p50Us",
  pinned: boolean,
): Promise<number[][]> {
  const figures: number[][] = peers.map(() => []);
  for (const peer of peers) await load(peer, work, pinned);
  for (let round = 0; round < rounds; round++) {
    for (const [i, peer] of peers.entries()) figures[i].push((await load(peer, work, pinned))[metric]);
  }
  return figures;
}

function paired(name: string, ours: number[], theirs: number[], theirName: string, least: number): Result {
  const ratios = ours.map((rate, i) => rate / theirs[i]);
  const spread: [number, number] = [Math.min(...ratios), Math.max(...ratios)];
  const figures = { ours: median(ours), theirs: median(theirs), ratio: median(ratios), spread };
  return { name, ...figures, theirName, unit: "/s", goal: [">=", least, "ratio"] };
}

/** Writes without a type, where others have one. */
export async function untyped(): Promise<Result[]> {
  await using stack = new AsyncDisposableStack();
  const start = async (count: number) => {
    const peer = stack.use((await moat("memory")({ pinned: true }))!);
    if (count > 0) await prepare(peer, count);
    return peer;
  };
  const peers = [await start(0), await start(10), await start(1000)];
  const [none, few, lots] = await measure(peers, many, "perSecond", true);
  return [
    paired("SET, 64 in flight, without a type, beside 10 matches", few, none, "no match", 0.95),
    paired("SET, 64 in flight, without a type, beside 1,000 matches", lots, none, "no match", 0.95),
  ];
}

/** What a check adds to a write. */
export async function checks(): Promise<Result[]> {
  await using plain = (await moat("memory")())!;
  const found: Result[] = [];
  for (const name of Object.keys(types)) {
    await using typed = (await moat("memory")())!;
    await prepare(typed, 10, name);
    const [free, bound] = await measure([plain, typed], checked, "perSecond", false);
    const added = median(bound.map((rate, i) => 1e6 / rate - 1e6 / free[i]));
    found.push({
      name: `added to a SET by a check (${name}), 64 in flight`,
      ours: added,
      unit: "µs",
      goal: ["<=", 5, "absolute"],
    });
    const [before, after] = await measure([plain, typed], one, "p50Us", false);
    const alone = median(after.map((time, i) => time - before[i]));
    found.push({
      name: `added to a SET by a check (${name}), one at a time`,
      ours: alone,
      unit: "µs",
      goal: ["<=", 30, "absolute"],
    });
  }
  return found;
}

/** Many matches beside few, for writes that have a type. */
export async function matches(): Promise<Result[]> {
  await using few = (await moat("memory")())!;
  await using lots = (await moat("memory")())!;
  await prepare(few, 10, "js");
  await prepare(lots, 1000, "js");
  const [ten, thousand] = await measure([few, lots], checked, "perSecond", false);
  return [paired("SET, 64 in flight, with a type, 1,000 matches", thousand, ten, "10 matches", 0.9)];
}
