/**
 * Conflicts: an event lost against one whose author did not know it. Each stays pending, in the log and in snapshots, until
 * its record (an ordinary, replicated entry) or that record's tombstone is here.
 *
 * | the event was at | its record is at |
 * | --- | --- |
 * | `a.b` | `:.moat.kv.conflict.WRITER.TICK`: the elements `".moat" "kv" "conflict" WRITER TICK` |
 * | `:n.…` (internal) | `null "conflict" WRITER TICK` |
 *
 * The record depends on the losing event alone, so that two nodes that write it write the same bytes:
 * `{path, node, tick, tock, value}`, or `deleted: true` instead of `value`. Nothing at or below these places is ever a conflict.
 *
 * @module
 */

import type { Encoder } from "../../wire/msgpack/encoder.ts";
import { type ElementKey, elementOf } from "../../wire/path/keys.ts";
import { Path } from "../../wire/path/path.ts";
import type { Conflict } from "./effect.ts";
import type { Entry } from "./entry.ts";
import type { Turn } from "./turn.ts";
import type { Writer } from "./writer.ts";

const prefix: readonly ElementKey[] = [".moat", "kv", "conflict"];
const metaPrefix: readonly ElementKey[] = [null, "conflict"];

/** Where the name of the network is. When two networks become one, one of their names has to go, and nobody misses it. */
export const networkKeys: readonly ElementKey[] = [null, "network"];

function startsWith(keys: readonly ElementKey[], length: number, start: readonly ElementKey[]): boolean {
  return length >= start.length && start.every((key, i) => keys[i] === key);
}

/** Whether `keys[0 … length)` is at or below a place for records. */
export function isConflictPath(keys: readonly ElementKey[], length: number): boolean {
  return startsWith(keys, length, prefix) || startsWith(keys, length, metaPrefix);
}

/** What the place of a record depends on. */
export interface ConflictPlace {
  /** Where the conflict happened. */
  readonly path: readonly ElementKey[];
  /** Who made the loser. */
  readonly writer: { readonly name: string };
  /** The loser's tick. */
  readonly tick: number;
}

/** Whether nothing at `keys[0 … length)` is ever a conflict. */
export function isWithoutConflicts(keys: readonly ElementKey[], length: number): boolean {
  return isConflictPath(keys, length) || (length === networkKeys.length && startsWith(keys, length, networkKeys));
}

/** Where the record of `conflict` belongs. */
export function recordKeys(conflict: ConflictPlace): ElementKey[] {
  return [...(conflict.path[0] === null ? metaPrefix : prefix), conflict.writer.name, conflict.tick];
}

/** Appends the record's value. */
export function encodeRecord(encoder: Encoder, conflict: Conflict): void {
  encoder.mapHeader(5);
  encoder.str("path");
  encoder.path(Path.of(...conflict.path.map(elementOf)));
  encoder.str("node");
  encoder.str(conflict.writer.name);
  encoder.str("tick");
  encoder.int(conflict.tick);
  encoder.str("tock");
  encoder.int(conflict.tock);
  encoder.str(conflict.value === null ? "deleted" : "value");
  if (conflict.value === null) encoder.bool(true);
  else encoder.raw(conflict.value);
}

/** The conflicts whose record is not here yet. */
export class Conflicts implements Iterable<Conflict> {
  readonly #pending: Map<string, Conflict> = new Map();
  /** The same, by the text of their path. */
  readonly #byPath: Map<string, Set<Conflict>> = new Map();
  readonly #turn: Turn;

  /** @param turn Where changes are noted */
  constructor(turn: Turn) {
    this.#turn = turn;
  }

  /** How many are pending. */
  get size(): number {
    return this.#pending.size;
  }

  /** The pending conflict of that losing event. */
  get(writer: string, tick: number): Conflict | undefined {
    return this.#pending.get(keyOf(writer, tick));
  }

  /** The pending conflicts at `keys[0 … length)`. */
  at(keys: readonly ElementKey[], length: number): readonly Conflict[] {
    return [...this.#byPath.get(pathText(keys.slice(0, length))) ?? []];
  }

  /** The pending conflicts, first noticed first. */
  [Symbol.iterator](): Iterator<Conflict> {
    return this.#pending.values();
  }

  /** A conflict was noticed. */
  add(conflict: Conflict): void {
    const key = keyOf(conflict.writer.name, conflict.tick);
    if (this.#pending.has(key)) return;
    this.#insert(key, conflict);
    this.#turn.note(conflict, () => this.#remove(key, conflict));
  }

  #insert(key: string, conflict: Conflict): void {
    this.#pending.set(key, conflict);
    const path = pathText(conflict.path);
    const others = this.#byPath.get(path);
    if (others === undefined) this.#byPath.set(path, new Set([conflict]));
    else others.add(conflict);
  }

  #remove(key: string, conflict: Conflict): void {
    this.#pending.delete(key);
    const path = pathText(conflict.path);
    const others = this.#byPath.get(path);
    others?.delete(conflict);
    if (others?.size === 0) this.#byPath.delete(path);
  }

  /** As it was before a restart. */
  restore(conflict: Conflict): void {
    this.#insert(keyOf(conflict.writer.name, conflict.tick), conflict);
  }

  /** An entry has a new version: if it is a record (or its tombstone), its conflict is settled. */
  changed(entry: Entry): void {
    if (this.#pending.size === 0 || typeof entry.key !== "number" || typeof entry.parent?.key !== "string") return;
    const keys: ElementKey[] = [];
    const length = entry.readKeys(keys);
    if (!isConflictPath(keys, length)) return;
    const conflict = this.get(entry.parent.key, entry.key);
    const wanted = conflict === undefined ? [] : recordKeys(conflict);
    if (wanted.length === length && wanted.every((key, i) => key === keys[i])) {
      this.settle(conflict!.writer, conflict!.tick);
    }
  }

  /** A conflict needs no record any more. */
  settle(writer: Writer, tick: number): void {
    const key = keyOf(writer.name, tick);
    const conflict = this.#pending.get(key);
    if (conflict === undefined) return;
    this.#remove(key, conflict);
    this.#turn.note({ kind: "conflict_settled", writer, tick }, () => this.#insert(key, conflict));
  }
}

function keyOf(writer: string, tick: number): string {
  return `${tick} ${writer}`;
}

function pathText(keys: readonly ElementKey[]): string {
  return Path.of(...keys.map(elementOf)).toString();
}
