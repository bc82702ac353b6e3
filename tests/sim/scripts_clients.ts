/**
 * Written runs: what clients were told holds, wherever they go on.
 *
 * @module
 */

import { encode } from "../../wire/msgpack/encoder.ts";
import type { Value } from "../../wire/value.ts";
import { hexOf } from "./ghost.ts";
import { neverSynced, type Script, type ScriptBody, syncedMs } from "./script.ts";
import type { Watcher } from "./watcher.ts";

function sees(script: Script, watcher: Watcher, path: string, value: Value | undefined): void {
  const seen = watcher.sees(path);
  const isSo = value === undefined ? (seen ?? null) === null : seen === hexOf(encode(value));
  script.expect(isSo, `${watcher.name} sees ${JSON.stringify(value)} at ${path}; it has ${seen}`);
}

/** The watcher goes to another node, which may take its time. */
async function goTo(script: Script, watcher: Watcher, machine: string, ms: number = 4000): Promise<void> {
  watcher.moveTo(script.node(machine));
  await script.until(`${watcher.name} is up to date at ${machine}`, () => watcher.isUpToDate, ms, 1);
}

/** See the module. */
export const clientScripts: { readonly [name: string]: ScriptBody } = {
  "token at a node that is behind": async (script) => {
    await script.start("AB");
    script.set("A", "p", 1);
    await script.until("B has p", () => script.get("B", "p") === 1);
    const watcher = await script.watch("A");
    script.split("A B");
    script.set("A", "p", 2);
    script.set("A", "q", 1);
    await script.run(100);
    sees(script, watcher, "p", 2);
    await goTo(script, watcher, "B");
    script.expect(watcher.resyncs.join() === "behind", `it is told that it begins anew: ${watcher.resyncs}`);
    sees(script, watcher, "p", 1);
    await script.end();
    sees(script, watcher, "p", 2);
  },

  "token at a node that is behind for a moment": async (script) => {
    await script.start("AB");
    const watcher = await script.watch("A");
    script.split("A B");
    script.set("A", "p", 2);
    await script.run(100);
    watcher.moveTo(script.node("B"));
    await script.run(500);
    script.expect(!watcher.isUpToDate, "B waits for what the watcher has");
    script.meet();
    script.set("A", "q", 1);
    await script.until("B has it", () => watcher.isUpToDate, 3000);
    script.expect(watcher.resyncs.length === 0, "it goes on where it was");
    await script.end();
  },

  "token of a writer that is new": async (script) => {
    await script.start("AB");
    const watcher = await script.watch("A");
    await script.join("N");
    script.set("N", "p", 1);
    script.split("AN B");
    script.set("N", "p", 2);
    await script.until("the watcher sees it", () => watcher.sees("p") === hexOf(encode(2)), 1000, 1);
    await goTo(script, watcher, "B");
    await script.end();
    sees(script, watcher, "p", 2);
  },

  "token over a purge": async (script) => {
    await script.start("AB");
    script.set("A", "p", 1);
    script.set("A", "q", 1);
    const watcher = await script.watch("A");
    await script.run(syncedMs);
    watcher.leave();
    script.set("A", "p", undefined);
    await script.until("p is purged", () => [..."AB"].every((machine) => !script.hasTrace(machine, "p")));
    await goTo(script, watcher, "B");
    script.expect(watcher.resyncs.join() === "purged", `it is told that it begins anew: ${watcher.resyncs}`);
    sees(script, watcher, "p", undefined);
    sees(script, watcher, "q", 1);
    await script.end();
  },

  "token after an ACL change": async (script) => {
    await script.start("AB");
    script.set("A", "null.acl.u", "rxe");
    script.set("A", "null.acl.u.#", "rxe");
    script.set("A", "null.acl.u.p", "e");
    script.set("A", "p", 1);
    script.set("A", "q", 1);
    await script.until("B has it", () => script.get("B", "q") === 1);
    const watcher = await script.watch("A", "u");
    sees(script, watcher, "p", undefined);
    sees(script, watcher, "q", 1);
    watcher.leave();
    script.set("A", "null.acl.u.p", "re");
    await script.until("B has the rule", () => script.get("B", "null.acl.u.p") === "re");
    await goTo(script, watcher, "B");
    script.expect(watcher.resyncs.join() === "scope", `it is told that it begins anew: ${watcher.resyncs}`);
    sees(script, watcher, "p", 1);
    await script.end();
  },

  "nodes: 2 outlives the loss of one disk": async (script) => {
    await script.start("AC", { fsync: "always" });
    await script.join("B", { fsync: neverSynced });
    await script.run(15_000);
    script.split("AB C");
    script.setForNodes("A", "p", 1, 2);
    await script.run(8000);
    script.node("B").powerCut({}, "power cut");
    script.node("A").die();
    await script.up("B");
    await script.end();
  },

  "nodes: 3 is told what was reached": async (script) => {
    await script.start("ABC", { fsync: "always" });
    script.split("AB C");
    const event = script.setForNodes("A", "p", 1, 3);
    await script.run(4000);
    script.expect(event.acknowledged === "no", "it waits");
    await script.run(2000);
    script.expect(event.acknowledged === "disk" && script.world.levels.nodesOf(event) === 2, "two have it");
    await script.end();
    const other = script.setForNodes("A", "q", 1, 3);
    await script.run(500);
    script.expect(script.world.levels.nodesOf(other) === 3, "all three have it");
  },

  "a dropped conflict stays away": async (script) => {
    await script.start("ABC");
    const pending = (machine: string) => script.node(machine).life!.store.conflicts.size;
    script.split("A B C");
    script.set("B", "q", 1);
    const lost = script.set("A", "p", "a");
    script.set("B", "p", "b");
    script.only((_from, to, { content }) =>
      to !== "C" || content?.t !== "update" || content.events.every(({ keys }) => keys[0] !== ".moat")
    );
    await script.until("C has noticed the conflict", () => pending("C") === 1, 20_000, 0.1);
    script.split("AB C");
    for (let i = 0; i < 20; i++) script.set("C", "r", i);
    for (const machine of "AC") {
      await script.until(
        `it is recorded on ${machine}`,
        () => pending(machine) === 0 && script.conflicts(machine) === 1,
      );
    }
    script.drop("A", lost);
    await script.end();
    for (const machine of "ABC") script.expect(script.conflicts(machine) === 0, `${machine} does not bring it back`);
  },

  "a copy from a peer with gaps that dies midway": async (script) => {
    await script.start("ABC");
    for (let i = 0; i < 60; i++) script.set("A", `many.${i}`, i);
    script.set("A", "gone", 1);
    await script.until("B has many", () => script.get("B", "many.59") === 59);
    script.split("AB C");
    script.set("C", "p", 1);
    script.set("A", "gone", undefined);
    await script.run(2000);
    script.split("BN C A");
    await script.join("N", { copies: true });
    const { joining } = script.node("N").life!;
    await script.until("N copies from B", () => joining!.source?.machine === "B", 5000, 0.1);
    await script.until("N has a part", () => script.get("N", "many.9") !== undefined, 5000, 0.1);
    script.node("B").die();
    script.split("AN C");
    await script.until("N has a state, and serves", () => script.node("N").isUp, 40_000);
    script.expect(script.get("N", "many.59") === 59 && script.get("N", "gone") === undefined, "N has what A has");
    await script.end();
    script.expect(script.get("N", "p") === 1, "N has everything");
  },

  "a late copy of what is purged comes to one who copies": async (script) => {
    await script.start("AB");
    const old = script.set("A", "p", "old");
    await script.until("B has p", () => script.has("B", old));
    await script.run(3000);
    script.set("A", "p", undefined);
    await script.until("p is purged", () => [..."AB"].every((machine) => !script.hasTrace(machine, "p")));
    // Until N has compared what it shows with the state it copied, it may show this.
    script.world.checks.hasReturned = true;
    await script.join("N", { copies: true });
    const { life } = script.node("N");
    const bytes = encode("old");
    const late = { keys: ["p"], length: 1, chain: { node: "A", tick: old.tick, prev: null }, tock: old.tock, bytes };
    life!.enter(() => life!.turn(() => void life!.store.merge({ ...late, start: 0, end: bytes.length })));
    await script.end();
    for (const machine of "ABN") script.expect(script.get(machine, "p") === undefined, `p stays away from ${machine}`);
  },
};
