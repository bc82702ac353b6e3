/**
 * The replicated state of one node: a tree of entries, and of every writer which of its ticks are had. Pure and
 * synchronous: same calls, same state, same effects. Nothing here waits, logs, asks for the time or rolls dice.
 *
 * One turn of a driver (server, simulator):
 *
 * 1. any number of `write`, `delete`, `merge`, … — each changes the state at once and appends to `effects`;
 * 2. the driver encodes `effects` into its log (values are read with `values.copyTo(change.value, encoder)`);
 * 3. log written: `commit()` returns the effects of the turn and frees what they replaced; then the driver broadcasts,
 *    notifies watchers and sends replies. Log not written: `rollback()` takes everything back.
 *
 * | question | answer |
 * | --- | --- |
 * | what is at a path | `find(keys, length)`, then the fields of the {@linkcode Entry}; `values.read(entry.value)` |
 * | everything below | `walk(entry, options)` in tree.ts: pre-order, resumable in slices while the tree changes |
 * | may a client write this | `checkPrecondition` in precondition.ts |
 * | an event from elsewhere | `merge(incoming)`: applied, stale, duplicate, or refused (ProtocolError-free: an outcome) |
 * | at start, from a snapshot | `restoreHave`, `restoreEntry`, … then `commit()`; nothing is an effect |
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";
import type { Link } from "./chain.ts";
import type { Change, Effect } from "./effect.ts";
import type { Entry } from "./entry.ts";
import type { RangeSet } from "./range_set.ts";
import type { ValueArena } from "./values.ts";
import type { Writer } from "./writer.ts";

/** How a store begins. */
export interface StoreOptions {
  /** The node's name. */
  readonly node: string;
  /** The name under which it writes; `node` unless told otherwise. */
  readonly writer?: string;
}

/** Which parts of the state a `get_state` asks for. */
export interface StateFlags {
  readonly nodes?: boolean;
  readonly known?: boolean;
  readonly present?: boolean;
  readonly deleted?: boolean;
  readonly missing?: boolean;
  readonly remote_missing?: boolean;
  readonly given_up?: boolean;
}

/** The answer, per writer name; writers with nothing to say are left out (not in `nodes`). */
export interface StateReport {
  nodes?: Record<string, number | null>;
  known?: Record<string, RangeSet>;
  present?: Record<string, RangeSet>;
  deleted?: Record<string, RangeSet>;
  missing?: Record<string, RangeSet>;
  remote_missing?: Record<string, RangeSet>;
  given_up?: Record<string, RangeSet>;
}

/** The replicated state of one node. */
export class Store {
  readonly node: string;
  readonly root: Entry;
  readonly values: ValueArena;
  readonly writers: Map<string, Writer>;
  /** The writer of this node's own events. */
  local: Writer;
  /** The Lamport clock: the highest tock seen. */
  clock: number;
  /** What happened since the last commit. */
  readonly effects: readonly Effect[];

  constructor(_options: StoreOptions) {
    throw new Error("stub");
  }

  /** The entry at `keys[0 … length)`, if it exists. */
  find(_keys: readonly ElementKey[], _length: number): Entry | undefined {
    throw new Error("stub");
  }
  /** The entry at `keys[0 … length)`, created if need be. @throws {RequestError} `Null path element` */
  ensure(_keys: readonly ElementKey[], _length: number): Entry {
    throw new Error("stub");
  }
  /** Sets the entry to the value `bytes[start … end)`, as a local event. */
  write(_entry: Entry, _bytes: Uint8Array, _start: number, _end: number): Change {
    throw new Error("stub");
  }
  /** Deletes the entry's value, as a local event (a tombstone stays). */
  delete(_entry: Entry): Change {
    throw new Error("stub");
  }
  /** Unhooks empty entries (no value, chain, children, watchers) from `entry` upward. */
  prune(_entry: Entry): void {
    throw new Error("stub");
  }
  /** Makes everything since the last commit final; returns it. */
  commit(): readonly Effect[] {
    throw new Error("stub");
  }
  /** Takes back everything since the last commit. */
  rollback(): void {
    throw new Error("stub");
  }
  /** The writer of that name, made if new. */
  writer(_name: string): Writer {
    throw new Error("stub");
  }
  /** A writer's highest known tick is at least `tick`. */
  hear(_name: string, _tick: number): void {
    throw new Error("stub");
  }
  /** Raises the clock. */
  hearTock(_tock: number): void {
    throw new Error("stub");
  }
  /** The state, for `get_state` and state files. */
  state(_flags: StateFlags): StateReport {
    throw new Error("stub");
  }

  // Restore, before anything else happens: fast, no effects, no undo.
  /** Puts an entry as it was. `value` null is a tombstone. Does not touch `have`. Later calls for a path replace. */
  restoreEntry(
    _keys: readonly ElementKey[],
    _length: number,
    _writer: Writer,
    _tick: number,
    _older: Link | null,
    _tock: number,
    _bytes: Uint8Array | null,
    _start: number,
    _end: number,
  ): Entry {
    throw new Error("stub");
  }
  /** These ticks were had. */
  restoreHave(_writer: Writer, _have: RangeSet): void {
    throw new Error("stub");
  }
  /** A tombstone that was purged, or an entry that was dropped. */
  restorePurge(_keys: readonly ElementKey[], _length: number, _writer: Writer, _tick: number): void {
    throw new Error("stub");
  }
}
