/**
 * Mishaps of the network.
 *
 * @module
 */

import type { Chance } from "./chance.ts";
import { type Mishap, toOne } from "./mishap.ts";
import type { World } from "./world.ts";

/** Nothing gets from one to another. */
export function cutOneWay(world: World, chance: Chance): void {
  const [from, to] = [chance.pick(world.nodes), chance.pick(world.nodes)];
  if (from === to) return;
  const line = `${from.machine}>${to.machine}`;
  world.trace.add("", () => `${line} is cut`);
  world.network.cuts.add(line);
  world.meanwhile(chance.between(500, 15_000), () => void world.network.cuts.delete(line));
}

/** Two halves. */
export function split(world: World, chance: Chance): void {
  const { groups } = world.network;
  for (const { machine } of world.nodes) groups.set(machine, chance.below(2));
  world.trace.add("", () => `the network splits: ${[...groups].map(([machine, group]) => machine + group).join(" ")}`);
  world.meanwhile(chance.between(1000, 20_000), () => groups.clear());
}

/** The broker is gone for a while. */
export function restartBroker(world: World, chance: Chance): void {
  const ms = chance.happens(0.5) ? 100 : chance.between(100, 15_000);
  world.trace.add("", () => `the broker is gone for ${ms.toFixed(0)} ms`);
  for (const { life } of world.nodes) if (life) world.node(life.parts.machine).suffer("broker restart", ms + 5000);
  world.network.restartBroker(ms);
}

/** Somebody reads slowly. */
export const slow: Mishap = toOne(({ machine, world }, chance) => {
  world.network.slow.set(machine, chance.between(20, 400));
  world.meanwhile(chance.between(1000, 15_000), () => void world.network.slow.delete(machine));
});
