/**
 * Written runs with state files.
 *
 * @module
 */

import { MemoryDisk } from "../support/memory_disk.ts";
import { save } from "./save_and_load.ts";
import type { Script, ScriptBody } from "./script.ts";

/** Saves a node's state into a file. */
async function saveAt(script: Script, machine: string, isFull: boolean): Promise<Uint8Array> {
  let file: Uint8Array | undefined;
  save(script.node(machine).life!, isFull, (bytes) => void (file = bytes));
  script.world.timeline.stir();
  await script.until("it is saved", () => file !== undefined, 10_000, 5);
  return file!;
}

/** A machine begins anew with a file, on an empty disk. */
async function loadAt(script: Script, machine: string, file: Uint8Array): Promise<void> {
  script.world.checks.hasReturned = true;
  const node = script.node(machine);
  node.replaceDisk(new MemoryDisk(), "save and load");
  node.loads = file;
  await script.up(machine);
}

/** See the module. */
export const fileScripts: { readonly [name: string]: ScriptBody } = {
  "a part of the state is saved, and loaded on an empty disk": async (script) => {
    await script.start("ABC");
    script.set("A", "p", 1);
    script.set("A", "null.acl.u.#", "r");
    await script.run(3000);
    script.set("A", "null.acl.u.#", "rx");
    await script.run(3000);
    const file = await saveAt(script, "A", false);
    script.set("A", "p", 2);
    script.set("B", "q", 1);
    await script.run(3000);
    script.split("A B C");
    await loadAt(script, "B", file);
    script.expect(
      script.get("B", "p") === 1 && script.get("B", "null.acl.u.#") === undefined,
      "B has what is in the file",
    );
    script.set("B", "r", 1);
    await script.end();
    for (const machine of "ABC") {
      script.expect(script.get(machine, "p") === 2 && script.get(machine, "r") === 1, `${machine} has what is newest`);
      script.expect(script.get(machine, "null.acl.u.#") === "rx", `${machine} has the internal entries`);
    }
  },

  "an old file is loaded where something was deleted since": async (script) => {
    await script.start("AB");
    script.set("A", "p", 1);
    await script.run(3000);
    const file = await saveAt(script, "A", true);
    script.set("B", "p", undefined);
    await script.until("p is purged", () => [..."AB"].every((machine) => !script.hasTrace(machine, "p")));
    await loadAt(script, "A", file);
    await script.end();
    for (const machine of "AB") script.expect(script.get(machine, "p") === undefined, `p stays away from ${machine}`);
  },
};
