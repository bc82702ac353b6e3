/**
 * What is left to do after a first state was copied. While a server copies, single events reach it, and it has nothing yet by
 * which to know that one of them is a late copy of what was purged everywhere. The peer it has copied from knows: what heads an
 * entry here and is superseded there goes, once all is here that the peer had. Else the digests would differ, and the entry
 * would be written again, for everybody.
 *
 * @module
 */

import type { Ticks } from "../core/claims.ts";
import { resync } from "../core/resync.ts";
import { type Walk, walk } from "../core/walk.ts";
import type { ReplicatorParts } from "./parts.ts";

/** What the peer had may still be on its way. */
const lookMs = 500;
/** Entries looked at in one turn. */
const turnMax = 2000;

/** What a peer said at the end of a copy. */
export interface CopiedState {
  /** All ticks it had. */
  readonly have: Ticks;
  /** Those of them that were superseded. */
  readonly known: Ticks;
}

/** See the module. */
export class AfterJoin {
  /** When something is due. */
  dueMs = Infinity;
  #state: CopiedState | undefined;
  #walk: Walk | undefined;
  /** Whether this round found nothing to do. */
  #isClean = true;

  constructor(private readonly parts: ReplicatorParts) {}

  /** A copy is complete. */
  joined(state: CopiedState): void {
    this.#state = state;
    this.#walk = undefined;
    this.dueMs = this.parts.nowMs();
  }

  /** Looks at some entries. What could not be logged is seen in another round. */
  time(): void {
    const { store, nowMs, turn } = this.parts;
    const state = this.#state;
    this.dueMs = Infinity;
    if (state === undefined) return;
    this.dueMs = nowMs() + lookMs;
    if (store.openClaims > 0) return;
    this.#walk ??= walk(store.root, { empty: true, meta: true });
    const steps = this.#walk;
    let isMore = true;
    turn(() => {
      isMore = resync(store, { ...state, isGone: () => false }, steps, turnMax);
      if (store.effects.some(({ kind }) => kind === "purged")) this.#isClean = false;
    });
    if (isMore) return void (this.dueMs = nowMs());
    this.#walk = undefined;
    if (this.#isClean) {
      this.#state = undefined;
      this.dueMs = Infinity;
    }
    this.#isClean = true;
  }
}
