/**
 * `deno task sim`: runs seeds, prints what they met, and for the first that fails a command that repeats it.
 *
 * | option | |
 * | --- | --- |
 * | `--seed N` | the first seed; default 1 |
 * | `--seeds N` | how many; default 100, or 1 with `--seed` |
 * | `--nodes N` | so many nodes; default 3 to 7, by the seed |
 * | `--trace` | prints what happens, a line per event per node |
 * | `--shrink` | looks for a smaller run that fails, too |
 * | `--only 3,17,…` | only these steps of the plan |
 * | `--without loss,…` | without these faults |
 * | `--all` | goes on after a failure |
 * | `--script NAME` | a written run instead; without NAME: all of them |
 *
 * @module
 */

import { commandOf } from "./command.ts";
import { Coverage, type Fault } from "./coverage.ts";
import { planOf, type PlanOptions } from "./plan.ts";
import { portrait } from "./portrait.ts";
import { type Outcome, run } from "./run.ts";
import { runScript, scripts } from "./scripts.ts";
import { shrink } from "./shrink.ts";

const USAGE = `deno task sim [OPTIONS]

Runs many servers on one seeded clock, network and disk, where everything fails at times, and checks what must hold.

  --seed N          the first seed (1)
  --seeds N         how many (100, or 1 with --seed)
  --nodes N         so many nodes (3 to 7, by the seed)
  --trace           print what happens, a line per event and node
  --shrink          look for a smaller run that fails, too
  --only 3,17       only these steps of the plan
  --without loss    without these faults, separated by commas
  --all             go on after a failure
  --script [NAME]   a written run instead; without NAME: all of them
  --help            show this`;

/** Every option's name. */
const OPTIONS = ["seed", "seeds", "nodes", "trace", "shrink", "only", "without", "all", "script", "help"];

/** What the command line says. */
interface Arguments {
  readonly options: Map<string, string>;
  number(name: string): number | undefined;
  list(name: string): string[];
}

function readArguments(words: readonly string[]): Arguments {
  const options = new Map<string, string>();
  for (let i = 0; i < words.length; i++) {
    const [name, joined] = words[i].split("=");
    const next = words[i + 1];
    options.set(name.replace(/^--/, ""), joined ?? (next === undefined || next.startsWith("--") ? "" : words[++i]));
  }
  return {
    options,
    number: (name) => options.has(name) ? Number(options.get(name)) : undefined,
    list: (name) => (options.get(name) ?? "").split(",").filter((word) => word !== ""),
  };
}

async function fail(options: PlanOptions, outcome: Outcome, isShrunk: boolean): Promise<void> {
  console.log(`seed ${options.seed} FAILS: ${outcome.violation!.message}`);
  console.log(`  ${commandOf(options)}`);
  if (!isShrunk) return;
  const small = await shrink(options, outcome.violation!.law);
  const again = await run(planOf(small));
  console.log(`  shrunk: ${again.violation?.message}`);
  console.log(`  ${commandOf(small)}`);
}

/** Runs written runs. */
async function runScripts(names: readonly string[], isTraced: boolean): Promise<number> {
  let failed = 0;
  for (const name of names) {
    const { script, violation } = await runScript(name, isTraced);
    if (isTraced) console.log(script.world.trace.lines.join("\n"));
    if (isTraced && violation) console.log(portrait(script.world));
    console.log(`${violation === undefined ? "ok   " : "FAILS"} ${name}${violation ? `: ${violation.message}` : ""}`);
    if (violation !== undefined) failed++;
  }
  return failed > 0 ? 1 : 0;
}

async function main(words: readonly string[]): Promise<number> {
  const { options, number, list } = readArguments(words);
  const unknown = [...options.keys()].find((name) => !OPTIONS.includes(name));
  const notNumber = ["seed", "seeds", "nodes"].find((name) => options.has(name) && !Number.isInteger(number(name)));
  if (unknown !== undefined || notNumber !== undefined) {
    console.error(unknown !== undefined ? `No such option: --${unknown}` : `--${notNumber} wants an integer`);
    console.error(USAGE);
    return 2;
  }
  if (options.has("help")) return console.log(USAGE), 0;
  if (options.has("script")) {
    const name = options.get("script")!;
    return await runScripts(name === "" ? Object.keys(scripts) : [name], options.has("trace"));
  }
  const first = number("seed") ?? 1;
  const count = number("seeds") ?? (options.has("seed") ? 1 : 100);
  const coverage = new Coverage();
  const sum = { seeds: 0, events: 0, acknowledged: 0, failed: 0, slowestMs: 0 };
  const startedMs = performance.now();
  for (let seed = first; seed < first + count; seed++) {
    const only = options.has("only") ? new Set(list("only").map(Number)) : undefined;
    const planOptions = { seed, nodes: number("nodes"), without: list("without") as Fault[], only };
    const outcome = await run(planOf(planOptions), options.has("trace"));
    const { world, violation, convergedMs } = outcome;
    sum.seeds++;
    sum.events += world.timeline.events;
    sum.acknowledged += world.ghost.acknowledged;
    if (convergedMs > sum.slowestMs) sum.slowestMs = convergedMs;
    coverage.add(world.coverage);
    if (options.has("trace")) console.log(world.trace.lines.join("\n"));
    if (violation === undefined) continue;
    sum.failed++;
    if (options.has("trace")) console.log(portrait(world));
    await fail(planOptions, outcome, options.has("shrink"));
    if (!options.has("all")) break;
  }
  if (count > 1) console.log(coverage.table());
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(
    `${sum.seeds} seeds, ${sum.failed} failed, ${sum.events} events, ${sum.acknowledged} acknowledged writes, ` +
      `agreed within ${sum.slowestMs / 1000} s of virtual time, ${seconds} s`,
  );
  return sum.failed > 0 ? 1 : 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
