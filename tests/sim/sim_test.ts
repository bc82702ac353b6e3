import { commandOf } from "./command.ts";
import { Coverage } from "./coverage.ts";
import { planOf } from "./plan.ts";
import { run } from "./run.ts";

/** More seeds with `MOAT_SIM_SEEDS`, others with `MOAT_SEED`. */
const first = Number(Deno.env.get("MOAT_SEED") ?? 1);
const seeds = Number(Deno.env.get("MOAT_SIM_SEEDS") ?? 200);
const limitMs = 40_000;

Deno.test("Whatever goes wrong, all nodes end alike and nothing acknowledged is lost", async () => {
  const startedMs = performance.now();
  const coverage = new Coverage();
  const sum = { seeds: 0, events: 0, acknowledged: 0 };
  for (let seed = first; seed < first + seeds; seed++) {
    if (seeds === 200 && performance.now() - startedMs > limitMs) break;
    const { world, violation } = await run(planOf({ seed }));
    if (violation !== undefined) {
      throw new Error(`${violation.message}\nRepeat it: ${commandOf({ seed })}`, { cause: violation });
    }
    sum.seeds++;
    sum.events += world.timeline.events;
    sum.acknowledged += world.ghost.acknowledged;
    coverage.add(world.coverage);
  }
  console.log(coverage.table());
  console.log(`${sum.seeds} seeds, ${sum.events} events, ${sum.acknowledged} acknowledged writes`);
});

Deno.test("One seed is one history", async () => {
  const histories = [];
  for (let i = 0; i < 2; i++) histories.push((await run(planOf({ seed: first + 1 }), true)).world.trace.lines);
  if (histories[0].join("\n") !== histories[1].join("\n")) throw new Error("Two runs of one seed differ");
});
