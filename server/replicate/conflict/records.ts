/**
 * The records of conflicts that are in the tree: how many there are in all and of each path, and which of them have the
 * lowest rank.
 *
 * @module
 */

import { KvError } from "../../../wire/errors.ts";
import { field, isMap } from "../../../wire/message/decoded_map.ts";
import { RequestView, scanRequest } from "../../../wire/message/request.ts";
import { decode } from "../../../wire/msgpack/decoder.ts";
import { type ElementKey, keysOf } from "../../../wire/path/keys.ts";
import { Path } from "../../../wire/path/path.ts";
import { isConflictPath } from "../../core/conflicts.ts";
import type { Effect } from "../../core/effect.ts";
import type { Entry } from "../../core/entry.ts";
import type { Store } from "../../core/store.ts";

/** What is known of a record. */
export interface RecordInfo {
  /** The record. */
  readonly entry: Entry;
  /** Where the conflict happened. */
  readonly path: readonly ElementKey[];
  /** That, as a text. */
  readonly text: string;
  /** The losing event. */
  readonly writer: string;
  readonly tick: number;
  readonly tock: number;
}

const places: readonly (readonly ElementKey[])[] = [[".moat", "kv", "conflict"], [null, "conflict"]];

/** See the module. */
export class Records {
  readonly #all = new Map<Entry, RecordInfo>();
  readonly #byPath = new Map<string, Set<RecordInfo>>();

  constructor(private readonly store: Store) {
    for (const place of places) {
      for (const writer of store.find(place, place.length)?.children ?? []) {
        for (const entry of writer.children ?? []) this.#read(entry);
      }
    }
  }

  /** How many there are. */
  get size(): number {
    return this.#all.size;
  }

  /** All of them. */
  [Symbol.iterator](): Iterator<RecordInfo> {
    return this.#all.values();
  }

  /** Takes note of what has changed; returns the records that are new. */
  committed(effects: readonly Effect[]): RecordInfo[] {
    const fresh: RecordInfo[] = [];
    for (const effect of effects) {
      if (effect.kind === "purged") this.#forget(effect.entry);
      if (effect.kind !== "change" || !isRecordEntry(effect.entry)) continue;
      const info = this.#read(effect.entry);
      if (info !== undefined) fresh.push(info);
    }
    return fresh;
  }

  #read(entry: Entry): RecordInfo | undefined {
    const known = this.#all.get(entry);
    const info = entry.hasValue ? readRecord(this.store, entry) : undefined;
    if (known !== undefined && info !== undefined) return undefined; // the same, written by two
    if (known !== undefined) this.#remove(known);
    if (info === undefined) return undefined;
    this.#all.set(entry, info);
    const others = this.#byPath.get(info.text);
    if (others === undefined) this.#byPath.set(info.text, new Set([info]));
    else others.add(info);
    return info;
  }

  /** An entry is gone that never was deleted, because nobody else had it. */
  #forget(entry: Entry): void {
    const known = this.#all.get(entry);
    if (known !== undefined) this.#remove(known);
  }

  #remove(info: RecordInfo): void {
    this.#all.delete(info.entry);
    const others = this.#byPath.get(info.text);
    others?.delete(info);
    if (others?.size === 0) this.#byPath.delete(info.text);
  }

  /**
   * Those of the lowest rank that have to go so that neither limit is exceeded. @param isExempt Whether a record does not
   * count
   */
  surplus(allMax: number, pathMax: number, isExempt: (info: RecordInfo) => boolean): RecordInfo[] {
    const gone = new Set<RecordInfo>();
    for (const infos of this.#byPath.values()) {
      if (infos.size > pathMax) lowest([...infos].filter((info) => !isExempt(info)), pathMax).forEach(gone.add, gone);
    }
    if (this.#all.size - gone.size > allMax) {
      const rest = [...this.#all.values()].filter((info) => !gone.has(info) && !isExempt(info));
      lowest(rest, allMax).forEach(gone.add, gone);
    }
    return [...gone];
  }
}

/** All but the `max` of the highest rank. */
function lowest(infos: RecordInfo[], max: number): RecordInfo[] {
  return infos.sort(byRank).slice(max);
}

/** The highest rank first. */
function byRank(a: RecordInfo, b: RecordInfo): number {
  if (a.tock !== b.tock) return b.tock - a.tock;
  if (a.writer !== b.writer) return a.writer < b.writer ? -1 : 1;
  return b.tick - a.tick;
}

function isRecordEntry(entry: Entry): boolean {
  if (typeof entry.key !== "number" || typeof entry.parent?.key !== "string") return false;
  if (entry.parent.parent?.key !== "conflict") return false;
  const keys: ElementKey[] = [];
  const length = entry.readKeys(keys);
  return isConflictPath(keys, length) && length === (keys[0] === null ? 4 : 5);
}

function readRecord(store: Store, entry: Entry): RecordInfo | undefined {
  const { key: tick, parent } = entry;
  if (typeof tick !== "number" || typeof parent?.key !== "string") return undefined;
  const value = tryDecode(store.values.read(entry.value));
  const path = isMap(value) ? field(value, "path") : undefined;
  const tock = isMap(value) ? field(value, "tock") : undefined;
  // A client can write here, too; what is no record counts with the lowest rank, so that it cannot fill the disk.
  const at = path instanceof Path ? path : Path.root;
  const known = typeof tock === "number" ? tock : 0;
  return { entry, path: keysOf(at), text: at.toString(), writer: parent.key, tick, tock: known };
}

const view = new RequestView();

/** The losing value in a record, encoded; null if the loser was a deletion, undefined if this is no record. */
export function losingValue(bytes: Uint8Array): Uint8Array | null | undefined {
  if (!isMap(tryDecode(bytes))) return undefined;
  scanRequest(bytes, 0, bytes.length, view);
  if (view.valueStart >= 0) return bytes.slice(view.valueStart, view.valueEnd);
  return view.bool("deleted", false) ? null : undefined;
}

function tryDecode(bytes: Uint8Array): ReturnType<typeof decode> {
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof KvError) return null;
    throw error;
  }
}
