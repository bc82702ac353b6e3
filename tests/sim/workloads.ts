/**
 * What else clients do, beside their acts. Each is switched on or off by the seed, and has its own stream of chance.
 *
 * @module
 */

import { actSomewhere, setForNodes } from "./acts.ts";
import type { Chance } from "./chance.ts";
import { settleSomewhere } from "./conflict_acts.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import { Watcher } from "./watcher.ts";
import type { World } from "./world.ts";

/** Something that clients do. */
export type Workload = "watch" | "settle" | "nodes" | "originals";

/** What happens at one step of it. */
export type Work = (world: World, chance: Chance, losesReplies: boolean) => void;

const watchersMax = 3;
/** The root more often. */
const watched: readonly (readonly ElementKey[])[] = [[], [], ["p"], ["q"], ["many"]];

/** Somebody begins to watch, or goes on watching elsewhere. */
function watchSomewhere(world: World, chance: Chance): void {
  const { watchers, up } = world;
  if (up.length === 0) return;
  if (watchers.length < watchersMax && chance.happens(0.4)) {
    watchers.push(new Watcher(`w${watchers.length + 1}`, world, chance.pick(watched), chance));
    watchers.at(-1)!.moveTo(chance.pick(up));
  } else if (watchers.length > 0) {
    chance.pick(watchers).moveTo(chance.pick(up));
  }
}

/** Somebody waits until several nodes have his write. */
function writeForNodes(world: World, chance: Chance, losesReplies: boolean): void {
  const { up } = world;
  if (up.length > 0) setForNodes(chance.pick(up), { chance, losesReplies });
}

/** Conflicts are settled; now and then more of them are made, or nothing would be left to settle. */
function settleOrAct(world: World, chance: Chance, losesReplies: boolean): void {
  if (chance.happens(0.3)) actSomewhere(world, chance, losesReplies);
  else settleSomewhere(world, chance, losesReplies);
}

/** Clients of originals do something, if there are originals. */
function actAtOriginals({ originals }: World, chance: Chance): void {
  if (originals.length > 0) chance.pick(originals).act(chance);
}

/** All of them. */
export const workloads: { readonly [name in Workload]: Work } = {
  watch: watchSomewhere,
  settle: settleOrAct,
  nodes: writeForNodes,
  originals: actAtOriginals,
};
