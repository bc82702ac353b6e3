/**
 * `deno task bench`: measures this server beside the peers that are installed, in one run: same work, same load
 * generator, rounds interleaved, medians of the ratios. Prints one table and writes JSON.
 *
 * Options: `--rounds N` (5), `--only TEXT` (rows whose name contains it), `--json FILE` (bench.json), `--help`.
 */

import { parseArgs } from "node:util";
import { load } from "./load.ts";
import { median, ratios, type Result, table } from "./result.ts";
import { type Row, rows } from "./rows.ts";
import { logins } from "./logins.ts";
import * as network from "./network.ts";
import * as parted from "./parted.ts";
import * as rights from "./rights.ts";
import * as sandbox from "./sandbox.ts";
import * as solo from "./solo.ts";
import * as types from "./types.ts";

const USAGE = "Usage: deno task bench [--rounds N] [--only TEXT] [--json FILE]";

/** Name → what measures it. */
const SOLO: readonly [string, () => Promise<Result[]>][] = [
  ["memory and pauses, depth 4", () => solo.fill("deep")],
  ["memory and pauses, one entry", () => solo.fill("wide")],
  ["restore and start", solo.restore],
  ["get_tree of 10,000 entries", solo.tree],
  ["client library", solo.clients],
  ["command line", solo.commandLine],
  ["fdatasync anchor", solo.durable],
  ["replication, latency", network.hop],
  ["replication, rate", network.writes],
  ["replication, rate in the original's form", network.compatWrites],
  ["join", network.join],
  ["repair of a lost message", parted.repair],
  ["healing of a split", parted.heal],
  ["traffic of healing", parted.traffic],
  ["access rules", rights.bound],
  ["login", logins],
  ["types, untyped writes", types.untyped],
  ["types, checks", types.checks],
  ["types, matches", types.matches],
  ["sandbox, checks", sandbox.checks],
  ["sandbox, respawn", sandbox.respawn],
  ["sandbox, worst reply", sandbox.worstReply],
];

async function pair(row: Row, rounds: number): Promise<Result | undefined> {
  await using ours = await row.ours({ pinned: row.pinned });
  await using theirs = await row.theirs({ pinned: row.pinned });
  if (!ours) throw new Error("our own server cannot be started");
  if (!theirs) return void console.log(`bench: ${row.name}: ${row.theirName} is not installed`);
  const seen = { ours: [] as number[], theirs: [] as number[] };
  const before = row.before ?? { ...row.work, work: row.work.work === "get" ? "set" : row.work.work };
  for (const peer of [ours, theirs]) await load(peer, before, row.pinned); // warm, and fill
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 ? [theirs, ours] : [ours, theirs];
    const figures = new Map<unknown, number>();
    for (const peer of order) figures.set(peer, (await load(peer, row.work, row.pinned))[row.metric]);
    seen.ours.push(figures.get(ours)!);
    seen.theirs.push(figures.get(theirs)!);
  }
  return {
    name: row.name,
    ours: median(seen.ours),
    theirs: median(seen.theirs),
    theirName: row.theirName,
    unit: row.metric === "perSecond" ? "/s" : "µs",
    goal: row.goal && [...row.goal, "ratio"],
    ...ratios(seen.ours, seen.theirs),
  };
}

function readOptions(): { rounds: string; only: string; json: string; help: boolean } {
  try {
    return parseArgs({
      options: {
        rounds: { type: "string", default: "5" },
        only: { type: "string", default: "" },
        json: { type: "string", default: "bench.json" },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    Deno.exit(2);
  }
}

async function main(): Promise<void> {
  const values = readOptions();
  if (values.help) return console.log(USAGE);
  const results: Result[] = [];
  for (const row of rows.filter((row) => `${row.name} ${row.theirName}`.includes(values.only))) {
    console.error(`bench: ${row.name} (${row.theirName}) …`);
    const result = await pair(row, Number(values.rounds));
    if (result) results.push(result);
  }
  for (const [name, measure] of SOLO.filter(([name]) => name.includes(values.only))) {
    console.error(`bench: ${name} …`);
    results.push(...await measure());
  }
  console.log(table(results));
  await Deno.writeTextFile(values.json, JSON.stringify({ date: new Date().toISOString(), results }, null, 2) + "\n");
}

await main();
