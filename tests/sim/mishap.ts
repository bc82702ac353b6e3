/**
 * What all mishaps have in common: whom they hit, and how he comes back.
 *
 * @module
 */

import type { Chance } from "./chance.ts";
import type { Node } from "./node.ts";
import type { World } from "./world.ts";

/** Something goes wrong. */
export type Mishap = (world: World, chance: Chance) => void;

/** Starts a node again after a while. */
export function startLater(node: Node, chance: Chance): void {
  const ms = chance.happens(0.5) ? chance.between(5, 300) : chance.between(300, 12_000);
  node.world.meanwhile(ms, () => node.start());
}

/** One of those that run, if there is one. */
export function someUp(world: World, chance: Chance): Node | undefined {
  return world.up.length > 0 ? chance.pick(world.up) : undefined;
}

/** Something happens to a node that runs. */
export function toOne(body: (node: Node, chance: Chance) => void): Mishap {
  return (world, chance) => {
    const node = someUp(world, chance);
    if (node) body(node, chance);
  };
}

/** A node goes down in some way, something may happen meanwhile, and it is started again. */
export function down(body: (node: Node, chance: Chance) => void): Mishap {
  return toOne((node, chance) => {
    body(node, chance);
    startLater(node, chance);
  });
}

/** Brings a node down in any way. */
export function fell(node: Node, chance: Chance): void {
  if (chance.happens(0.5)) node.kill("kill");
  else node.powerCut({}, "power cut");
}
