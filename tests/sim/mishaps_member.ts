/**
 * Mishaps by which nodes come, go, and come back as somebody else.
 *
 * @module
 */

import { MemoryDisk } from "../support/memory_disk.ts";
import type { Chance } from "./chance.ts";
import { someUp, startLater } from "./mishap.ts";
import type { Node } from "./node.ts";
import { save } from "./save_and_load.ts";
import type { World } from "./world.ts";

/** A copy of the disk is made, and put back much later. */
export function backup(world: World, chance: Chance): void {
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
}

/** Its state is saved into a file; later some node is started from that, on its own disk or an empty one. */
export function saveAndLoad(world: World, chance: Chance): void {
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
}

function startFrom(node: Node, file: Uint8Array, chance: Chance): void {
  node.world.checks.hasReturned = true;
  if (chance.happens(0.5)) node.replaceDisk(new MemoryDisk(), "save and load");
  else if (node.state === "up") node.kill("save and load");
  node.suffer("save and load");
  node.loads = file;
  startLater(node, chance);
}

/** It stops as it should; its disk is copied, and the copy takes its place. */
export function coldCopy(world: World, chance: Chance): void {
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
}

/** Another machine, with the same name: fresh, or started from an image of a disk that was stopped cleanly. */
export function twin(world: World, chance: Chance): void {
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
}

/** One of several is gone for ever, with its disk. */
export function death(world: World, chance: Chance): void {
  const { living } = world;
  if (living.length <= 2) return;
  const node = chance.pick(living);
  if (node.state === "starting" || isLastWithState(node)) return;
  node.die();
  for (const other of world.living) other.suffer("death");
}

/** Whether only nodes would be left that wait for somebody to copy from: that is a new network, and has to be begun. */
function isLastWithState(node: Node): boolean {
  return node.world.living.every((other) => other === node || other.options.copies && !other.isComplete);
}

/** A new machine comes. */
export function join(world: World, chance: Chance): void {
  if (world.nodes.length > 7) return;
  const node = world.add({
    ...world.nodes[0].options,
    machine: `N${world.nodes.length}`,
    name: `N${world.nodes.length}`,
  });
  node.suffer("join");
  world.timeline.after(0, () => node.start());
  if (chance.happens(0.3)) world.meanwhile(chance.between(1, 400), () => node.die());
}

/** A new machine comes, and copies the state of another one; one of the two may die midway. */
export function copy(world: World, chance: Chance): void {
  if (world.nodes.length > 8) return;
  const machine = `N${world.nodes.length}`;
  const node = world.add({ ...world.nodes[0].options, machine, name: machine, copies: true });
  node.suffer("copy");
  world.timeline.after(0, () => node.start());
  if (chance.happens(0.6)) breakOff(node, chance);
}

/** As soon as it copies, and then a moment later. */
function breakOff(node: Node, chance: Chance): void {
  const { world } = node;
  const look = () => {
    const source = node.life?.joining?.source;
    if (source === undefined) return void (node.isComplete || world.meanwhile(5, look));
    world.meanwhile(chance.between(0, 20), () => {
      const victim = chance.happens(0.6) ? source : node;
      if (victim.state !== "up") return;
      if (chance.happens(0.3) && world.living.length > 3 && !isLastWithState(victim)) return victim.die();
      if (chance.happens(0.5)) victim.kill("copy");
      else victim.powerCut({}, "copy");
      startLater(victim, chance);
    });
  };
  world.meanwhile(5, look);
}

/** Nobody waits for a node any more; it may come back. */
export function forget(world: World, chance: Chance): void {
  const [node, gone] = [someUp(world, chance), chance.pick(world.nodes)];
  if (!node || node === gone || node.name === gone.name) return;
  world.checks.hasReturned = true;
  gone.suffer("forget");
  node.suffer("forget");
  world.trace.add(node.machine, () => `forgets ${gone.name}`);
  const { life } = node;
  life!.enter(() => life!.turn(() => life!.replicator.forget(gone.name)));
}
