/**
 * Writes the records of conflicts, once, and keeps their number within limits. A step machine without clock or timers.
 *
 * ```text
 * a conflict was noticed ─▶ recovery is quiet ─▶ k · 50 ms, k among the servers that are there ─▶ record, unless it is here
 * ```
 *
 * A write at the path of a pending conflict does not wait for that: the store writes the record before it (local_store.ts).
 *
 * What `prefer NODE` wants is done by NODE alone, as a write of its own on top of both.
 *
 * @module
 */

import type { ElementKey } from "../../../wire/path/keys.ts";
import { recordKeys } from "../../core/conflicts.ts";
import type { Conflict, Effect } from "../../core/effect.ts";
import type { Store } from "../../core/store.ts";
import { names } from "../../core/merge.ts";
import { nodeOf } from "../../core/writer.ts";
import { policyAt } from "./policy.ts";
import { losingValue, Records } from "./records.ts";

/** From one server to the next. */
export const turnWaitMs = 50;
/** How long a server that is preferred has to act before its conflict is recorded. */
export const preferredMs = 2000;
/** Recovery that does not end keeps nobody waiting any longer than this. */
const patienceMs = 30_000;
/** While recovery is not quiet, and while the store holds what is not logged. */
const lookMs = 100;
const idleLookMs = 5000;
const retryMs = 2;
/** Records of one turn. */
const turnMax = 200;
/** Drops are reported at most so often. */
const reportMs = 60_000;

/** How many records there may be, and how many of one path. */
export const recordsMax = 10_000;
export const recordsOfPathMax = 16;

/** A losing event. */
interface Loser {
  readonly path: readonly ElementKey[];
  readonly writer: string;
  readonly tick: number;
  readonly tock: number;
  /** Null: a deletion. */
  readonly value: Uint8Array | null;
}

/** How many records were deleted because there were too many. */
export interface DropCount {
  readonly value: number;
  add(count: number): void;
}

class RunDropCount implements DropCount {
  value = 0;
  add(count: number): void {
    this.value += count;
  }
}

/** What a recorder is given. */
export interface RecorderParts {
  readonly store: Store;
  /** The server's name. */
  readonly node: string;
  readonly nowMs: () => number;
  /** Runs `body`, which changes the store, within a turn. */
  readonly turn: (body: () => void) => void;
  readonly report: (line: string) => void;
  /** Other servers of this kind that are there. */
  readonly present: () => Iterable<string>;
  /** Whether nothing is missing here that any of them has. */
  readonly isQuiet: () => boolean;
  /** Called when `dueMs` has become earlier. */
  readonly wake?: () => void;
  /** Default: of this run. */
  readonly drops?: DropCount;
  readonly recordsMax?: number;
  readonly recordsOfPathMax?: number;
}

/** See the module. */
export class ConflictRecorder {
  /** When `time()` has to be called; Infinity: never. */
  dueMs = Infinity;
  readonly #drops: DropCount;
  readonly #records: Records;
  /** Lost events of this server that it is to write again. */
  readonly #preferred = new Map<string, Loser>();
  #noticedMs = Infinity;
  /** When a record came from another server. */
  #othersMs = -Infinity;
  #quietMs: number | undefined;
  #isSurplus = true;
  #reportAtMs = -Infinity;

  constructor(private readonly parts: RecorderParts) {
    this.#drops = parts.drops ?? new RunDropCount();
    this.#records = new Records(parts.store);
    for (const conflict of parts.store.conflicts) this.#notice(conflict);
    this.#by(parts.nowMs());
  }

  /** How many records there are. */
  get size(): number {
    return this.#records.size;
  }

  /** How many were deleted because there were too many. */
  get dropped(): number {
    return this.#drops.value;
  }

  /** How many conflicts have none yet. */
  get pending(): number {
    return this.parts.store.conflicts.size;
  }

  /** These effects are logged. */
  committed(effects: readonly Effect[]): void {
    const before = this.dueMs;
    for (const effect of effects) if (effect.kind === "conflict") this.#notice(effect);
    const fresh = this.#records.committed(effects);
    if (fresh.length > 0) {
      this.#isSurplus = true;
      // Somebody else is at it: the next one waits until that ends.
      if (effects.some((effect) => effect.kind === "change" && !effect.local)) this.#othersMs = this.parts.nowMs();
      for (const info of fresh) this.#prefer(info, () => losingValue(this.parts.store.values.read(info.entry.value)));
      this.#by(this.parts.nowMs());
    }
    if (this.dueMs < before) this.parts.wake?.();
  }

  #notice(conflict: Conflict): void {
    const nowMs = this.parts.nowMs();
    this.#noticedMs = Math.min(this.#noticedMs, nowMs);
    this.#prefer({ ...conflict, writer: conflict.writer.name }, () => conflict.value);
    this.#by(nowMs);
  }

  #prefer({ path, writer, tick, tock }: Omit<Loser, "value">, value: () => Uint8Array | null | undefined): void {
    const { store, node } = this.parts;
    const key = `${tick} ${writer}`;
    if (nodeOf(writer) !== node || this.#preferred.has(key)) return;
    const policy = policyAt(store, path);
    if (policy.kind !== "prefer" || policy.node !== node) return;
    const bytes = value();
    if (bytes !== undefined) this.#preferred.set(key, { path, writer, tick, tock, value: bytes });
  }

  #by(atMs: number): void {
    if (atMs < this.dueMs) this.dueMs = atMs;
  }

  /** Does what is due. */
  time(): void {
    const { store, nowMs, turn } = this.parts;
    if (nowMs() < this.dueMs) return;
    this.dueMs = Infinity;
    if (store.conflicts.size === 0) this.#noticedMs = Infinity;
    if (store.conflicts.size === 0 && !this.#isSurplus && this.#preferred.size === 0) return;
    if (store.effects.length > 0) return this.#by(nowMs() + retryMs);
    const waitMs = this.#waitMs();
    if (waitMs > 0) return this.#by(nowMs() + waitMs);
    turn(() => {
      this.#writePreferred();
      this.#writeRecords();
      this.#drop();
    });
  }

  /** How long it is until this server's turn. */
  #waitMs(): number {
    const { node, nowMs, present, isQuiet } = this.parts;
    const now = nowMs();
    if (!isQuiet() && now - this.#noticedMs < patienceMs) {
      this.#quietMs = undefined;
      return this.#noticedMs === Infinity ? idleLookMs : lookMs;
    }
    this.#quietMs ??= now;
    const place = [...new Set([...present(), node])].sort().indexOf(node);
    const noticedMs = this.#noticedMs === Infinity ? -Infinity : this.#noticedMs;
    return Math.max(this.#quietMs, noticedMs, this.#othersMs) + place * turnWaitMs - now;
  }

  #writeRecords(): void {
    const { store, nowMs } = this.parts;
    let left = turnMax;
    for (const conflict of [...store.conflicts]) {
      if (left-- === 0) return this.#by(nowMs() + retryMs);
      if (this.#isLeftToOther(conflict)) this.#by(this.#noticedMs + preferredMs);
      else store.record(conflict);
    }
  }

  /** Whether another server is about to write this again. */
  #isLeftToOther(conflict: Conflict): boolean {
    const { store, node, nowMs, present } = this.parts;
    if (conflict.writer.node === node || nowMs() - this.#noticedMs >= preferredMs) return false;
    const policy = policyAt(store, conflict.path);
    return policy.kind === "prefer" && policy.node === conflict.writer.node && [...present()].includes(policy.node);
  }

  /** Writes what this server lost, and is preferred, again. */
  #writePreferred(): void {
    const losers = [...this.#preferred.values()].sort((a, b) => a.tock - b.tock);
    this.#preferred.clear();
    for (const loser of losers) this.#writeAgain(loser);
  }

  #writeAgain({ path, writer: name, tick, tock, value }: Loser): void {
    const { store } = this.parts;
    const writer = store.writer(name);
    const keys = recordKeys({ path, writer, tick });
    const record = store.ensure(keys, keys.length);
    const entry = store.ensure(path, path.length);
    const isKnown = entry.writer?.node === writer.node || names(entry, { writer, tick, tock, older: null });
    // Somebody has decided already: by a new value, or by deleting the record.
    if (isKnown || record.isTombstone) return store.prune(record);
    // The record's deletion settles the conflict everywhere.
    store.delete(record);
    if (value === null) store.delete(entry);
    else store.write(entry, value, 0, value.length);
  }

  /** Deletes what is too much, the lowest rank first. */
  #drop(): void {
    if (!this.#isSurplus) return;
    this.#isSurplus = false;
    const { store, recordsMax: all = recordsMax, recordsOfPathMax: each = recordsOfPathMax } = this.parts;
    const surplus = this.#records.surplus(all, each, ({ path }) => policyAt(store, path).kind === "keep-both");
    for (const { entry } of surplus) store.delete(entry);
    if (surplus.length > 0) this.#report(surplus.length);
  }

  #report(count: number): void {
    const { nowMs, report } = this.parts;
    this.#drops.add(count);
    if (nowMs() < this.#reportAtMs) return;
    this.#reportAtMs = nowMs() + reportMs;
    report(`There are too many conflicts: ${this.dropped} records of the lowest rank have been dropped so far`);
  }
}
