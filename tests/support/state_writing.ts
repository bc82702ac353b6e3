/**
 * Writing state files, and reading them back.
 *
 * @module
 */

import { Store } from "../../server/core/store.ts";
import { StateFileReader } from "../../server/persist/state_file_reader.ts";
import { StateFiles } from "../../server/persist/state_files.ts";
import { StateLoader } from "../../server/persist/state_loader.ts";
import type { StateRecord } from "../../server/persist/state_record.ts";
import { MemoryDisk } from "./memory_disk.ts";
import { contentOf, StoredNode } from "./stored_node.ts";

/** A node whose clients write state files on a disk of their own. */
export class Writing {
  readonly files = new MemoryDisk();
  readonly failures: string[] = [];
  readonly stateFiles: StateFiles;
  constructor(readonly node: StoredNode) {
    const { store, clock } = node;
    const openDirectory = () => this.files;
    this.stateFiles = new StateFiles({ store, clock, openDirectory, onFailure: (text) => this.failures.push(text) });
  }
  static async start(): Promise<Writing> {
    return new Writing(await StoredNode.start(new MemoryDisk()));
  }
  /** Sets a value and tells the logs, as a server does: when it is logged, before the store's commit. */
  set(path: string, value: number | string | undefined): void {
    const { store } = this.node;
    const commit = store.commit;
    store.commit = () => {
      this.stateFiles.changed(store.effects);
      store.commit = commit;
      return store.commit();
    };
    this.node.set(path, value);
  }
}

/** The records of a file. */
export function recordsOf(bytes: Uint8Array, warnings: string[] = []): StateRecord[] {
  const reader = new StateFileReader((text) => warnings.push(text));
  reader.push(bytes);
  const records: StateRecord[] = [];
  for (let record = reader.next(); record; record = reader.next()) records.push(record);
  reader.finish();
  return records;
}

/** A new store with these files in it, and whether what they say is superseded was believed. */
export function load(...files: Uint8Array[]): { store: Store; believed: boolean; warnings: string[] } {
  const warnings: string[] = [];
  const store = new Store({ node: "reader" });
  const loader = new StateLoader(store, (text) => warnings.push(text));
  for (const file of files) for (const record of recordsOf(file, warnings)) loader.take(record);
  const believed = loader.finish();
  store.commit();
  return { store, believed, warnings };
}

export function entriesOf(store: Store): unknown {
  return contentOf(store).entries;
}
