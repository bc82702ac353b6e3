/**
 * Which of two events at one entry stays. Both sides decide alike, whatever order events come in.
 *
 * | current | incoming | |
 * | --- | --- | --- |
 * | never written | any | incoming |
 * | `B1 → A1` | `C2 → B1` | incoming: it names our head exactly |
 * | `C2 → B1` | `B1` | current: it names the incoming head exactly |
 * | `A1` tock 7 | `B1` tock 9 | incoming: the higher rank; A1 is a conflict if the values differ |
 * | `A1` tock 9 | `B4 → A3` tock 7 | current, by rank: a higher tick of A in B's chain decides nothing, it only silences the conflict |
 *
 * The *rank* of an event is its tock; on a tie the lower writer name wins; then the higher tick. A write's tock is above
 * that of what it replaces, so an exact link never contradicts the rank of an honest event: it only protects against
 * tocks that were stamped late. Names are compared by UTF-16 code units.
 *
 * @module
 */

import { type Link, tickIn } from "./chain.ts";
import type { Writer } from "./writer.ts";

/** An event: the head of a chain, what lies behind it, and the tock. */
export interface Version {
  /** Who made it; null for an entry that was never written. */
  readonly writer: Writer | null;
  /** Its tick. */
  readonly tick: number;
  /** The chain behind its head. */
  readonly older: Link | null;
  /** Its tock. */
  readonly tock: number;
}

/** What became of the current event. `exact`: one side names the other, so there is no conflict. */
export type Verdict = "apply" | "apply-exact" | "stale" | "stale-exact";

/** Whether the rank of `a` is above that of `b`. */
export function outranks(a: Version, b: Version): boolean {
  if (a.tock !== b.tock) return a.tock > b.tock;
  if (a.writer !== b.writer) return a.writer!.name < b.writer!.name;
  return a.tick > b.tick;
}

/** Whether `version`'s chain has the head of `other` with exactly its tick. */
export function names(version: Version, other: Version): boolean {
  for (let link = version.older; link !== null; link = link.prev) {
    if (link.writer === other.writer) return link.tick === other.tick;
  }
  return false;
}

/** Decides between the current event and another one with a different head. */
export function decide(current: Version, incoming: Version): Verdict {
  if (current.writer === null) return "apply-exact";
  const isKnown = names(current, incoming);
  const knows = names(incoming, current);
  if (isKnown !== knows) return knows ? "apply-exact" : "stale-exact";
  return outranks(incoming, current) ? "apply" : "stale";
}

/** Whether the winner's author knew of the loser, or of something later by its writer. */
export function knewOf(winner: Version, loser: Version): boolean {
  return tickIn(winner.writer, winner.tick, winner.older, loser.writer!) >= loser.tick;
}
