/**
 * Mishaps of disks.
 *
 * @module
 */

import { fileHeaderBytes } from "../../server/persist/file_header.ts";
import { frameHeaderBytes } from "../../server/persist/frame.ts";
import { FrameReader } from "../../server/persist/frame_reader.ts";
import { readHeader, saltOf } from "../../server/persist/generation.ts";
import type { MemoryDisk } from "../support/memory_disk.ts";
import type { Chance } from "./chance.ts";
import { down, fell, type Mishap, startLater, toOne } from "./mishap.ts";

/** Of what was not synced, a part is there. */
export const torn: Mishap = down((node, chance) => {
  const zeros = chance.happens(0.3);
  node.powerCut({ tail: (unsynced) => chance.below(unsynced + 1), zeros: () => zeros }, "torn record");
});

/** The directory was not synced. */
export const lostRename: Mishap = down((node, chance) => {
  const [operations, removals] = [chance.next(), chance.happens(0.3)];
  node.powerCut({ operations: (pending) => Math.floor(operations * (pending + 1)), removals }, "lost rename");
});

/** Something in the middle of its files is damaged: the node notices, or needs none of it. */
export const damage: Mishap = down((node, chance) => {
  fell(node, chance);
  node.damage("damage", (disk) => {
    const name = pickFile(disk, chance);
    if (name === undefined) return;
    const [from, to] = middleOf(disk, name);
    if (to <= from) return;
    for (let n = 1 + chance.below(3); n > 0; n--) disk.flip(name, from * 8 + chance.below((to - from) * 8));
  });
});

/**
 * The content of the last record is damaged: it has its length, so it is no record that was not written to its end. (Were it
 * cut off, nobody could know, and its ticks would be used twice: no log can help if the disk forgets what it has synced.)
 */
export const damagedTail: Mishap = down((node, chance) => {
  fell(node, chance);
  node.damage("damaged tail", (disk) => {
    const name = lastLog(disk);
    if (name === undefined) return;
    const from = middleOf(disk, name)[1] + frameHeaderBytes;
    const size = disk.contentOf(name).length;
    if (from < size) disk.flip(name, from * 8 + chance.below((size - from) * 8));
  });
});

function pickFile(disk: MemoryDisk, chance: Chance): string | undefined {
  const names = disk.list().filter((name) => /^(log|snapshot)/.test(name) && disk.contentOf(name).length > 0);
  return names.length === 0 ? undefined : chance.pick(names);
}

function lastLog(disk: MemoryDisk): string | undefined {
  return disk.list().filter((name) => /^log/.test(name)).at(-1);
}

/** The bytes of a file whose damage cannot be taken for a torn end; of the last log all but its header and last record. */
function middleOf(disk: MemoryDisk, name: string): [from: number, to: number] {
  const file = disk.open(name, "read");
  try {
    const size = file.size();
    const header = readHeader(file);
    if (name !== lastLog(disk) || header === undefined) return [0, name === lastLog(disk) ? 0 : size];
    const reader = new FrameReader(
      file,
      saltOf("log", Number(name.split("-")[1]), header.directorySalt),
      fileHeaderBytes,
    );
    let last = fileHeaderBytes;
    for (let outcome = reader.next(); outcome !== "end"; outcome = reader.next()) last = reader.from;
    return [fileHeaderBytes, last];
  } finally {
    file.close();
  }
}

/** No room is left for a while. */
export const fullDisk: Mishap = toOne((node, chance) => {
  node.suffer("full disk");
  node.disk.freeBytes = chance.below(600);
  const { disk } = node;
  node.world.meanwhile(chance.between(1000, 15_000), () => void (disk.freeBytes = Infinity));
});

/** Nothing can be written at the next attempts. */
export const diskError: Mishap = toOne((node, chance) => {
  node.suffer("disk error");
  node.disk.failAt = node.disk.steps + chance.below(10);
  node.disk.failures = 1 + chance.below(3);
  node.world.meanwhile(chance.between(1000, 15_000), () => {
    if (node.life?.turns.refusal === undefined) return;
    node.kill("disk error");
    startLater(node, chance);
  });
});
