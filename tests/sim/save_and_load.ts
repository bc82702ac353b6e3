/**
 * State files: a node's state is saved into one, in the original's format, and later a node is started from it.
 *
 * @module
 */

import { readStateFile } from "../../server/persist/state_file_reader.ts";
import { StateFiles } from "../../server/persist/state_files.ts";
import { StateLoader } from "../../server/persist/state_loader.ts";
import type { StateRecord } from "../../server/persist/state_record.ts";
import type { MemoryDisk } from "../support/memory_disk.ts";
import type { Life } from "./life.ts";

/** Files are read in pieces of this size. */
const pieceBytes = 512;

/** The state files of one process. */
export function stateFilesOf(life: Life, disk: MemoryDisk): StateFiles {
  const { world, machine, nowMs, chance } = life.parts;
  const { timeline, trace } = world;
  const isOver = () => life.isOver;
  disk.later = (body) => timeline.later(chance.between(0, 2), body, isOver);
  return new StateFiles({
    store: life.store,
    clock: {
      nowMs,
      after: (ms, run) => life.after(ms, run),
      pause: () => timeline.later(chance.next(), () => {}, isOver),
    },
    openDirectory: () => disk,
    onFailure: (text) => trace.add(machine, () => text),
  });
}

/**
 * Saves the state of a node, while it goes on. `then` gets the file, unless the node dies before it is whole.
 * @param isFull With the internal entries
 */
export function save({ services, isOver }: Life, isFull: boolean, then: (bytes: Uint8Array) => void): void {
  if (isOver) return;
  const name = `saved-${services.saves++}`;
  void services.files.save(name, isFull).then(() => then(services.filesDisk.contentOf(name)));
}

/** Reads a state file. */
export async function recordsOf(bytes: Uint8Array, report: (line: string) => void): Promise<StateRecord[]> {
  const records: StateRecord[] = [];
  for await (const record of readStateFile(pieces(bytes), report)) records.push(record);
  return records;
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.slice(at, at + pieceBytes);
}

/** Takes the records, before anything else happens in that process. */
export function load(life: Life, records: readonly StateRecord[]): void {
  const { world, machine } = life.parts;
  const loader = new StateLoader(life.store, (text) => world.trace.add(machine, () => text));
  life.turn(() => {
    for (const record of records) loader.take(record);
    const isWhole = loader.finish();
    world.trace.add(
      machine,
      () => `loads ${loader.records} records, ${loader.applied} new; ${isWhole ? "all" : "a part"}`,
    );
  });
}
