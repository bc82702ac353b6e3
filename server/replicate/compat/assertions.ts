/**
 * Writes winners again where originals may keep another value: after a tie in tock (they keep what came last), after a
 * conflict with a deletion (they take any old value over one), after one of them was reset, after one called a tick deleted
 * that is in a live entry's chain (they drop the entry). The server of ours with the
 * lowest name does it, once, when things are quiet; the next ones wait longer and find it done.
 *
 * The new event names the winner and the loser, so that originals take it whichever they have. A losing deletion is left
 * out: they would purge the entry together with it, and take anything over a deletion anyway.
 *
 * @module
 */

import type { ElementKey } from "../../../wire/path/keys.ts";
import type { Alarm, Conflict } from "../../core/effect.ts";
import type { Entry } from "../../core/entry.ts";
import type { Store } from "../../core/store.ts";
import type { Writer } from "../../core/writer.ts";

/** Entries that wait; more are left to the admin's eye: the conflict list has them. */
const pendingMax = 10_000;

/** Entries written in one step. */
const perStep = 16;

/** How long a step waits for the next. */
const stepMs = 100;

/** A winner that may have to be written again. */
interface Pending {
  readonly keys: readonly ElementKey[];
  readonly writer: Writer;
  readonly tick: number;
  readonly isDeletion: boolean;
  readonly loser: { readonly writer: Writer; readonly tick: number } | undefined;
  dueMs: number;
  /** Whether those of ours with lower names have had their time. */
  isLast: boolean;
}

/** See the module. */
export class Assertions {
  /** Winners written again. */
  count = 0;
  /** By the loser. */
  readonly #pending = new Map<string, Pending>();

  /** Entries that were dropped by originals lately. */
  readonly #droppedUntilMs = new WeakMap<Entry, number>();

  constructor(private readonly store: Store) {}

  /** When the next is due. */
  get wakeAtMs(): number {
    let at = Infinity;
    for (const { dueMs } of this.#pending.values()) at = Math.min(at, dueMs);
    return at;
  }

  /** Somebody lost. Returns whether originals may see it differently. */
  conflict({ path, writer, tick, tock, value }: Conflict, dueMs: number): boolean {
    const entry = this.store.find(path, path.length);
    if (entry === undefined || entry.writer === null) return false;
    if (tock !== entry.tock && value !== null && entry.hasValue) return false;
    const loser = value === null ? undefined : { writer, tick };
    this.#add(`${tick} ${writer.name}`, path, entry, loser, dueMs);
    return true;
  }

  /** An original was reset, and used a tick again at this path. */
  reset({ path, writer, tick }: Alarm, dueMs: number): void {
    const entry = this.store.find(path, path.length);
    if (entry === undefined || entry.writer === null) return;
    this.#add(`${tick} ${writer.name} ${path.length}`, path, entry, undefined, dueMs);
  }

  /** Originals have dropped this live entry. Not more often than every ten delays: they may go on saying so. */
  dropped(entry: Entry, nowMs: number, delayMs: number): void {
    const { writer, tick } = entry;
    if (writer === null || !entry.hasValue || nowMs < (this.#droppedUntilMs.get(entry) ?? 0)) return;
    this.#droppedUntilMs.set(entry, nowMs + 10 * delayMs);
    const dueMs = nowMs + delayMs;
    const keys: ElementKey[] = [];
    keys.length = entry.readKeys(keys);
    this.#add(`dropped ${tick} ${writer.name}`, keys, entry, undefined, dueMs);
  }

  #add(key: string, keys: readonly ElementKey[], winner: Entry, loser: Pending["loser"], dueMs: number): void {
    const { writer, tick, isTombstone: isDeletion } = winner;
    if (writer === null || this.#pending.size >= pendingMax) return;
    this.#pending.set(key, { keys, writer, tick, isDeletion, loser, dueMs, isLast: false });
  }

  /** Puts everything off: things are not quiet. */
  putOff(untilMs: number): void {
    for (const pending of this.#pending.values()) pending.dueMs = Math.max(pending.dueMs, untilMs);
  }

  /**
   * Writes what is due; to be called within a turn.
   * @param yieldMs How long those of ours with lower names have to do it
   */
  time(nowMs: number, yieldMs: number): void {
    let left = perStep;
    for (const [key, pending] of [...this.#pending]) {
      if (pending.dueMs > nowMs) continue;
      if (!pending.isLast && yieldMs > 0) {
        pending.isLast = true;
        pending.dueMs = nowMs + yieldMs;
      } else if (left-- <= 0) pending.dueMs = nowMs + stepMs;
      else {
        this.#pending.delete(key);
        this.#write(pending);
      }
    }
  }

  #write({ keys, writer, tick, isDeletion, loser }: Pending): void {
    const entry = this.store.find(keys, keys.length);
    const isGone = entry === undefined || entry.writer === null;
    // Any other head came later: somebody has done it, or it is not needed any more.
    if (isGone ? !isDeletion : entry.writer !== writer || entry.tick !== tick) return;
    // That originals have a deletion, and it was purged therefore, does not say that they show it.
    if (isGone) this.store.delete(this.store.ensure(keys, keys.length));
    else this.store.writeAgain(entry, loser);
    this.count++;
  }

  /** Forgets everything: nobody listens. */
  clear(): void {
    this.#pending.clear();
  }
}
