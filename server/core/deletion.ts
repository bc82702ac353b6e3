/**
 * When a tombstone may go: every member has to say that the deletion is on its disk. No statement, no purge.
 *
 * @module
 */

import type { Ticks } from "./claims.ts";
import type { RangeSet } from "./range_set.ts";
import type { Writer } from "./writer.ts";

/** A member's word. */
export interface Statement {
  /** Ticks it has on its disk. */
  readonly onDisk: Ticks;
  /** The members it knows. */
  readonly members: Iterable<string>;
}

/** What a purge depends on. */
export interface PurgeState {
  /** The members known here, this node included. */
  readonly members: Iterable<string>;
  /** Nodes that nobody waits for any more. */
  readonly forgotten: ReadonlySet<string>;
  /** The newest statement of each node, this one included. */
  readonly statements: ReadonlyMap<string, Statement>;
  /** Everybody's ticks, as they are here. */
  readonly writers: ReadonlyMap<string, Writer>;
}

/**
 * The tombstones that may be purged now, by writer: those contained in the statement of every member that is known here or
 * named in a statement, provided that everything in these statements is here.
 */
export function purgeable(state: PurgeState): Map<string, RangeSet> {
  const result = new Map<string, RangeSet>();
  const statements = allStatements(state);
  if (statements === undefined || !statements.every((each) => isHere(each.onDisk, state.writers))) return result;
  for (const [name, writer] of state.writers) {
    if (writer.tombstones.isEmpty) continue;
    let ticks: RangeSet = writer.tombstones.clone();
    for (const { onDisk } of statements) {
      const theirs = onDisk.get(name);
      ticks = theirs === undefined ? ticks.difference(ticks) : ticks.intersection(theirs);
    }
    if (!ticks.isEmpty) result.set(name, ticks);
  }
  return result;
}

/** The statements of all members, those named in statements included; undefined if one has none, or nobody is a member. */
function allStatements({ members, forgotten, statements }: PurgeState): Statement[] | undefined {
  const found = new Map<string, Statement>();
  const open = [...members];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name) || forgotten.has(name)) continue;
    const statement = statements.get(name);
    if (statement === undefined) return undefined;
    found.set(name, statement);
    open.push(...statement.members);
  }
  return found.size === 0 ? undefined : [...found.values()];
}

function isHere(ticks: Ticks, writers: ReadonlyMap<string, Writer>): boolean {
  for (const [name, set] of ticks) {
    if (set.isEmpty) continue;
    if (!writers.get(name)?.have.covers(set)) return false;
  }
  return true;
}
