/**
 * Written runs: what is lost on its way is repaired, and nothing is believed too early.
 *
 * @module
 */

import type { TickSets } from "../../wire/message/sync.ts";
import { MemoryDisk } from "../support/memory_disk.ts";
import type { ScriptBody } from "./script.ts";

/** Y writes twice; W has the first, X the second, Z hears only that the first is superseded. X and Y die. */
async function knownWithoutWinner(script: Parameters<ScriptBody>[0]): Promise<void> {
  await script.start("WXYZ");
  script.only((from, to) => from === "Y" && to === "W");
  const first = script.set("Y", "p", 1);
  await script.until("W has the first", () => script.has("W", first));
  script.only((from, to) => from === "Y" && to === "X");
  script.set("Y", "p", 2);
  await script.run(1000);
  script.only((from, to, { kind }) => (from === "Y" && to === "Z" && kind !== "again") || (from === "Z" && to === "Y"));
  await script.until("Z is told that the first is superseded", () => (script.world.network.sent.get("claim") ?? 0) > 0);
  await script.run(1000);
  script.only(() => false);
  script.node("X").die();
  script.node("Y").die();
}

function ticksOf(sets: TickSets): number[] {
  const ranges = [...sets.values()].flat();
  return ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
}

/** See the module. */
export const repairScripts: { readonly [name: string]: ScriptBody } = {
  "known-without-winner (Y dies)": async (script) => {
    await knownWithoutWinner(script);
    await script.end();
    for (const machine of ["W", "Z"]) script.expect(script.get(machine, "p") === 1, `${machine} shows the first`);
  },

  "rumour of known then reinstall": async (script) => {
    await knownWithoutWinner(script);
    await script.join("V");
    script.split("ZV");
    await script.run(12_000);
    script.split("ZVW");
    await script.run(15_000);
    script.node("W").replaceDisk(new MemoryDisk(), "join");
    script.world.ghost.tainted.add("W");
    script.world.checks.hasReturned = true;
    await script.up("W");
    await script.end();
    for (const machine of ["V", "W", "Z"]) script.expect(script.get(machine, "p") === 1, `${machine} shows the first`);
  },

  "a later claim does not make an earlier one say more": async (script) => {
    await script.start("YZ");
    const copies: (() => void)[] = [];
    const claimed: number[] = [];
    script.world.network.overhear = (_from, to, { kind, content }, again) => {
      if (to === "Z" && kind === "again") copies.push(again);
      if (to === "Z" && content?.t === "claim") claimed.push(...ticksOf(content.known));
    };
    const isNews = (to: string, kind: string) => to === "Z" && (kind === "update" || kind === "again");
    script.only((_from, to, { kind }) => !isNews(to, kind));
    const first = script.set("Y", "p", 1);
    script.set("Y", "p", 2);
    await script.until("the first p is said to be superseded", () => claimed.includes(first.tick), 5000, 1);
    const winner = copies[0];
    const lost = script.set("Y", "r", 1);
    script.set("Y", "r", 2);
    // The very next claim is about r.
    script.only((_from, to, { kind, content }) =>
      content?.t === "want" ? ticksOf(content.ticks).includes(lost.tick) : !isNews(to, kind)
    );
    await script.until("the first r is said to be superseded", () => claimed.includes(lost.tick), 5000, 1);
    await script.run(1);
    // The winner of the first claim arrives, that of the later one does not.
    winner();
    await script.run(1);
    script.expect(script.get("Z", "p") === 2 && !script.has("Z", lost), "Z believes the earlier claim alone");
    await script.end();
  },

  "a lost update is asked for": async (script) => {
    await script.start("AB");
    script.only((_from, _to, { kind }) => kind !== "update");
    script.set("A", "p", 1);
    await script.until("B has what was lost", () => script.get("B", "p") === 1, 3000);
    await script.end();
  },

  "broker restarted in 100 ms": async (script) => {
    await script.start("ABC");
    for (let i = 0; i < 10; i++) {
      script.set("ABC"[i % 3], "p", i);
      script.world.network.restartBroker(100);
      script.set("ABC"[(i + 1) % 3], "q", i);
      await script.run(250);
    }
    await script.end();
  },

  "broker gone for a minute": async (script) => {
    await script.start("ABC");
    script.world.network.restartBroker(60_000);
    for (const machine of "ABC") script.set(machine, "p", machine);
    script.set("A", "q", 1);
    await script.run(61_000);
    await script.end();
    for (const machine of "ABC") script.expect(script.get(machine, "q") === 1, `${machine} shows q`);
    script.expect(script.conflicts("A") === 2, "two of three writes of p are in the conflict list");
  },

  "a join from a peer with gaps that dies midway": async (script) => {
    await script.start("ABC");
    for (let i = 0; i < 30; i++) script.set("A", `many.${i}`, "x".repeat(2000));
    script.split("AB C");
    script.set("C", "p", 1);
    await script.run(2000);
    script.split("BN C A");
    await script.join("N");
    await script.run(600);
    script.node("B").die();
    await script.run(3000);
    await script.end();
    script.expect(script.get("N", "p") === 1 && script.get("N", "many.29") !== undefined, "N has everything");
  },
};
