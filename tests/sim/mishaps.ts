/**
 * What goes wrong at certain moments. What goes wrong all the time is the network's weather.
 *
 * @module
 */

import { MemoryDisk } from "../support/memory_disk.ts";
import type { Chance } from "./chance.ts";
import type { Fault } from "./coverage.ts";
import type { Node } from "./node.ts";
import { save } from "./save_and_load.ts";
import type { World } from "./world.ts";

/** Something goes wrong. */
export type Mishap = (world: World, chance: Chance) => void;

/** Starts a node again after a while. */
function startLater(node: Node, chance: Chance): void {
  const ms = chance.happens(0.5) ? chance.between(5, 300) : chance.between(300, 12_000);
  node.world.meanwhile(ms, () => node.start());
}

function someUp(world: World, chance: Chance): Node | undefined {
  return world.up.length > 0 ? chance.pick(world.up) : undefined;
}

/** Something happens to a node that runs. */
function toOne(body: (node: Node, chance: Chance) => void): Mishap {
  return (world, chance) => {
    const node = someUp(world, chance);
    if (node) body(node, chance);
  };
}

/** A node goes down in some way, something may happen meanwhile, and it is started again. */
function down(body: (node: Node, chance: Chance) => void): Mishap {
  return toOne((node, chance) => {
    body(node, chance);
    startLater(node, chance);
  });
}

/** Brings a node down in any way. */
function fell(node: Node, chance: Chance): void {
  if (chance.happens(0.5)) node.kill("kill");
  else node.powerCut({}, "power cut");
}

function cutOneWay(world: World, chance: Chance): void {
  const [from, to] = [chance.pick(world.nodes), chance.pick(world.nodes)];
  if (from === to) return;
  const line = `${from.machine}>${to.machine}`;
  world.trace.add("", () => `${line} is cut`);
  world.network.cuts.add(line);
  world.meanwhile(chance.between(500, 15_000), () => void world.network.cuts.delete(line));
}

function split(world: World, chance: Chance): void {
  const { groups } = world.network;
  for (const { machine } of world.nodes) groups.set(machine, chance.below(2));
  world.trace.add("", () => `the network splits: ${[...groups].map(([machine, group]) => machine + group).join(" ")}`);
  world.meanwhile(chance.between(1000, 20_000), () => groups.clear());
}

function restartBroker(world: World, chance: Chance): void {
  const ms = chance.happens(0.5) ? 100 : chance.between(100, 15_000);
  world.trace.add("", () => `the broker is gone for ${ms.toFixed(0)} ms`);
  for (const { life } of world.nodes) if (life) world.node(life.parts.machine).suffer("broker restart", ms + 5000);
  world.network.restartBroker(ms);
}

const slow: Mishap = toOne(({ machine, world }, chance) => {
  world.network.slow.set(machine, chance.between(20, 400));
  world.meanwhile(chance.between(1000, 15_000), () => void world.network.slow.delete(machine));
});

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

/** Of what was not synced, a part is there. */
const torn: Mishap = down((node, chance) => {
  const zeros = chance.happens(0.3);
  node.powerCut({ tail: (unsynced) => chance.below(unsynced + 1), zeros: () => zeros }, "torn record");
});

const lostRename: Mishap = down((node, chance) => {
  const [operations, removals] = [chance.next(), chance.happens(0.3)];
  node.powerCut({ operations: (pending) => Math.floor(operations * (pending + 1)), removals }, "lost rename");
});

const damage: Mishap = down((node, chance) => {
  fell(node, chance);
  // If only the last record is hit, that cannot be told from one that was not written to its end.
  node.world.ghost.tainted.add(node.lastStore?.local.name ?? node.name);
  node.damage((disk) => {
    const names = disk.list().filter((name) => /^(log|snapshot)/.test(name) && disk.contentOf(name).length > 0);
    if (names.length === 0) return;
    const name = chance.pick(names);
    for (let n = 1 + chance.below(3); n > 0; n--) disk.flip(name, chance.below(disk.contentOf(name).length * 8));
  });
});

const fullDisk: Mishap = toOne((node, chance) => {
  node.suffer("full disk");
  node.disk.freeBytes = chance.below(600);
  const { disk } = node;
  node.world.meanwhile(chance.between(1000, 15_000), () => void (disk.freeBytes = Infinity));
});

const diskError: Mishap = toOne((node, chance) => {
  node.suffer("disk error");
  node.disk.failAt = node.disk.steps + chance.below(10);
  node.disk.failures = 1 + chance.below(3);
  node.world.meanwhile(chance.between(1000, 15_000), () => {
    if (node.life?.turns.refusal === undefined) return;
    node.kill("disk error");
    startLater(node, chance);
  });
});

/** A copy of the disk is made, and put back much later. */
const backup: Mishap = (world, chance) => {
  const node = someUp(world, chance);
  if (!node) return;
  const copy = node.disk.copy();
  world.trace.add(node.machine, () => "a backup of its disk is made");
  world.meanwhile(chance.between(2000, 20_000), () => {
    if (node.state === "dead" || node.state === "starting" || node.state === "stopping") return;
    world.checks.hasReturned = true;
    // Without an identity it is a fresh machine of an old name.
    if (!copy.list().includes("identity")) world.ghost.tainted.add(node.name);
    node.replaceDisk(copy, "backup");
    startLater(node, chance);
  });
};

/** Its state is saved into a file; later some node is started from that, on its own disk or an empty one. */
const saveAndLoad: Mishap = (world, chance) => {
  const node = someUp(world, chance);
  if (!node) return;
  world.trace.add(node.machine, () => "its state is saved into a file");
  save(node.life!, chance.happens(0.7), (bytes) => {
    world.trace.add(node.machine, () => `the file has ${bytes.length} bytes`);
    world.meanwhile(chance.between(500, 20_000), () => {
      const target = chance.happens(0.5) ? node : chance.pick(world.nodes);
      if (target.state !== "up" && target.state !== "down") return;
      startFrom(target, bytes, chance);
    });
  });
};

function startFrom(node: Node, file: Uint8Array, chance: Chance): void {
  node.world.checks.hasReturned = true;
  if (chance.happens(0.5)) node.replaceDisk(new MemoryDisk(), "save and load");
  else if (node.state === "up") node.kill("save and load");
  node.suffer("save and load");
  node.loads = file;
  startLater(node, chance);
}

/** It stops as it should; its disk is copied, and the copy takes its place. */
const coldCopy: Mishap = (world, chance) => {
  const node = someUp(world, chance);
  if (!node) return;
  node.stop();
  const move = () => {
    if (node.state === "stopping") return world.meanwhile(100, move);
    if (node.state !== "down") return;
    world.checks.hasReturned = true;
    node.replaceDisk(node.disk.copy(), "cold copy");
    startLater(node, chance);
  };
  world.meanwhile(100, move);
};

/** Another machine, with the same name: fresh, or started from an image of a disk that was stopped cleanly. */
const twin: Mishap = (world, chance) => {
  const node = someUp(world, chance);
  const machine = `${node?.machine}'`;
  if (!node || node.machine.includes("'") || world.nodes.some((other) => other.machine === machine)) return;
  node.stop();
  const image = () => {
    if (node.state === "stopping") return world.meanwhile(100, image);
    if (node.state !== "down") return;
    const isImage = chance.happens(0.6);
    const disk = isImage ? node.disk.twin() : new MemoryDisk();
    world.checks.hasReturned = true;
    world.ghost.tainted.add(node.name);
    for (const writer of node.lastStore?.writers.keys() ?? []) {
      if (writer.startsWith(`${node.name}~`)) world.ghost.tainted.add(writer);
    }
    const other = world.add({ ...node.options, machine }, disk);
    if (isImage) other.takeImageOf(node);
    other.suffer("twin");
    node.suffer("twin");
    startLater(node, chance);
    startLater(other, chance);
  };
  world.meanwhile(100, image);
};

/** One of several is gone for ever, with its disk. */
const death: Mishap = (world, chance) => {
  const { living } = world;
  if (living.length <= 2) return;
  const node = chance.pick(living);
  if (node.state === "starting") return;
  node.die();
  for (const other of world.living) other.suffer("death");
};

/** A new machine comes. */
const join: Mishap = (world, chance) => {
  if (world.nodes.length > 7) return;
  const node = world.add({
    ...world.nodes[0].options,
    machine: `N${world.nodes.length}`,
    name: `N${world.nodes.length}`,
  });
  node.suffer("join");
  world.timeline.after(0, () => node.start());
  if (chance.happens(0.3)) world.meanwhile(chance.between(1, 400), () => node.die());
};

/** Nobody waits for a node any more; it may come back. */
const forget: Mishap = (world, chance) => {
  const [node, gone] = [someUp(world, chance), chance.pick(world.nodes)];
  if (!node || node === gone || node.name === gone.name) return;
  world.checks.hasReturned = true;
  gone.suffer("forget");
  node.suffer("forget");
  world.trace.add(node.machine, () => `forgets ${gone.name}`);
  const { life } = node;
  life!.enter(() => life!.turn(() => life!.replicator.forget(gone.name)));
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
  "forget": forget,
};
