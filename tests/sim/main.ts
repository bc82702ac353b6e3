/**
 * `deno task sim`: runs seeds, prints what they met, and for the first that fails a command that repeats it. Options:
 * {@linkcode usage}.
 *
 * @module
 */

import { Arguments, usage, UsageError } from "./arguments.ts";
import { commandOf } from "./command.ts";
import { surprises } from "./impossible.ts";
import { planOf, type PlanOptions } from "./plan.ts";
import { planText, portrait, slackText } from "./portrait.ts";
import { run } from "./run.ts";
import { runScript, scripts } from "./scripts.ts";
import { runSeries } from "./series.ts";
import { shrink } from "./shrink.ts";
import { type Result, resultOf, Tally } from "./tally.ts";

/** From so many seeds on everything should have been met. */
const manySeeds = 2000;

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

/** Runs one seed, and says all about it. */
async function runAloud(options: PlanOptions, isTraced: boolean): Promise<Result> {
  const plan = planOf(options);
  const outcome = await run(plan, isTraced);
  if (isTraced) console.log(outcome.world.trace.lines.join("\n"));
  if (isTraced && outcome.violation) console.log(portrait(outcome.world));
  console.log(planText(plan));
  console.log(slackText(outcome.world));
  return resultOf(options.seed, outcome);
}

/** Shows on a terminal how far it is. */
function progress(tally: Tally, count: number, isOver: boolean = false): void {
  if (!Deno.stderr.isTerminal()) return;
  const text = isOver ? "" : `${tally.seeds} of ${count} seeds, ${tally.failed} failed`;
  Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K${text}`));
}

async function runSeeds(args: Arguments): Promise<number> {
  const first = args.number("seed") ?? 1;
  const count = args.number("seeds") ?? (args.has("seed") ? 1 : 100);
  const tally = new Tally();
  const startedMs = performance.now();
  const done = (result: Result) => {
    tally.add(result);
    progress(tally, count);
  };
  const { plan } = args;
  const goesOn = args.has("all");
  let results: Result[] = [];
  if (count > 1 && !args.has("trace")) {
    results = await runSeries({ first, count, plan, goesOn, workers: args.number("jobs"), done });
  } else {
    for (let seed = first; seed < first + count && (goesOn || tally.failed === 0); seed++) {
      results.push(await runAloud({ ...plan, seed }, args.has("trace")));
      done(results.at(-1)!);
    }
  }
  progress(tally, count, true);
  const failures = results.filter(({ violation }) => violation !== undefined);
  for (const result of goesOn ? failures : failures.slice(0, 1)) {
    await tellFailure({ ...plan, seed: result.seed }, result, args.has("shrink"));
  }
  for (const { seed, disagreement } of results) if (disagreement) console.log(`Note: seed ${seed}: ${disagreement}`);
  if (count > 1) console.log(tally.coverage.table());
  if (count >= manySeeds) { for (const surprise of surprises(tally.coverage)) console.log(`Note: ${surprise}`); }
  console.log(`${tally}, ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  return tally.failed > 0 ? 1 : 0;
}

async function tellFailure(options: PlanOptions, { violation }: Result, isShrunk: boolean): Promise<void> {
  console.log(`seed ${options.seed} FAILS: ${violation!.message}`);
  console.log(`  ${commandOf(options)}`);
  if (!isShrunk) return;
  const small = await shrink(options, violation!.law);
  const again = await run(planOf(small));
  console.log(`  shrunk: ${again.violation?.message}`);
  console.log(`  ${commandOf(small)}`);
}

async function main(words: readonly string[]): Promise<number> {
  const args = new Arguments(words);
  if (args.has("help")) return console.log(usage), 0;
  const script = args.text("script");
  if (script === undefined) return await runSeeds(args);
  const names = script === "" ? Object.keys(scripts) : [script];
  if (scripts[names[0]] === undefined) throw new UsageError(`No such run: ${script}`);
  return await runScripts(names, args.has("trace"));
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n\n${usage}`);
    Deno.exit(2);
  }
}
