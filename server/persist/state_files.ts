/**
 * The state files a server writes for its clients: one log at a time, and any number of saves.
 *
 * @module
 */

import { RequestError } from "../../wire/errors.ts";
import { RequestView, scanRequest } from "../../wire/message/request.ts";
import { headBytes, isMapHead } from "../../wire/msgpack/head.ts";
import type { Effect } from "../core/effect.ts";
import type { Store } from "../core/store.ts";
import { type Disk, DiskError, readAll } from "./file_system.ts";
import { StateLog } from "./state_log.ts";
import type { Clock } from "./surroundings.ts";

/** How much of a file is looked at to see what it is. */
const lookBytes = 64 * 1024;

/** What state files need. */
export interface StateFilesOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** The directory of that path. */
  readonly openDirectory: (path: string) => Disk;
  /** Hears of a log that could not be written any further. */
  readonly onFailure: (text: string) => void;
}

/** See the module. */
export class StateFiles {
  readonly #open: Set<StateLog> = new Set();
  #log: StateLog | undefined;

  /** @param options Whose state, and where to */
  constructor(private readonly options: StateFilesOptions) {}

  /** Takes what happened, when it is logged, and before the store's commit frees values that were replaced. */
  changed(effects: readonly Effect[]): void {
    for (const log of this.#open) log.changed(effects);
  }

  /** Writes the state into a file: the values, and the internal ones if `full`. @throws {RequestError} With code `file` */
  async save(path: string, full: boolean): Promise<void> {
    const log = await this.#begin(path, full ? "all" : "data");
    await this.#end(log);
  }

  /**
   * Logs changes into a file from now on, after the state if `fetch`; then closes the log before. Null only closes it.
   * Without `fetch` one file ends and the next begins between two changes: they have neither a gap nor a change twice.
   * @throws {RequestError} With code `file`; the log before goes on
   */
  async log(path: string | null, fetch: boolean): Promise<void> {
    if (path === null) return await this.#replace(undefined);
    if (fetch) return await this.#replace(await this.#begin(path, "all"));
    const log = this.#make(path, "none");
    let synced: Promise<void>;
    try {
      synced = log.beginAtOnce();
    } catch (error) {
      this.#refuse(log, error);
    }
    await Promise.all([this.#replace(log), synced.catch((error) => this.#refuse(undefined, error))]);
  }

  /** Makes `log` the one; what was before gets nothing more as soon as this is called. */
  async #replace(log: StateLog | undefined): Promise<void> {
    const before = this.#log;
    this.#log = log;
    if (before) await this.#end(before);
  }

  async #begin(path: string, state: "data" | "all"): Promise<StateLog> {
    const log = this.#make(path, state);
    try {
      await log.begin();
      return log;
    } catch (error) {
      this.#refuse(log, error);
    }
  }

  /** From now on it takes changes. */
  #make(path: string, state: "none" | "data" | "all"): StateLog {
    try {
      const { store, clock, onFailure } = this.options;
      const log: StateLog = new StateLog({
        ...this.#locate(path),
        store,
        clock,
        state,
        onFailure: (error) => {
          this.#open.delete(log);
          onFailure(`No changes are logged to ${path} any more: ${error.message}`);
        },
      });
      this.#open.add(log);
      return log;
    } catch (error) {
      this.#refuse(undefined, error);
    }
  }

  #refuse(log: StateLog | undefined, error: unknown): never {
    if (log) this.#open.delete(log);
    throw error instanceof DiskError ? new RequestError("file", error.message, { cause: error }) : error;
  }

  /** Where a path is; refuses what is there already, unless it is a state file. */
  #locate(path: string): { disk: Disk; name: string } {
    const at = path.lastIndexOf("/");
    const name = path.slice(at + 1);
    if (name === "" || name === "." || name === "..") {
      throw new RequestError("file", `Cannot write ${path}: no file name`);
    }
    const disk = this.options.openDirectory(at < 0 ? "." : path.slice(0, at) || "/");
    if (!mayReplace(disk, name)) throw new RequestError("file", `Cannot overwrite ${path}: it is not a state file`);
    return { disk, name };
  }

  async #end(log: StateLog): Promise<void> {
    this.#open.delete(log);
    await log.close().catch((error) => this.#refuse(undefined, error));
  }

  /** Ends everything. */
  async close(): Promise<void> {
    for (const log of [...this.#open]) await this.#end(log).catch((error) => this.options.onFailure(error.message));
    this.#log = undefined;
  }
}

/** Whether a file may be overwritten by a state file: it does not exist, is empty, or is one. @throws {DiskError} */
export function mayReplace(disk: Disk, name: string): boolean {
  const stat = disk.stat(name);
  if (stat === undefined) return true;
  if (!stat.isFile) return false;
  return stat.size === 0 || startsLikeStateFile(readAll(disk, name, lookBytes));
}

/** Whether these bytes, the first of a file, begin with a record of a state file. */
export function startsLikeStateFile(bytes: Uint8Array): boolean {
  if (!isMapHead(bytes[0])) return false;
  const view = new RequestView();
  try {
    if (scanRequest(bytes, 0, bytes.length, view) < 0) return firstKeyIsOurs(bytes);
  } catch {
    return false;
  }
  const isEntry = view.has("path") && view.has("tock") && (view.has("chain") || view.has("node"));
  return isEntry || view.has("info") || view.has("nodes") && view.has("tock");
}

/** For a first record that is longer than what is looked at. */
function firstKeyIsOurs(bytes: Uint8Array): boolean {
  const at = headBytes(bytes[0]);
  const key = new TextDecoder().decode(bytes.subarray(at + 1, at + 1 + (bytes[at] & 31)));
  return bytes.length === lookBytes && ["nodes", "known", "value", "chain", "node", "info"].includes(key);
}
