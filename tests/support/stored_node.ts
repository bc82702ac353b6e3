/**
 * One node with a state directory on a virtual disk, and words to compare what it holds.
 *
 * @module
 */

import type { Change } from "../../server/core/effect.ts";
import type { Store } from "../../server/core/store.ts";
import { walk } from "../../server/core/walk.ts";
import { Persistence, type PersistenceOptions } from "../../server/persist/persistence.ts";
import type { Level } from "../../server/persist/surroundings.ts";
import { decode } from "../../wire/msgpack/decoder.ts";
import { encode } from "../../wire/msgpack/encoder.ts";
import { keysOf } from "../../wire/path/keys.ts";
import { parsePath } from "../../wire/path/parse.ts";
import type { Value } from "../../wire/value.ts";
import { ManualClock } from "./manual_clock.ts";
import type { MemoryDisk } from "./memory_disk.ts";

/** Random bytes that are the same in every run. */
export function seededBytes(seed: number): (n: number) => Uint8Array {
  let state = seed >>> 0 || 1;
  return (n) =>
    Uint8Array.from({ length: n }, () => {
      state = Math.imul(state ^ state >>> 15, 0x2c1b3c6d) + 0x9e3779b9 | 0;
      return state >>> 13;
    });
}

let seeds = 1;

/** A running node. */
export class StoredNode {
  constructor(readonly persistence: Persistence, readonly disk: MemoryDisk, readonly clock: ManualClock) {}

  /** Starts one. */
  static async start(disk: MemoryDisk, options: Partial<PersistenceOptions> = {}): Promise<StoredNode> {
    const clock = options.clock as ManualClock ?? new ManualClock();
    const randomBytes = seededBytes(seeds++);
    const persistence = await Persistence.open({ disk, clock, randomBytes, bootId: "boot1", node: "n", ...options });
    return new StoredNode(persistence, disk, clock);
  }

  get store(): Store {
    return this.persistence.store;
  }

  /** Sets a value (undefined deletes it) and makes it safe; takes it back if that fails. Returns its head. */
  set(path: string, value: Value | undefined, level: Level = "memory"): string {
    const { store } = this;
    const keys = keysOf(parsePath(path));
    const entry = store.ensure(keys, keys.length);
    const bytes = value === undefined ? new Uint8Array(0) : encode(value);
    const change: Change = value === undefined ? store.delete(entry) : store.write(entry, bytes, 0, bytes.length);
    this.commit(level);
    return `${change.writer.name}:${change.tick}`;
  }

  /** Makes what happened safe, or takes it back. */
  commit(level: Level = "memory"): Level {
    const { store, persistence } = this;
    persistence.append(store.effects);
    try {
      const reached = persistence.commit(level);
      store.commit();
      return reached;
    } catch (error) {
      store.rollback();
      throw error;
    }
  }

  /** Stops cleanly. */
  async stop(): Promise<void> {
    await this.persistence[Symbol.asyncDispose]();
  }
}

/** What a store holds, as plain data to be compared. */
export function contentOf(store: Store): Record<string, unknown> {
  const entries: Record<string, string> = {};
  for (const entry of walk(store.root, { empty: true, meta: true })) {
    if (entry.writer === null) continue;
    let chain = `${entry.writer.name}:${entry.tick}`;
    for (let link = entry.older; link; link = link.prev) chain += ` ${link.writer.name}:${link.tick}`;
    const value = entry.hasValue ? JSON.stringify(decode(store.values.read(entry.value))) : "deleted";
    entries[entry.path().toString()] = `${value} ${chain} @${entry.tock}`;
  }
  const writers: Record<string, unknown> = {};
  for (const [name, writer] of store.writers) {
    if (writer.tick === 0) continue;
    const { tick, topTick, topTock, purgedUpTo, have, givenUp, tombstones, remoteMissing } = writer;
    const sets = [have, givenUp, tombstones, remoteMissing, writer.present()].map((set) =>
      JSON.stringify(set.toWire())
    );
    writers[name] = [tick, topTick, topTock, purgedUpTo, ...sets].join(" ");
  }
  const conflicts = [...store.conflicts].map(({ path, value, writer, tick, tock }) =>
    `${path.map(String).join(".")} ${value && JSON.stringify(decode(value))} ${writer.name}:${tick} @${tock}`
  );
  return {
    entries,
    writers,
    conflicts: conflicts.sort(),
    clock: store.clock,
    digest: store.digest,
    live: store.liveCount,
  };
}

/** Paths and values alone. */
export function valuesOf(store: Store): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const entry of walk(store.root, { meta: true })) {
    values[entry.path().toString()] = decode(store.values.read(entry.value));
  }
  return values;
}
