/**
 * The replicated state of one node: a tree of entries, and of every writer which of its ticks are had. Pure and
 * synchronous: same calls, same state, same effects. Nothing here waits, logs, asks for the time or rolls dice.
 *
 * One turn of a driver (server, simulator):
 *
 * 1. any number of `write`, `delete`, `merge`, `purge`, … — each changes the state at once and notes effects;
 *    `settleClaims()` after events from elsewhere;
 * 2. the driver encodes `effects` into its log (values: `values.copyTo(change.value, encoder)`);
 * 3. log written: `commit()` returns the effects and frees what they replaced; then the driver broadcasts, notifies
 *    watchers, replies. Log not written: `rollback()` takes everything back, down to the ticks.
 *
 * | question | answer |
 * | --- | --- |
 * | what is at a path | `find(keys, length)`, then the fields of the {@linkcode Entry}, and `values` |
 * | everything below | `walk(entry, options)` of walk.ts: parents first, can rest while the tree changes |
 * | may a client write this | precondition.ts |
 * | an event from elsewhere | `merge(incoming)`: what became of it; refused ones change nothing |
 * | may a tombstone go | `purgeable(…)` of deletion.ts, then `purge(writer, tick)` |
 * | after a restart | `restore…()` calls, then `finishRestore()`: no effects |
 *
 * An entry that is held over turns can be unhooked meanwhile (`entry.parent` is null then), unless it has watchers.
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";
import { type Link, linksBehind } from "./chain.ts";
import { Claims, type Ticks } from "./claims.ts";
import { Conflicts } from "./conflicts.ts";
import { Change, type Effect } from "./effect.ts";
import type { Entry } from "./entry.ts";
import type { Incoming } from "./incoming.ts";
import { Ledger } from "./ledger.ts";
import { Merger, type MergeResult } from "./merger.ts";
import { Purger } from "./purger.ts";
import type { RangeSet } from "./range_set.ts";
import { Restorer } from "./restorer.ts";
import { reportState, type StateFlags, type StateReport } from "./state.ts";
import { Tree } from "./tree.ts";
import { Turn } from "./turn.ts";
import { NO_VALUE, ValueArena } from "./values.ts";
import { Versions } from "./versions.ts";
import type { Writer } from "./writer.ts";

export type { MergeResult, StateFlags, StateReport };

/** How a store begins. */
export interface StoreOptions {
  /** The node's name. */
  readonly node: string;
  /** The name under which it writes; `node` unless told otherwise. */
  readonly writer?: string;
}

/** The replicated state of one node. */
export class Store {
  /** The node's name. */
  readonly node: string;
  /** All values. */
  readonly values: ValueArena = new ValueArena();
  /** The writer of this node's own events. */
  local: Writer;
  /** The highest tock seen. */
  clock = 0;
  /** Conflicts whose record is not here yet. */
  readonly conflicts: Conflicts;
  readonly #turn: Turn = new Turn();
  readonly #ledger: Ledger = new Ledger(this.#turn);
  readonly #tree: Tree = new Tree();
  readonly #versions: Versions = new Versions();
  readonly #claims: Claims = new Claims(this.#ledger, this.#turn);
  readonly #merger: Merger;
  readonly #purger: Purger;
  readonly #restorer: Restorer;
  #committedClock = 0;

  /** A store without entries. */
  constructor(options: StoreOptions) {
    this.node = options.node;
    this.conflicts = new Conflicts(this.#turn);
    this.#merger = new Merger(this, this.#ledger, this.#turn);
    const parts = {
      turn: this.#turn,
      ledger: this.#ledger,
      tree: this.#tree,
      versions: this.#versions,
      values: this.values,
      conflicts: this.conflicts,
    };
    this.#purger = new Purger(parts);
    this.#restorer = new Restorer(parts);
    this.local = this.#ledger.writer(options.writer ?? options.node);
    this.#ledger.commit();
  }

  /** The entry with the empty path. */
  get root(): Entry {
    return this.#tree.root;
  }

  /** Everybody who made an event. */
  get writers(): ReadonlyMap<string, Writer> {
    return this.#ledger.writers;
  }

  /** What happened since the last commit. */
  get effects(): readonly Effect[] {
    return this.#turn.effects;
  }

  /** Entries that have a value. */
  get liveCount(): number {
    return this.#versions.live;
  }

  /** Entries in all: tombstones and empty ones, too. */
  get entryCount(): number {
    return this.#tree.size;
  }

  /** Equal on two nodes if all their values' heads are at the same paths. */
  get digest(): string {
    return this.#versions.digest;
  }

  /** The entry at `keys[0 … length)`, below `from`, if it exists. */
  find(keys: readonly ElementKey[], length: number, from?: Entry): Entry | undefined {
    return this.#tree.find(keys, length, from);
  }

  /**
   * The entry at `keys[0 … length)`, made if need be.
   * @throws {RequestError} `Null path element`
   */
  ensure(keys: readonly ElementKey[], length: number): Entry {
    return this.#tree.ensure(keys, length);
  }

  /** Unhooks `entry`, and those above it, as long as nothing (value, chain, child, watcher) is in them. */
  prune(entry: Entry): void {
    this.#tree.prune(entry);
  }

  /** Sets an entry to the value `bytes[start … end)`, as an event of this node. */
  write(entry: Entry, bytes: Uint8Array, start: number, end: number): Change {
    return this.#writeLocal(entry, this.values.put(bytes, start, end));
  }

  /** Deletes an entry's value, as an event of this node. A tombstone stays; children are not touched. */
  delete(entry: Entry): Change {
    return this.#writeLocal(entry, NO_VALUE);
  }

  /** Writes what is there again, as a new event of this node on top of the present chain. */
  writeAgain(entry: Entry): Change {
    return this.#writeLocal(entry, entry.value);
  }

  #writeLocal(entry: Entry, value: number): Change {
    const writer = this.local;
    const tick = writer.tick + 1;
    this.clock = Math.max(this.clock, entry.tock) + 1;
    this.#ledger.addHave(writer, tick);
    this.#ledger.seen(writer, tick, this.clock);
    const older = linksBehind(writer, entry.writer, entry.tick, entry.older);
    return this.change(entry, true, value, writer, tick, older, this.clock);
  }

  /** Gives an entry a new version. For the parts of the store. */
  change(
    entry: Entry,
    local: boolean,
    value: number,
    writer: Writer,
    tick: number,
    older: Link | null,
    tock: number,
  ): Change {
    const { value: oldValue, writer: oldWriter, tick: oldTick, older: oldOlder, tock: oldTock } = entry;
    const change = new Change(
      entry,
      local,
      value,
      writer,
      tick,
      older,
      tock,
      oldValue,
      oldWriter,
      oldTick,
      oldOlder,
      oldTock,
    );
    this.#turn.change(change);
    this.#versions.set(entry, value, writer, tick, older, tock);
    this.conflicts.changed(entry);
    return change;
  }

  /** An event from elsewhere. */
  merge(incoming: Incoming): MergeResult {
    return this.#merger.merge(incoming);
  }

  /** A peer's claim of what is superseded there: see claims.ts. @throws {RangeError} If it contradicts itself */
  claim(source: string, known: Ticks, have: Ticks): void {
    this.#claims.add(source, known, have);
  }

  /** Believes what can be believed by now; cheap if nothing arrived. */
  settleClaims(): void {
    this.#claims.settle();
  }

  /** Claims that cannot be believed yet. */
  get openClaims(): number {
    return this.#claims.size;
  }

  /** The writer of that name, made if new. */
  writer(name: string): Writer {
    return this.#ledger.writer(name);
  }

  /** A peer knows that `name` has made `tick` events; what is between is missing. */
  hear(name: string, tick: number): void {
    const writer = this.#ledger.writer(name);
    if (!this.#ledger.hear(writer, tick)) return;
    this.#turn.note({ kind: "heard", writer, tick });
    if (writer === this.local) this.#turn.note({ kind: "alarm", reason: "name_taken", path: [], writer, tick });
  }

  /** Raises the clock to a tock seen elsewhere. */
  hearTock(tock: number): void {
    if (tock > this.clock) this.clock = tock;
  }

  /** Gives up those of `ticks` that are missing: nobody will deliver them. Undone when one arrives after all. */
  giveUp(name: string, ticks: RangeSet): void {
    this.#ledger.giveUp(this.#ledger.writer(name), ticks);
  }

  /** Gives up whatever is missing of a node, under all its writer names. */
  forget(node: string): void {
    for (const writer of this.writers.values()) {
      if (writer.node === node) this.#ledger.giveUp(writer, writer.missing());
    }
  }

  /** Purges the tombstones that this event heads; returns how many. Only heads, and nothing that has a value, ever go. */
  purge(writer: Writer, tick: number): number {
    return this.#purger.purge(writer, tick);
  }

  /**
   * Takes an entry's version away, because its event is purged elsewhere (this node was forgotten, and is back). With
   * `asConflict` it goes to the conflicts.
   */
  retire(entry: Entry, asConflict: boolean): void {
    this.#purger.retire(entry, asConflict);
  }

  /**
   * Forgets a writer: its links go from all chains.
   * @throws {RequestError} If it heads an entry's chain: `Node test1 has entry 1`
   */
  dropWriter(name: string): void {
    const writer = this.writers.get(name);
    if (writer !== undefined) this.#purger.drop(writer);
  }

  /** Writes under another name from now on. What was written under the old one: `rewriteHeads` of identity.ts. */
  adoptWriter(name: string): void {
    const before = this.local;
    this.local = this.#ledger.writer(name);
    this.#turn.note({ kind: "renamed", writer: this.local }, () => this.local = before);
  }

  /** What is known of everybody's ticks. */
  state(flags: StateFlags): StateReport {
    return reportState(this.writers.values(), flags);
  }

  /** Makes everything since the last commit final, and returns it. */
  commit(): readonly Effect[] {
    const effects = this.#turn.commit((value) => this.values.free(value));
    this.#ledger.commit();
    this.#tree.commit();
    this.#committedClock = this.clock;
    return effects;
  }

  /** Takes everything since the last commit back. */
  rollback(): void {
    this.#turn.rollback((change) => {
      const { entry, value, oldValue, oldWriter, oldTick, oldOlder, oldTock } = change;
      this.#versions.set(entry, oldValue, oldWriter, oldTick, oldOlder, oldTock);
      if (value !== oldValue) this.values.free(value);
    });
    this.#ledger.rollback();
    this.#tree.rollback();
    this.clock = this.#committedClock;
  }

  /**
   * Restores an entry: `keys[0 … length)` has this version. `bytes` null is a tombstone. For one entry the last call counts.
   * Nothing is an effect; `finishRestore()` has to follow.
   */
  restoreEntry(
    keys: readonly ElementKey[],
    length: number,
    writer: Writer,
    tick: number,
    older: Link | null,
    tock: number,
    bytes: Uint8Array | null,
    start: number,
    end: number,
  ): Entry {
    if (tock > this.clock) this.clock = tock;
    return this.#restorer.entry(keys, length, writer, tick, older, tock, bytes, start, end);
  }

  /** Restores what was had, beyond what is present. */
  restoreHave(writer: Writer, ticks: RangeSet): void {
    this.#restorer.have(writer, ticks);
  }

  /** Restores that an entry's version was purged. */
  restorePurge(keys: readonly ElementKey[], length: number, writer: Writer, tick: number): void {
    this.#restorer.purge(keys, length, writer, tick);
  }

  /** Restores that a writer was forgotten. */
  restoreDrop(writer: Writer): void {
    this.#restorer.drop(writer);
  }

  /** Ends the restoring: whatever is present is had. */
  finishRestore(): void {
    this.#restorer.finish();
    this.commit();
  }
}
