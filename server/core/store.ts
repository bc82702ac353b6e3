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
import type { Link } from "./chain.ts";
import { Claims, type Ticks } from "./claims.ts";
import type { Entry } from "./entry.ts";
import type { Incoming } from "./incoming.ts";
import { LocalStore, type StoreOptions } from "./local_store.ts";
import { Merger, type MergeResult } from "./merger.ts";
import { Purger } from "./purger.ts";
import type { RangeSet } from "./range_set.ts";
import { Restorer } from "./restorer.ts";
import { reportState, type StateFlags, type StateReport } from "./state.ts";
import type { Writer } from "./writer.ts";

export type { MergeResult, StateFlags, StateReport, StoreOptions };

/** The replicated state of one node. */
export class Store extends LocalStore {
  readonly #claims: Claims = new Claims(this.ledger, this.turn);
  readonly #merger: Merger = new Merger(this, this.ledger, this.turn);
  readonly #purger: Purger;
  readonly #restorer: Restorer;

  /** A store without entries. */
  constructor(options: StoreOptions) {
    super(options);
    const { turn, ledger, tree, versions, values, conflicts } = this;
    this.#purger = new Purger({ turn, ledger, tree, versions, values, conflicts });
    this.#restorer = new Restorer({ ledger, tree, versions, values });
  }

  /** An event from elsewhere. */
  merge(incoming: Incoming): MergeResult {
    return this.#merger.merge(incoming);
  }

  /** A peer's claim of what is superseded there: see claims.ts. @throws {RangeError} If it contradicts itself */
  claim(source: string, known: Ticks, have: Ticks): void {
    const { tick } = this.local;
    this.#claims.add(source, known, have);
    if (this.local.tick > tick) this.nameTaken();
  }

  /** Believes what can be believed by now; cheap if nothing arrived. */
  settleClaims(): void {
    this.#claims.settle();
  }

  /** Claims that cannot be believed yet. */
  get openClaims(): number {
    return this.#claims.size;
  }

  /** Gives up those of `ticks` that are missing: nobody will deliver them. Undone when one arrives after all. */
  giveUp(name: string, ticks: RangeSet): void {
    this.ledger.giveUp(this.ledger.writer(name), ticks);
  }

  /** Gives up whatever is missing of a node, under all its writer names. */
  forget(node: string): void {
    for (const writer of this.writers.values()) {
      if (writer.node === node) this.ledger.giveUp(writer, writer.missing());
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

  /** Learns the random id that tells a writer from another one of that name. */
  learnLife(writer: Writer, lifeId: string): void {
    const before = writer.lifeId;
    writer.lifeId = lifeId;
    this.turn.note({ kind: "life", writer }, () => writer.lifeId = before);
  }

  /**
   * Writes under another name from now on. What was written under the old one: `rewriteHeads` of identity.ts. If nothing
   * was, the old one is not this node's, and whatever is heard of it tells of somebody else, who may have been this node's
   * former self.
   */
  adoptWriter(name: string): void {
    const before = this.local;
    const { lifeId } = before;
    this.local = this.ledger.writer(name);
    if (before.tick === 0) before.lifeId = null;
    this.turn.note({ kind: "renamed", writer: this.local }, () => {
      this.local = before;
      before.lifeId = lifeId;
    });
  }

  /** What is known of everybody's ticks. */
  state(flags: StateFlags): StateReport {
    return reportState(this.writers.values(), flags);
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
    const entry = this.restorePlace(keys, length);
    this.restoreVersion(entry, writer, tick, older, tock, bytes, start, end);
    return entry;
  }

  /** The entry at `keys[0 … length)`, made if need be. `from` is the one at `keys[0 … depth)`, if that is known. */
  restorePlace(keys: readonly ElementKey[], length: number, from?: Entry, depth?: number): Entry {
    return this.tree.ensure(keys, length, from, depth);
  }

  /** Restores an entry's version, as {@linkcode Store.restoreEntry} does. */
  restoreVersion(
    entry: Entry,
    writer: Writer,
    tick: number,
    older: Link | null,
    tock: number,
    bytes: Uint8Array | null,
    start: number,
    end: number,
  ): void {
    if (tock > this.clock) this.clock = tock;
    this.#restorer.version(entry, writer, tick, older, tock, bytes, start, end);
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
