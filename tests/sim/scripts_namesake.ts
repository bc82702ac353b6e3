/**
 * Written runs: machines of one name, and nodes that come back.
 *
 * @module
 */

import type { ScriptBody } from "./script.ts";

/** See the module. */
export const namesakeScripts: { readonly [name: string]: ScriptBody } = {
  "a fresh machine of a taken name, started again before anybody hears it": async (script) => {
    await script.start("BD");
    for (let i = 0; i < 5; i++) script.set("B", "q", i);
    await script.run(1000);
    script.set("D", "q", "on top of what B wrote");
    await script.run(1000);
    script.world.ghost.tainted.add("B");
    script.split("BD V");
    // Without a boot id a kill cannot be told from a power cut: it goes on under a new writer name.
    await script.join("V", { name: "B", hasBootId: false });
    const alone = script.set("V", "q", "written alone");
    await script.run(5000);
    script.node("V").kill("kill");
    await script.up("V");
    await script.end();
    const again = script.world.ghost.at("q").find((event) => event.machine === "V" && event !== alone);
    script.expect(again !== undefined && again.value === alone.value, "V writes it again under its new name");
    for (const machine of "BDV") {
      script.expect(script.get(machine, "q") === "on top of what B wrote", `${machine} shows what D wrote`);
      script.expect(script.isInConflicts(machine, again!), `V's write is in the conflict list of ${machine}`);
    }
  },

  "an image of a disk with a write that was refused": async (script) => {
    await script.start("AB", { fsync: "always" });
    script.set("A", "p", 1);
    await script.run(1000);
    const { disk } = script.node("A");
    // The write is in the file; syncing it fails, and so does taking it back.
    disk.failAt = disk.steps + 1;
    disk.failures = 2;
    const open = script.set("A", "q", "refused");
    script.expect(open.acknowledged === "no", "A's client hears that it is not safe");
    await script.stop("A");
    const image = script.node("A").disk.twin();
    script.world.ghost.tainted.add("A");
    script.world.checks.hasReturned = true;
    script.world.add({ ...script.node("A").options, machine: "I" }, image).takeImageOf(script.node("A"));
    await script.up("I");
    script.expect(script.has("I", open), "the image has it");
    await script.run(5000);
    await script.end();
    for (const machine of "ABI") script.expect(script.get(machine, "q") === "refused", `${machine} has it, too`);
  },

  "forgotten node returns with two writes on a purged entry": async (script) => {
    await script.start("ABF");
    script.set("A", "p", "old");
    await script.run(3000);
    script.split("AB F");
    script.world.checks.hasReturned = true;
    const { life } = script.node("A");
    life!.enter(() => life!.turn(() => life!.replicator.forget("F")));
    script.set("A", "p", undefined);
    await script.until("p is purged", () => [..."AB"].every((machine) => !script.hasTrace(machine, "p")));
    // Both rank above the deletion.
    for (let i = 0; i < 10; i++) script.set("F", "r", i);
    script.set("F", "p", "late");
    const last = script.set("F", "p", "later");
    await script.run(1000);
    await script.end();
    for (const machine of "ABF") {
      script.expect(script.get(machine, "p") === undefined, `p is not silently revived on ${machine}`);
      script.expect(script.isInConflicts(machine, last), `F's last write is in the conflict list of ${machine}`);
    }
  },
};
