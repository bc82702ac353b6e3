/**
 * What goes wrong at certain moments. What goes wrong all the time is the network's weather.
 *
 * @module
 */

import type { Fault } from "./coverage.ts";
import { down, type Mishap, someUp, startLater, toOne } from "./mishap.ts";
import { damage, damagedTail, diskError, fullDisk, lostRename, torn } from "./mishaps_disk.ts";
import { backup, coldCopy, copy, death, forget, join, saveAndLoad, twin } from "./mishaps_member.ts";
import { cutOneWay, restartBroker, slow, split } from "./mishaps_network.ts";

/** Dies at the next points or disk operations, whatever they are. */
const crashPoint: Mishap = (world, chance) => {
  const node = someUp(world, chance);
  if (!node?.life) return;
  if (chance.happens(0.5)) node.life.fuse = chance.below(12);
  else node.disk.crashAt = node.disk.steps + chance.below(30);
  const { life } = node;
  const look = () => {
    if (node.life === life && node.state === "up") return world.meanwhile(500, look);
    startLater(node, chance);
  };
  world.meanwhile(500, look);
};

/** All nodes lose their power at once. */
const wholeHouse: Mishap = (world, chance) => {
  for (const node of world.living) {
    node.powerCut({}, "power cut");
    startLater(node, chance);
  }
};

/** Every fault that happens at moments. */
export const mishaps: { readonly [fault in Fault]?: Mishap } = {
  "one-way cut": cutOneWay,
  "split": split,
  "broker restart": restartBroker,
  "slow reader": slow,
  "kill": down((node) => node.kill("kill")),
  "crash point": crashPoint,
  "power cut": (world, chance) => {
    if (chance.happens(0.15)) return wholeHouse(world, chance);
    down((node) => node.powerCut({}, "power cut"))(world, chance);
  },
  "torn record": torn,
  "lost rename": lostRename,
  "damage": damage,
  "damaged tail": damagedTail,
  "full disk": fullDisk,
  "disk error": diskError,
  "clock jump": toOne((node, chance) => node.jump(chance.between(1000, 120_000))),
  "pause": toOne((node, chance) => node.pause(chance.between(100, 40_000))),
  "clean stop": down((node) => node.stop()),
  "backup": backup,
  "cold copy": coldCopy,
  "twin": twin,
  "death": death,
  "save and load": saveAndLoad,
  "join": join,
  "copy": copy,
  "forget": forget,
};
