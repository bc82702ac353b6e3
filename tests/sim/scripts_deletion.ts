/**
 * Written runs: what is deleted stays so, and nothing is purged that somebody may still have.
 *
 * @module
 */

import { neverSynced, type Script, type ScriptBody, syncedMs } from "./script.ts";

/** Sets `p` at the first machine, and waits until all have it on their disks. */
async function setEverywhere(script: Script, machines: string): Promise<void> {
  script.set(machines[0], "p", "old");
  await script.until("all have p", () => [...machines].every((machine) => script.get(machine, "p") === "old"));
  await script.run(syncedMs);
}

/** Waits until nobody remembers `p`. */
function untilPurged(script: Script, machines: string): Promise<void> {
  return script.until("p is purged", () => [...machines].every((machine) => !script.hasTrace(machine, "p")));
}

/** See the module. */
export const deletionScripts: { readonly [name: string]: ScriptBody } = {
  "late copy after purge": async (script) => {
    await script.start("ABC");
    const copies: (() => void)[] = [];
    script.world.network.overhear = (_from, to, { kind }, again) =>
      void (kind === "update" && to !== "A" && copies.push(again));
    await setEverywhere(script, "ABC");
    script.world.network.overhear = () => {};
    script.set("B", "p", undefined);
    await untilPurged(script, "ABC");
    for (const again of copies) again();
    await script.end();
    script.expect(copies.length > 0 && "ABC".split("").every((m) => script.get(m, "p") === undefined), "p stays away");
  },

  "member known to one side only": async (script) => {
    await script.start("PQ");
    await setEverywhere(script, "PQ");
    script.split("P QM");
    await script.join("M");
    await script.until("M has p", () => script.get("M", "p") === "old");
    await script.run(10_000);
    script.split("P Q M");
    script.set("M", "p", "older");
    await script.stop("M");
    script.set("P", "q", 1);
    script.set("P", "p", undefined);
    script.split("PQ");
    await script.run(40_000);
    script.expect(script.hasTrace("P", "p") && script.hasTrace("Q", "p"), "nobody purges before M is asked");
    await script.up("M");
    await script.end();
  },

  "confirmation lost with the tail": async (script) => {
    await script.start("AB");
    await script.join("M", { fsync: neverSynced });
    await script.run(30_000);
    await setEverywhere(script, "ABM");
    const old = script.set("M", "q", 1, "disk");
    await script.until("all have q", () => [..."ABM"].every((machine) => script.has(machine, old)));
    const gone = script.set("A", "p", undefined);
    await script.until("M has the deletion", () => script.has("M", gone));
    await script.run(20_000);
    script.node("M").powerCut({}, "power cut");
    await script.up("M");
    await script.end();
    for (const machine of "ABM") script.expect(script.get(machine, "p") === undefined, `p is deleted on ${machine}`);
  },

  "joiner between copy and confirmation": async (script) => {
    await script.start("PB");
    await setEverywhere(script, "PB");
    script.split("P B");
    script.set("P", "p", undefined);
    script.split("P BN");
    await script.join("N");
    await script.until("N has p", () => script.get("N", "p") === "old");
    await script.run(2000);
    script.split("PB N");
    await script.run(40_000);
    script.expect(script.hasTrace("P", "p"), "P does not purge without N's word");
    await script.end();
    for (const machine of "PBN") script.expect(script.get(machine, "p") === undefined, `p is deleted on ${machine}`);
  },

  "deleted while one is away": async (script) => {
    await script.start("ABC");
    await setEverywhere(script, "ABC");
    script.split("AC B");
    script.set("A", "p", undefined);
    await script.run(20_000);
    script.expect(script.hasTrace("A", "p"), "the tombstone waits for B");
    await script.end();
    script.expect(script.get("B", "p") === undefined, "B deletes it, too");
  },

  "joiner known to one side only": async (script) => {
    await script.start("PB");
    await setEverywhere(script, "PB");
    script.only((from, to) => `${from}${to}` === "NB" || `${from}${to}` === "BN");
    await script.join("N");
    await script.until("N has p", () => script.get("N", "p") === "old");
    script.only((from, to, { kind }) => from !== "N" && to !== "N" && (from === "P" || kind === "have"));
    script.set("P", "p", undefined);
    await script.run(40_000);
    script.expect(script.hasTrace("P", "p"), "P does not purge without N's word");
    await script.end();
  },

  "forgotten node returns with a write on a purged entry": async (script) => {
    await script.start("ABF");
    await setEverywhere(script, "ABF");
    script.split("AB F");
    script.world.checks.hasReturned = true;
    const { life } = script.node("A");
    life!.enter(() => life!.turn(() => life!.replicator.forget("F")));
    script.set("A", "p", undefined);
    await untilPurged(script, "AB");
    const late = script.set("F", "p", "late");
    await script.run(1000);
    await script.end();
    for (const machine of "ABF") {
      script.expect(script.get(machine, "p") === undefined, `p is not silently revived on ${machine}`);
      script.expect(script.isInConflicts(machine, late), `F's write is in the conflict list of ${machine}`);
    }
  },

  "return of a clone": async (script) => {
    await script.start("ABC");
    await setEverywhere(script, "ABC");
    await script.stop("B");
    const clone = script.node("B").disk.copy();
    await script.up("B");
    script.set("B", "q", 1);
    script.set("A", "p", undefined);
    await script.run(20_000);
    await untilPurged(script, "ABC");
    script.world.checks.hasReturned = true;
    script.node("B").replaceDisk(clone, "cold copy");
    await script.up("B");
    script.set("B", "r", 1);
    await script.end();
    for (const machine of "ABC") {
      script.expect(script.get(machine, "p") === undefined, `p stays deleted on ${machine}`);
      script.expect(script.get(machine, "q") === 1, `${machine} has what the clone never knew`);
    }
  },

  "delete against concurrent set": async (script) => {
    await script.start("AB");
    await setEverywhere(script, "AB");
    script.split("A B");
    script.set("A", "q", 1);
    const gone = script.set("A", "p", undefined);
    const set = script.set("B", "p", "new");
    await script.run(2000);
    await script.end();
    script.expect(gone.tock > set.tock && script.get("B", "p") === undefined, "the deletion has the higher rank");
    script.expect(
      script.isInConflicts("A", set) && script.isInConflicts("B", set),
      "the value is in the conflict list",
    );
  },

  "re-created while its deletion is purged elsewhere": async (script) => {
    await script.start("AB");
    await setEverywhere(script, "AB");
    script.set("A", "p", undefined);
    await script.run(200);
    script.set("B", "p", "again");
    await script.run(30_000);
    for (const machine of "AB") script.expect(script.get(machine, "p") === "again", `${machine} shows it`);
    await script.end();
  },
};
