import { assertEquals, assertTrue } from "../support/assert.ts";
import { commandOf } from "./command.ts";
import { surprises } from "./impossible.ts";
import { planOf } from "./plan.ts";
import { run } from "./run.ts";
import { runSeries } from "./series.ts";
import { Tally } from "./tally.ts";

/** More seeds with `MOAT_SIM_SEEDS`, others with `MOAT_SEED`. */
const usualCount = 2500;
const first = Number(Deno.env.get("MOAT_SEED") ?? 1);
const count = Number(Deno.env.get("MOAT_SIM_SEEDS") ?? usualCount);

Deno.test("Whatever goes wrong, all nodes end alike and nothing acknowledged is lost", async () => {
  const tally = new Tally();
  const results = await runSeries({ first, count, done: (result) => tally.add(result) });
  console.log(tally.coverage.table());
  console.log(`${tally}`);
  const failure = results.find(({ violation }) => violation !== undefined);
  if (failure) throw new Error(`${failure.violation!.message}\nRepeat it: ${commandOf(failure)}`);
  // Fewer seeds need not meet everything.
  if (count < usualCount) return;
  assertEquals(surprises(tally.coverage), []);
  assertTrue(tally.disagreed * 10 < tally.mixed, "nearly all originals end with the same values");
});

Deno.test("One seed is one history", async () => {
  const histories = [];
  for (let i = 0; i < 2; i++) histories.push((await run(planOf({ seed: first + 1 }), true)).world.trace.lines);
  if (histories[0].join("\n") !== histories[1].join("\n")) throw new Error("Two runs of one seed differ");
});
