/**
 * What must hold after every step of every node, whatever happens around it. Looked at from the ghost's side: a node's own
 * books are what is checked.
 *
 * @module
 */

import { recordKeys } from "../../server/core/conflicts.ts";
import { Change, type Effect } from "../../server/core/effect.ts";
import type { Entry } from "../../server/core/entry.ts";
import type { RangeSet } from "../../server/core/range_set.ts";
import type { Store } from "../../server/core/store.ts";
import { NO_VALUE } from "../../server/core/values.ts";
import { walk } from "../../server/core/walk.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import type { Coverage, Fault } from "./coverage.ts";
import { Violation } from "./failure.ts";
import { eventText, type Ghost, type GhostEvent, hexOf, isAbove, pathText } from "./ghost.ts";
import type { Life } from "./life.ts";
import type { Parcel } from "./message.ts";

/** A version's rank, by name. */
interface Rank {
  readonly tock: number;
  readonly writer: string;
  readonly tick: number;
}

/** What a node of the simulator tells of itself. */
export interface CheckedNode {
  /** The highest rank that was purged at a path here. */
  readonly purged: Map<string, Rank>;
}

/** See the module. */
export class StepChecks {
  /** Whether some node was forgotten, or came back from a backup or a copy: it may bring events from before a purge. */
  hasReturned = false;

  constructor(
    readonly ghost: Ghost,
    private readonly nodeOf: (machine: string) => CheckedNode,
  ) {}

  /** A node has logged these effects; they can be read, and are not final yet. */
  logged(life: Life, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect instanceof Change) this.#changed(life, effect);
      else if (effect.kind === "superseded") this.#superseded(life, effect.writer.name, effect.first, effect.last);
      else if (effect.kind === "believed") this.#believed(life, effect.writer.name, effect.ticks);
      else if (effect.kind === "purged") this.#purged(life, effect.entry, effect.writer.name, effect.tick);
    }
    this.#haveGrows(life);
  }

  #changed(life: Life, change: Change): void {
    const { machine } = life.parts;
    const rank: Rank = { tock: change.tock, writer: change.writer.name, tick: change.tick };
    const keys: ElementKey[] = [];
    const path = pathText(keys, change.entry.readKeys(keys));
    if (!change.local) this.#isTrue(life, change, path);
    for (const event of this.ghost.of(rank.writer, rank.tick)) if (event.path === path) event.holders.add(machine);
    if (change.oldWriter === null) return this.#notRevived(machine, path, rank);
    if (change.oldWriter === change.writer && change.oldTick === change.tick) return;
    const old: Rank = { tock: change.oldTock, writer: change.oldWriter.name, tick: change.oldTick };
    if (isAbove(rank, old)) return;
    // A tick that two nodes of one name used decides nothing for sure until both have written theirs again (DESIGN 4.6.3).
    if (this.ghost.of(old.writer, old.tick).length > 1) return;
    throw new Violation("rank", `${machine} replaces ${rankText(old)} at ${path} by ${rankText(rank)}`);
  }

  /** An event from elsewhere is one that was made, as it was made. */
  #isTrue({ parts, store }: Life, change: Change, path: string): void {
    const value = change.value === NO_VALUE ? null : hexOf(store.values.read(change.value));
    const { name } = change.writer;
    const events = this.ghost.of(name, change.tick).filter((event) => event.isSure);
    if (events.some((event) => event.path === path && event.value === value && event.tock === change.tock)) return;
    const seen = `${path} = ${value} ${name}:${change.tick}@${change.tock}`;
    throw new Violation("truth", `${parts.machine} has an event that nobody made: ${seen}; ${events.map(eventText)}`);
  }

  #notRevived(machine: string, path: string, rank: Rank): void {
    const purged = this.nodeOf(machine).purged.get(path);
    if (purged === undefined || isAbove(rank, purged) || this.hasReturned) return;
    throw new Violation("rank", `${machine} revives ${path} with ${rankText(rank)}, purged at ${rankText(purged)}`);
  }

  #superseded({ parts, store }: Life, writer: string, first: number, last: number): void {
    for (let tick = first; tick <= last; tick++) {
      const events = this.ghost.of(writer, tick).filter((event) => event.isSure);
      if (events.length === 0) {
        throw new Violation("truth", `${parts.machine} has ${writer}:${tick}, which nobody made`);
      }
      for (const event of events) if (accountsFor(this.ghost, store, event)) event.holders.add(parts.machine);
      if (events.length === 1) this.covered(store, parts.machine, events[0]);
    }
  }

  #believed(life: Life, writer: string, ticks: RangeSet): void {
    for (let i = 0; i < ticks.rangeCount; i++) this.#superseded(life, writer, ticks.first(i), ticks.last(i));
  }

  #purged({ parts, store }: Life, entry: Entry, writer: string, tick: number): void {
    const keys: ElementKey[] = [];
    const path = pathText(keys, entry.readKeys(keys));
    for (const event of this.ghost.at(path)) {
      if (event.writer === writer && event.tick === tick) {
        if (isInConflicts(store, event)) event.isRetired = true;
        else if (event.value === null) {
          event.isPurged = true;
          this.nodeOf(parts.machine).purged.set(path, event);
        }
      }
      if (event.isSure && this.#isCertain(event) && has(store, event)) this.covered(store, parts.machine, event);
    }
  }

  /** The law of cover, for one event that a node has. */
  covered(store: Store, machine: string, event: GhostEvent): void {
    const entry = store.find(event.keys, event.keys.length);
    if (entry !== undefined && entry.writer !== null) {
      const shown = { tock: entry.tock, writer: entry.writer.name, tick: entry.tick };
      if (shown.writer === event.writer && shown.tick === event.tick || isAbove(shown, event)) return;
    }
    const isDeleted = (other: GhostEvent) => other.value === null && !isAbove(event, other) && has(store, other);
    if ((entry?.writer ?? null) === null || this.hasReturned) {
      if (this.ghost.at(event.path).some(isDeleted)) return;
      // What outranked it here may itself have been taken back by a node that returned (DESIGN 4.5.3).
      const isTakenBack = (other: GhostEvent) =>
        !isAbove(event, other) && has(store, other) && (other.isRetired || isInConflicts(store, other));
      if (this.ghost.at(event.path).some(isTakenBack)) return;
    }
    // Two nodes shared a name: the tick that covers it is another event here, until both have written theirs again.
    const isAmbiguous = (other: GhostEvent) => isAbove(other, event) && !this.#isCertain(other) && has(store, other);
    if (this.ghost.tainted.size > 0 && this.ghost.at(event.path).some(isAmbiguous)) return;
    const shown = entry?.writer ? `${entry.writer.name}:${entry.tick}@${entry.tock}` : "nothing";
    throw new Violation("cover", `${machine} has ${eventText(event)}, but shows ${shown} there`);
  }

  #isCertain(event: GhostEvent): boolean {
    return this.ghost.of(event.writer, event.tick).length === 1;
  }

  /** What a node has never shrinks in a life. */
  #haveGrows({ store, haveSizes, parts }: Life): void {
    for (const { name, have } of store.writers.values()) {
      const before = haveSizes.get(name) ?? 0;
      const size = have.size;
      if (size < before) throw new Violation("have", `${parts.machine} had ${before} ticks of ${name}, now ${size}`);
      haveSizes.set(name, size);
    }
  }

  /** Everything that a node has is covered, and its books are right. For starts and ends: it takes its time. */
  all(store: Store, machine: string, isDamaged: boolean): void {
    for (const writer of store.writers.values()) {
      for (const tick of writer.have) {
        const events = this.ghost.of(writer.name, tick).filter((event) => event.isSure);
        if (events.length === 0) {
          throw new Violation("truth", `${machine} has ${writer.name}:${tick}, which nobody made`);
        }
        if (events.length === 1) this.covered(store, machine, events[0]);
      }
      // After a loss only heads are had, and links are present that are not.
      if (isDamaged) continue;
      const { present, lost } = { present: writer.present(), lost: writer.givenUp };
      if (!writer.have.covers(present)) {
        throw new Violation("have", `${machine} shows what it has not, of ${writer.name}`);
      }
      const sum = present.size + writer.superseded().size + writer.missing().size + lost.size;
      if (sum !== writer.tick) {
        throw new Violation("have", `${machine}: ${sum} of ${writer.tick} ticks of ${writer.name}`);
      }
    }
    for (const entry of walk(store.root, { empty: true, meta: true })) {
      if (entry.writer !== null && !entry.writer.have.has(entry.tick)) {
        throw new Violation("have", `${machine} shows ${entry.writer.name}:${entry.tick}, which it has not`);
      }
    }
  }

  /** Something leaves a node: it is logged there, and it is what was made. */
  published(life: Life, { content, kind }: Parcel): void {
    if (content?.t === "have") life.saidOnDisk = content.disk ?? content.have;
    if (content?.t !== "update") return;
    for (const { chain, tock, keys, length, bytes, start, end } of content.events) {
      const path = pathText(keys, length);
      const value = bytes === null ? null : hexOf(bytes.subarray(start, end));
      const isMade = this.ghost.of(chain.node, chain.tick).some((event) =>
        event.isSure && event.path === path && event.value === value && event.tock === tock
      );
      if (isMade) continue;
      const text = `${path} = ${value} ${chain.node}:${chain.tick}@${tock}`;
      throw new Violation("truth", `${life.parts.machine} sends (${kind}) what nobody has logged: ${text}`);
    }
  }
}

/** Counts which steps a fault met. */
export function countMeetings(coverage: Coverage, fault: Fault, effects: readonly Effect[]): void {
  for (const effect of effects) {
    if (effect instanceof Change) coverage.met(fault, effect.local ? "write" : "merge");
    else if (effect.kind === "conflict") coverage.met(fault, "conflict");
    else if (effect.kind === "superseded" || effect.kind === "believed" || effect.kind === "purged") {
      coverage.met(fault, effect.kind);
    } else if (effect.kind === "renamed") coverage.met(fault, effect.kind);
  }
}

/** Whether a node has an event. */
export function has(store: Store, { writer, tick }: GhostEvent): boolean {
  return store.writers.get(writer)?.have.has(tick) ?? false;
}

/**
 * Whether a node to which an event is superseded could tell what became of it: what covers it there was made by somebody who
 * had it, or it is in its conflict list. If not, it believed somebody who has it in his, and nobody has it when that disk is
 * lost (DESIGN 4.3: by level).
 */
function accountsFor(ghost: Ghost, store: Store, event: GhostEvent): boolean {
  const isHeir = (other: GhostEvent) =>
    has(store, other) && (other.knew.has(event) || other.value === event.value && isAbove(other, event));
  return ghost.at(event.path).some(isHeir) || isInConflicts(store, event);
}

/** Whether an event is in a node's conflict list: pending, or written as a record (which may be deleted again). */
export function isInConflicts(store: Store, event: GhostEvent): boolean {
  if (store.conflicts.get(event.writer, event.tick) !== undefined) return true;
  const keys = recordKeys({ path: event.keys, writer: { name: event.writer }, tick: event.tick });
  return (store.find(keys, keys.length)?.writer ?? null) !== null;
}

function rankText({ tock, writer, tick }: Rank): string {
  return `${writer}:${tick}@${tock}`;
}
