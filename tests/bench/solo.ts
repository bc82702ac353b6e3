/**
 * The rows of the benchmark that are not a plain pairing under load: memory and pauses of a million entries, restore,
 * a large tree, start-up, our client library beside the clients of others.
 */

import { load } from "./load.ts";
import { moat, type Peer, redis, residentBytes } from "./peers.ts";
import { median, ratios, type Result } from "./result.ts";
import { fdatasyncLoop, npmClients, runDeno } from "./clients.ts";

const MILLION = 1_000_000;

/** Memory per entry and the worst reply while a million small entries arrive, at depth 4 and below one entry. */
export async function fill(layout: "deep" | "wide"): Promise<Result[]> {
  const measured = async (peer: Peer | undefined) => {
    if (!peer) return undefined;
    await using server = peer;
    const before = await residentBytes(server.pid);
    const work = { work: "fill", connections: 1, inFlight: 64, total: MILLION, valueBytes: 8, layout } as const;
    const run = await load(server, work, true);
    return { bytes: (await residentBytes(server.pid) - before) / MILLION, maxMs: run.maxUs / 1000 };
  };
  const ours = await measured(await moat("memory")({ pinned: true }));
  const theirs = await measured(await redis("memory")({ pinned: true }));
  const where = layout === "deep" ? "at depth 4" : "below one entry";
  return [
    {
      name: `memory per entry, 1 M small entries ${where}`,
      ours: ours!.bytes,
      theirs: theirs?.bytes,
      theirName: "Redis",
      unit: "B",
      goal: ["<=", 250, "absolute"],
    },
    {
      name: `worst reply while filling them`,
      ours: ours!.maxMs,
      theirs: theirs?.maxMs,
      theirName: "Redis",
      unit: "ms",
      goal: ["<=", 30, "absolute"],
    },
  ];
}

/** Start from a directory that holds a million entries. */
export async function restore(): Promise<Result[]> {
  const folder = await Deno.makeTempDir({ prefix: "moat-kv-bench-" });
  try {
    {
      await using server = (await moat("no")({ folder }))!;
      await load(server, { work: "fill", connections: 1, inFlight: 64, total: MILLION, layout: "deep" }, false);
    }
    const times: number[] = [];
    for (let i = 0; i < 3; i++) {
      await using server = (await moat("no")({ folder }))!;
      times.push(server.startMs);
    }
    const empty: number[] = [];
    for (let i = 0; i < 3; i++) {
      await using server = (await moat("no")())!;
      empty.push(server.startMs);
    }
    const perSecond = MILLION / (median(times) - median(empty)) * 1000;
    return [
      {
        name: "restore, 1 M records of 100 B values",
        ours: perSecond,
        unit: "records/s",
        goal: [">=", 1e6, "absolute"],
      },
      {
        name: "server listening after start, empty state",
        ours: median(empty),
        unit: "ms",
        goal: ["<=", 120, "absolute"],
      },
    ];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A tree of 10,000 entries read whole. */
export async function tree(): Promise<Result[]> {
  await using server = (await moat("memory")({ pinned: true }))!;
  await load(server, { work: "fill", connections: 1, inFlight: 64, total: 10_000 }, true);
  const run = await load(server, { work: "tree", connections: 1, inFlight: 1, total: 50 }, true);
  return [{
    name: "get_tree of 10,000 entries, C client",
    ours: run.p50Us / 1000,
    unit: "ms",
    goal: ["<=", 5, "absolute"],
  }];
}

/** Our client library beside those of others, 64 puts at once, all under Deno. */
export async function clients(): Promise<Result[]> {
  const rates = await npmClients();
  const name = "client library, 64 puts at once";
  const ours = median(rates.ours);
  const results: Result[] = [];
  for (const [theirName, theirs] of Object.entries(rates.theirs)) {
    const goal = theirName.startsWith("ioredis") ? [">=", 1, "ratio"] as const : undefined;
    results.push({
      name,
      ours,
      theirs: median(theirs),
      theirName,
      unit: "puts/s",
      goal,
      ...ratios(rates.ours, theirs),
    });
  }
  if (results.length === 0) results.push({ name, ours, unit: "puts/s" });
  return results;
}

/** One read on the command line beside an empty program. */
export async function commandLine(): Promise<Result[]> {
  await using server = (await moat("memory")())!;
  const empty: number[] = [], read: number[] = [];
  const root = new URL("../../mod.ts", import.meta.url).pathname;
  for (let i = 0; i < 9; i++) {
    empty.push(await runDeno(["run", new URL("./empty.ts", import.meta.url).pathname]));
    read.push(await runDeno(["run", "-A", root, "kv", "-p", String(server.port), "data", ":"]));
  }
  return [{
    name: "command line, one read",
    ours: median(read),
    theirs: median(empty),
    theirName: "empty deno run",
    unit: "ms",
    goal: ["<=", 5, "ratio"],
  }];
}

/** The dependency-free anchor of durable writes. */
export async function durable(): Promise<Result[]> {
  await using server = (await moat("always")({ pinned: true }))!;
  const run = await load(server, { work: "set", connections: 1, inFlight: 1, total: 2000 }, true);
  return [{
    name: "SET, one at a time, fdatasync per reply",
    ours: run.perSecond,
    theirs: await fdatasyncLoop(),
    theirName: "bare write+fdatasync",
    unit: "/s",
    goal: [">=", 0.5, "ratio"],
  }];
}
