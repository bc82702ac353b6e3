/**
 * Takes versions away for good: tombstones that everybody has, events that are purged elsewhere, links of forgotten writers.
 * The ticks stay had for ever.
 *
 * @module
 */

import { RequestError } from "../../wire/errors.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import { without } from "./chain.ts";
import type { Conflicts } from "./conflicts.ts";
import type { Entry } from "./entry.ts";
import type { Ledger } from "./ledger.ts";
import type { Tree } from "./tree.ts";
import type { Turn } from "./turn.ts";
import { NO_VALUE, type ValueArena } from "./values.ts";
import type { Versions } from "./versions.ts";
import type { Writer } from "./writer.ts";

/** The parts of a store that a purge changes. */
export interface PurgerParts {
  readonly turn: Turn;
  readonly ledger: Ledger;
  readonly tree: Tree;
  readonly versions: Versions;
  readonly values: ValueArena;
  readonly conflicts: Conflicts;
}

/** Purges entries of one store. */
export class Purger {
  constructor(private readonly parts: PurgerParts) {}

  /** Purges the tombstones that this event heads; returns how many. Only heads, and nothing that has a value, ever go. */
  purge(writer: Writer, tick: number): number {
    const tombstones = writer.entries(tick).filter((each) =>
      each.isTombstone && each.writer === writer && each.tick === tick
    );
    for (const entry of tombstones) this.#clear(entry, writer);
    return tombstones.length;
  }

  /** Takes an entry's version away; with `asConflict` it is kept as a conflict. */
  retire(entry: Entry, asConflict: boolean): void {
    const { writer, tick, tock } = entry;
    if (writer === null) return;
    if (asConflict) {
      const path: ElementKey[] = [];
      entry.readKeys(path);
      const value = entry.hasValue ? this.parts.values.read(entry.value) : null;
      this.parts.conflicts.add({ kind: "conflict", path, value, writer, tick, tock });
    }
    this.#clear(entry, writer);
  }

  #clear(entry: Entry, writer: Writer): void {
    const { turn, ledger, tree, versions, values } = this.parts;
    const { value, tick, older, tock } = entry;
    ledger.touch(writer);
    writer.purgedUpTo = Math.max(writer.purgedUpTo, tick);
    versions.set(entry, NO_VALUE, null, 0, null, tock);
    turn.note({ kind: "purged", entry, writer, tick }, () => versions.set(entry, value, writer, tick, older, tock));
    turn.atCommit(() => {
      values.free(value);
      tree.prune(entry);
    });
  }

  /**
   * Forgets a writer: its links go from all chains.
   * @throws {RequestError} If it heads an entry's chain
   */
  drop(writer: Writer): void {
    const { turn, ledger } = this.parts;
    for (const entry of this.#entriesOf(writer)) {
      const { older } = entry;
      this.#setOlder(entry, without(older, writer));
      turn.undo(() => this.#setOlder(entry, older));
    }
    ledger.drop(writer);
  }

  /** The entries that have `writer` in their chain, but not at its head. */
  #entriesOf(writer: Writer): Set<Entry> {
    const entries = new Set<Entry>();
    writer.index.forEach((tick) => {
      for (const entry of writer.entries(tick)) {
        if (entry.writer === writer) throw new RequestError("request", `Node ${writer.name} has entry ${entry.tick}`);
        entries.add(entry);
      }
    });
    return entries;
  }

  #setOlder(entry: Entry, older: Entry["older"]): void {
    this.parts.versions.set(entry, entry.value, entry.writer, entry.tick, older, entry.tock);
  }
}
