/**
 * The state of a node as far as it writes itself: the tree, local events, the turn with its commit and rollback. Store adds
 * what comes from others.
 *
 * @module
 */

import { Encoder } from "../../wire/msgpack/encoder.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import { type Link, linksBehind, without, withSecond } from "./chain.ts";
import { Conflicts, encodeRecord, recordKeys } from "./conflicts.ts";
import { Change, type Conflict, type Effect } from "./effect.ts";
import type { Entry } from "./entry.ts";
import { Ledger } from "./ledger.ts";
import { Tree } from "./tree.ts";
import { Turn } from "./turn.ts";
import { NO_VALUE, ValueArena } from "./values.ts";
import { Versions } from "./versions.ts";
import type { Walk } from "./walk.ts";
import type { Writer } from "./writer.ts";

/** How a store begins. */
export interface StoreOptions {
  /** The node's name. */
  readonly node: string;
  /** The name under which it writes; `node` unless told otherwise. */
  readonly writer?: string;
}

/** The state of a node as far as it writes itself. */
export class LocalStore {
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
  /** What happened since the last commit. */
  protected readonly turn: Turn = new Turn();
  /** Who has which ticks. */
  protected readonly ledger: Ledger = new Ledger(this.turn);
  /** The entries. */
  protected readonly tree: Tree = new Tree();
  /** What is in them. */
  protected readonly versions: Versions = new Versions();
  #committedClock = 0;

  /** A store without entries. */
  constructor(options: StoreOptions) {
    this.node = options.node;
    this.conflicts = new Conflicts(this.turn);
    this.local = this.ledger.writer(options.writer ?? options.node);
    this.ledger.commit();
  }

  /** The entry with the empty path. */
  get root(): Entry {
    return this.tree.root;
  }

  /** Everybody who made an event. */
  get writers(): ReadonlyMap<string, Writer> {
    return this.ledger.writers;
  }

  /** What happened since the last commit. */
  get effects(): readonly Effect[] {
    return this.turn.effects;
  }

  /** Entries that have a value. */
  get liveCount(): number {
    return this.versions.live;
  }

  /** Entries in all: tombstones and empty ones, too. */
  get entryCount(): number {
    return this.tree.size;
  }

  /** Equal on two nodes if all their values' heads are at the same paths. */
  get digest(): string {
    return this.versions.digest;
  }

  /** The entry at `keys[0 … length)`, below `from`, if it exists. */
  find(keys: readonly ElementKey[], length: number, from?: Entry): Entry | undefined {
    return this.tree.find(keys, length, from);
  }

  /**
   * The entry at `keys[0 … length)`, made if need be.
   * @throws {RequestError} `Null path element`
   */
  ensure(keys: readonly ElementKey[], length: number): Entry {
    return this.tree.ensure(keys, length);
  }

  /** Unhooks `entry`, and those above it, as long as nothing (value, chain, child, watcher) is in them. */
  prune(entry: Entry): void {
    this.tree.prune(entry);
  }

  /** Sets an entry to the value `bytes[start … end)`, as an event of this node. */
  write(entry: Entry, bytes: Uint8Array, start: number, end: number): Change {
    return this.#writeLocal(entry, this.values.put(bytes, start, end));
  }

  /** Deletes an entry's value, as an event of this node. A tombstone stays; children are not touched. */
  delete(entry: Entry): Change {
    return this.#writeLocal(entry, NO_VALUE);
  }

  /**
   * Writes what is there again, as a new event of this node on top of the present chain.
   * @param loser An event that lost against what is there: the second link behind the new head, so that whoever has it sees
   * that this one knew of it
   */
  writeAgain(entry: Entry, loser?: { readonly writer: Writer; readonly tick: number }): Change {
    return this.#writeLocal(entry, entry.value, loser);
  }

  /**
   * Writes what is there again, as if this node had written it then: right above the old event, whatever outranks that goes
   * on to do so, and the chain does not name it, because its tick means two things.
   */
  rewrite(entry: Entry): Change {
    if (this.conflicts.size > 0) this.#recordAt(entry);
    return this.#writeAbove(entry, entry.value, without(entry.older, this.local), entry.tock);
  }

  /** An event of this node right above `tock`, which may be long ago. */
  #writeAbove(entry: Entry, value: number, older: Link | null, below: number): Change {
    const writer = this.local;
    const tick = writer.tick + 1;
    const tock = below + 1;
    this.clock = Math.max(this.clock, tock);
    this.ledger.addHave(writer, tick);
    this.ledger.seen(writer, tick, tock);
    return this.change(entry, true, value, writer, tick, older, tock);
  }

  /**
   * Writes the record of a pending conflict, unless it, or its tombstone, is here already. It is settled by that. It ranks
   * right above the losing event, whenever it is written: a node that has not heard that somebody dropped the record, and
   * writes it once more, does not bring it back.
   */
  record(conflict: Conflict): void {
    const keys = recordKeys(conflict);
    const entry = this.ensure(keys, keys.length);
    if (entry.writer !== null) return this.conflicts.settle(conflict.writer, conflict.tick);
    const out = new Encoder(256);
    encodeRecord(out, conflict);
    this.#writeAbove(entry, this.values.put(out.bytes, 0, out.length), null, conflict.tock);
  }

  /** Else the write that follows would hide, from all who have not seen it yet, that something was lost. */
  #recordAt(entry: Entry): void {
    const keys: ElementKey[] = [];
    const length = entry.readKeys(keys);
    for (const conflict of this.conflicts.at(keys, length)) this.record(conflict);
  }

  #writeLocal(entry: Entry, value: number, loser?: { readonly writer: Writer; readonly tick: number }): Change {
    if (this.conflicts.size > 0) this.#recordAt(entry);
    const writer = this.local;
    const tick = writer.tick + 1;
    this.clock = Math.max(this.clock, entry.tock) + 1;
    this.ledger.addHave(writer, tick);
    this.ledger.seen(writer, tick, this.clock);
    const links = linksBehind(writer, entry.writer, entry.tick, entry.older);
    const older = loser === undefined ? links : withSecond(links, writer, loser);
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
    this.turn.change(change);
    this.versions.set(entry, value, writer, tick, older, tock);
    this.conflicts.changed(entry);
    return change;
  }

  /** The writer of that name, made if new. */
  writer(name: string): Writer {
    return this.ledger.writer(name);
  }

  /** A peer knows that `name` has made `tick` events; what is between is missing. */
  hear(name: string, tick: number): void {
    const writer = this.ledger.writer(name);
    if (this.ledger.hearOnly(writer, tick) && writer === this.local) this.nameTaken();
  }

  /** Somebody else made events under this node's writer name. */
  protected nameTaken(): void {
    const { local: writer } = this;
    this.turn.note({ kind: "alarm", reason: "name_taken", path: [], writer, tick: writer.tick });
  }

  /** Raises the clock to a tock seen elsewhere (in other messages than events: `tockRefusal` of incoming.ts first). */
  hearTock(tock: number): void {
    if (tock > this.clock) this.clock = tock;
  }

  /**
   * Moves the next `count` values of a walk out of nearly empty pages of the arena, so that these can be used again. For
   * quiet hours, between turns. Returns false when the walk is at its end, or a turn is open.
   */
  tidyValues(walk: Walk, count: number): boolean {
    if (this.effects.length > 0) return false;
    for (let i = 0; i < count; i++) {
      const entry = walk.next();
      if (entry === undefined) return false;
      entry.value = this.values.settle(entry.value);
    }
    return true;
  }

  /** Makes everything since the last commit final, and returns it. */
  commit(): readonly Effect[] {
    const effects = this.turn.commit((value) => this.values.free(value));
    this.ledger.commit();
    this.tree.commit();
    this.#committedClock = this.clock;
    return effects;
  }

  /** Takes everything since the last commit back. */
  rollback(): void {
    this.turn.rollback((change) => {
      const { entry, value, oldValue, oldWriter, oldTick, oldOlder, oldTock } = change;
      this.versions.set(entry, oldValue, oldWriter, oldTick, oldOlder, oldTock);
      if (value !== oldValue) this.values.free(value);
    });
    this.ledger.rollback();
    this.tree.rollback();
    this.clock = this.#committedClock;
  }
}
