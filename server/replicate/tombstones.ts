/**
 * Lets tombstones go when every member has said that the deletion is on its disk (deletion.ts of the core).
 *
 * @module
 */

import { purgeable, type Statement } from "../core/deletion.ts";
import type { Effect } from "../core/effect.ts";
import { RangeSet } from "../core/range_set.ts";
import type { Members } from "./members.ts";
import type { ReplicatorParts } from "./parts.ts";
import type { Peer } from "./peer.ts";
import type { Peers } from "./peers.ts";
import { haveOf, type MutableTicks } from "./ticks.ts";

/** From a reason to look until the look. */
const lookMs = 1000;
/** Tombstones of one turn. */
const turnMax = 500;
/** Ranges of purged ticks that are remembered. */
const rangesMax = 100_000;

/** See the module. */
export class Tombstones {
  /** When to look. */
  dueMs = Infinity;
  /** How many went. */
  purged = 0;
  /** Purged ticks of this run. */
  readonly #purged: MutableTicks = new Map();

  constructor(
    private readonly parts: ReplicatorParts,
    private readonly peers: Peers,
    private readonly members: Members,
    /** Whether this server's state may decide anything. */
    private readonly isAllowed: () => boolean,
  ) {}

  /** Something that matters may have changed. */
  notice(): void {
    this.dueMs = Math.min(this.dueMs, this.parts.nowMs() + lookMs);
  }

  /** Whether a tick was purged in this run. */
  isPurged(writer: string, tick: number): boolean {
    return this.#purged.get(writer)?.has(tick) ?? false;
  }

  /** Remembers what is gone; there may be more of it. */
  committed(effects: readonly Effect[]): void {
    if (this.dueMs < Infinity && effects.some(({ kind }) => kind === "purged")) this.dueMs = this.parts.nowMs() + 1;
    for (const effect of effects) {
      if (effect.kind !== "purged") continue;
      this.purged++;
      const set = this.#purged.get(effect.writer.name) ?? new RangeSet();
      this.#purged.set(effect.writer.name, set);
      set.add(effect.tick);
      if (set.rangeCount > rangesMax) set.removeRange(set.first(0), set.last(0));
    }
  }

  /** Purges what may go. */
  time(): void {
    this.dueMs = Infinity;
    const { store, turn } = this.parts;
    if (!this.isAllowed()) return void (this.dueMs = this.parts.nowMs() + 10 * lookMs);
    if (![...store.writers.values()].some((writer) => !writer.tombstones.isEmpty)) return;
    const statements = this.#statements();
    if (statements === undefined) return;
    const gone = purgeable({
      members: this.members.names(),
      forgotten: this.#forgotten(statements),
      statements,
      writers: store.writers,
    });
    if (gone.size === 0) return;
    this.dueMs = this.parts.nowMs() + lookMs;
    turn(() => void this.#purge(gone));
  }

  #purge(gone: ReadonlyMap<string, RangeSet>): number {
    const { store } = this.parts;
    let count = 0;
    for (const [name, ticks] of gone) {
      const writer = store.writers.get(name)!;
      for (const tick of ticks) {
        store.purge(writer, tick);
        if (++count >= turnMax) return count;
      }
    }
    return count;
  }

  /** Everybody's word; undefined if another live server bears this one's name. */
  #statements(): Map<string, Statement> | undefined {
    const { node, store, onDisk, isMemoryOnly } = this.parts;
    const namesake = this.peers.byName.get(node);
    if (namesake !== undefined && namesake.isPresent(this.parts.nowMs())) return undefined;
    const statements = new Map<string, Statement>();
    for (const peer of this.peers.byName.values()) {
      const ticks = statementOf(peer);
      if (ticks !== null && !this.peers.isDoubled(peer)) {
        statements.set(peer.node, { onDisk: ticks, members: peer.members });
      }
    }
    const mine = isMemoryOnly ? undefined : onDisk();
    return statements.set(node, { onDisk: mine ?? haveOf(store), members: [] });
  }

  /** Those that nobody waits for, as far as everybody else who has a say knows it. */
  #forgotten(statements: ReadonlyMap<string, Statement>): Set<string> {
    const forgotten = this.members.forgotten();
    return new Set(forgotten.filter((name) => {
      const entry = this.members.entry(name);
      const writer = entry?.writer;
      if (!entry || !writer) return false;
      return [...statements].every(([node, { onDisk }]) =>
        forgotten.includes(node) || onDisk.get(writer.name)?.has(entry.tick)
      );
    }));
  }
}

function statementOf(peer: Peer): Peer["onDisk"] {
  if (peer.isSilent) return null;
  return peer.isMemoryOnly && peer.onDisk !== null ? peer.have : peer.onDisk;
}
