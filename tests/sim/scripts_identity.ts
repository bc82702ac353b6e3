/**
 * Written runs: a tick is never used twice, and what lost is shown.
 *
 * @module
 */

import { MemoryDisk } from "../support/memory_disk.ts";
import type { ScriptBody } from "./script.ts";

/** See the module. */
export const identityScripts: { readonly [name: string]: ScriptBody } = {
  "power cut, same path written again while alone": async (script) => {
    await script.start("A", { fsync: "no" });
    await script.join("B");
    await script.run(5000);
    script.set("A", "p", 1, "disk");
    const second = script.set("A", "p", 2);
    await script.until("B has the second", () => script.has("B", second));
    script.node("A").powerCut({}, "power cut");
    script.split("A B");
    await script.up("A");
    script.expect(script.get("A", "p") === 1, "A has forgotten the second");
    const third = script.set("A", "p", 3);
    await script.run(2000);
    await script.end();
    const shown = script.get("A", "p");
    script.expect(shown === 2 || shown === 3, "one of the two is shown");
    script.expect(script.isInConflicts("B", shown === 2 ? third : second), "the other is in the conflict list");
  },

  "cold copy restored, other half cut off at tick 90": async (script) => {
    await script.start("NBC");
    for (let i = 0; i < 80; i++) script.set("N", `many.${i % 7}`, i);
    await script.run(3000);
    await script.stop("N");
    const old = script.node("N").disk.copy();
    await script.up("N");
    for (let i = 80; i < 90; i++) script.set("N", `many.${i % 7}`, i);
    await script.run(3000);
    script.split("NC B");
    for (let i = 90; i < 100; i++) script.set("N", `many.${i % 7}`, i);
    await script.run(3000);
    script.split("NB C");
    script.world.checks.hasReturned = true;
    script.node("N").replaceDisk(old, "cold copy");
    await script.up("N");
    for (let i = 0; i < 20; i++) script.set("N", `more.${i % 7}`, i);
    await script.run(5000);
    await script.end();
  },

  "two fresh networks with one name": async (script) => {
    await script.join("X");
    await script.join("Y");
    await script.join("V", { name: "raspberrypi" });
    await script.join("W", { name: "raspberrypi" });
    script.world.ghost.tainted.add("raspberrypi");
    script.split("XV YW");
    await script.run(10_000);
    script.set("V", "p", "first");
    script.set("W", "q", "second");
    script.set("V", "r", 1);
    script.set("W", "r", 2);
    await script.run(10_000);
    await script.end();
    for (const machine of "XYVW") {
      script.expect(
        script.get(machine, "p") === "first" && script.get(machine, "q") === "second",
        `${machine} has both`,
      );
    }
  },

  "an image of a disk is started beside it": async (script) => {
    await script.start("AB");
    script.set("A", "p", 1);
    await script.stop("A");
    const image = script.node("A").disk.twin();
    script.world.ghost.tainted.add("A");
    script.world.checks.hasReturned = true;
    script.world.add({ ...script.node("A").options, machine: "I" }, image);
    script.split("AB I");
    await script.up("A");
    await script.up("I");
    script.set("A", "q", "there");
    script.set("I", "r", "here");
    await script.run(5000);
    await script.end();
    for (const machine of "ABI") {
      script.expect(script.get(machine, "q") === "there" && script.get(machine, "r") === "here", `${machine} has both`);
    }
  },

  "whole house loses power with everysec": async (script) => {
    await script.start("ABC");
    for (const machine of "ABC") script.set(machine, "p", machine);
    for (const machine of "ABC") script.set(machine, machine, 1);
    await script.run(300);
    for (const machine of "ABC") script.node(machine).powerCut({}, "power cut");
    for (const machine of "ABC") {
      await script.up(machine);
      script.set(machine, `after.${machine}`, 1);
    }
    await script.end();
    for (const machine of "ABC") script.expect(script.get("A", `after.${machine}`) === 1, `${machine} served at once`);
  },

  "fsync always keeps the name over a power cut": async (script) => {
    await script.start("AB", { fsync: "always" });
    script.set("A", "p", 1);
    script.set("A", "q", 2);
    script.node("A").powerCut({}, "power cut");
    await script.up("A");
    script.expect(script.node("A").life!.store.local.name === "A", "it writes as before");
    script.set("A", "r", 3);
    await script.end();
    for (const path of "pq") script.expect(script.get("B", path) !== undefined, `${path} is there`);
  },

  "killed before the sync, restarted, power cut": async (script) => {
    await script.start("AB", { fsync: "always" });
    script.set("A", "p", 1);
    const { disk } = script.node("A");
    disk.crashAt = disk.steps + 1;
    script.set("A", "p", 2);
    script.expect(script.node("A").state === "down", "A dies between write and sync");
    await script.up("A");
    script.expect(script.get("A", "p") === 2, "what was written is there");
    await script.run(5000);
    script.node("A").powerCut({}, "power cut");
    await script.up("A");
    script.set("A", "q", 1);
    await script.end();
  },

  "killed, restarted, power cut": async (script) => {
    await script.start("AB", { fsync: "no" });
    script.set("A", "p", 1);
    await script.run(2000);
    script.node("A").kill("kill");
    await script.up("A");
    await script.run(15_000);
    script.node("A").powerCut({}, "power cut");
    await script.up("A");
    await script.end();
    script.expect(script.get("A", "p") === 1, "B brings it back");
  },

  "A1 loses to B1 at A, A writes A2, crash between": async (script) => {
    await script.start("AB");
    script.split("A B");
    script.set("B", "q", 1);
    const lost = script.set("A", "p", "a1");
    script.set("B", "p", "b1");
    script.meet();
    await script.until("A has applied the winner", () => script.get("A", "p") === "b1", 20_000, 0.1);
    script.node("A").kill("kill");
    script.split("A B");
    await script.up("A");
    script.expect(script.isInConflicts("A", lost), "the loser is not forgotten");
    script.set("A", "p", "a2");
    await script.run(3000);
    await script.end();
    for (const machine of "AB") {
      script.expect(script.get(machine, "p") === "a2", `${machine} shows a2`);
      script.expect(script.isInConflicts(machine, lost), `a1 is in the conflict list of ${machine}`);
    }
  },

  "crash between applying the winner and writing the record": async (script) => {
    await script.start("ABC");
    script.split("A B C");
    script.set("B", "q", 1);
    const lost = script.set("A", "p", "a1");
    script.set("B", "p", "b1");
    await script.run(200);
    script.split("AB C");
    let isAsked = false;
    script.world.network.overhear = (from, _to, { kind }) => void (isAsked ||= from === "A" && kind === "want");
    await script.until("A asks for the winner", () => isAsked, 20_000, 0.1);
    script.node("A").life!.fuse = 0;
    await script.until("A has logged the winner and died", () => script.node("A").state === "down", 1000, 0.1);
    script.split("A B C");
    script.node("B").kill("kill");
    await script.up("A");
    script.expect(script.node("A").life!.store.conflicts.size > 0, "the loser is in the log with the winner");
    await script.up("B");
    await script.end();
    for (const machine of "ABC") script.expect(script.isInConflicts(machine, lost), `${machine} lists it`);
  },

  "six writers, one node away": async (script) => {
    await script.start("ABCDEFGH");
    script.set("A", "p", "a");
    await script.run(2000);
    script.split("ABCDEFG H");
    for (const machine of "BCDEFG") {
      script.set(machine, "p", machine);
      await script.run(1000);
    }
    await script.end();
    script.expect(script.get("H", "p") === "G", "H shows the last");
    for (const machine of "AH") script.expect(script.conflicts(machine) === 0, `no false conflict on ${machine}`);
  },

  "tie between two nodes": async (script) => {
    await script.start("AB");
    script.split("A B");
    const clocks = () => [..."AB"].map((machine) => script.node(machine).life!.store.clock);
    while (clocks()[0] < clocks()[1]) script.set("A", "q", clocks()[0]);
    while (clocks()[1] < clocks()[0]) script.set("B", "r", clocks()[1]);
    const [a, b] = [script.set("A", "p", "a"), script.set("B", "p", "b")];
    script.expect(a.tock === b.tock, "both have the same tock");
    await script.end();
    for (const machine of "AB") script.expect(script.get(machine, "p") === "a", `the lower name wins on ${machine}`);
  },

  "reinstalled with an empty disk under its old name": async (script) => {
    await script.start("ABC");
    script.set("A", "p", 1);
    await script.run(3000);
    script.world.ghost.tainted.add("A");
    script.world.checks.hasReturned = true;
    script.node("A").replaceDisk(new MemoryDisk(), "join");
    await script.up("A");
    await script.run(5000);
    script.set("A", "q", 2);
    await script.end();
    for (const machine of "ABC") {
      script.expect(script.get(machine, "p") === 1 && script.get(machine, "q") === 2, machine);
    }
  },
};
