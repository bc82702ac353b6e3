/**
 * Written runs with servers that follow the original's rules.
 *
 * @module
 */

import { RangeSet } from "../../server/core/range_set.ts";
import type { ScriptBody } from "./script.ts";

/** Until the elections of all have begun. */
const electedMs = 60_000;

/** See the module. */
export const mixedScripts: { readonly [name: string]: ScriptBody } = {
  "an original is not flooded": async (script) => {
    script.world.addOriginal("o");
    await script.start("AB");
    await script.run(electedMs);
    for (let i = 0; i < 300; i++) for (const machine of "AB") script.set(machine, `many.${machine}${i}`, i);
    await script.run(electedMs);
    const [original] = script.world.originals;
    script.expect(original.rules.death === undefined, `it lives: ${original.rules.death}`);
    script.expect(original.get("many.A299") === 299 && original.get("many.B299") === 299, "it has everything");
    await script.end();
  },

  "delete against concurrent set at an original": async (script) => {
    script.world.addOriginal("o");
    await script.start("AB");
    await script.run(electedMs);
    script.set("A", "p", "old");
    const [original] = script.world.originals;
    await script.until("the original has p", () => original.get("p") === "old");
    script.split("AB o");
    script.set("A", "q", 1);
    script.set("A", "p", undefined);
    original.enter(() => original.rules.set("p", "new"));
    await script.run(electedMs);
    await script.end();
    const shown = original.get("p");
    for (const machine of "AB") script.expect(script.get(machine, "p") === shown, `${machine} shows ${shown}, too`);
  },
  "an original restarted with -a answers known": async (script) => {
    script.world.addOriginal("o");
    await script.start("AB");
    await script.run(electedMs);
    const [{ rules }] = script.world.originals;
    script.only((from, _to, { kind }) => from !== "A" || kind === "have");
    const event = script.set("A", "p", 1);
    await script.run(2000);
    script.split("Bo A");
    // `-a`: whatever is missing counts as superseded.
    rules.node("A").tick = event.tick;
    rules.forget("A", RangeSet.range(1, event.tick));
    await script.run(3 * electedMs);
    await script.end();
    script.expect(script.get("B", "p") === 1, "B does not lose what only A has, on the original's word");
  },
};
