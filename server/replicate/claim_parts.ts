/**
 * Claims as they come: in several messages, and one after the other of the same peer.
 *
 * What was superseded at a peer stays so. So its newest claim is taken together with what it said before: everything that
 * it has at that moment, and all that it ever said to be superseded.
 *
 * @module
 */

import type { SyncClaim } from "../../wire/message/sync.ts";
import type { Ticks } from "../core/claims.ts";
import type { Store } from "../core/store.ts";
import { addTo, both, copyOf, fromMessage, haveOf, minus, type MutableTicks } from "./ticks.ts";

/** Claims of so many processes are kept. */
const sourcesMax = 100;

/** A whole claim. */
export interface WholeClaim {
  readonly known: Ticks;
  readonly have: Ticks;
}

/** What a process has said so far. */
interface Source {
  known: MutableTicks;
  nr: number;
  readonly parts: Set<number>;
}

/** See the module. */
export class ClaimParts {
  /** By the id of the process: two may bear one name, and take turns in answering. */
  readonly #sources = new Map<string, Source>();

  constructor(private readonly store: Store) {}

  /** Takes a part; returns the claim when it is whole. The last part has `have`, and its number says how many there are. */
  add(message: SyncClaim): WholeClaim | undefined {
    const { nr, part } = message;
    const source = this.#source(message);
    // An older claim that comes late: what was superseded since has nothing to do with what the peer had then.
    if (nr < source.nr) return undefined;
    if (nr > source.nr) source.parts.clear();
    source.nr = nr;
    source.parts.add(part);
    addTo(source.known, fromMessage(message.known));
    if (message.have === undefined || source.parts.size <= part) return undefined;
    const have = fromMessage(message.have);
    source.known = both(minus(source.known, haveOf(this.store)), have);
    // What is added later is no part of this claim.
    return { known: copyOf(source.known), have };
  }

  #source({ id }: SyncClaim): Source {
    const known = this.#sources.get(id);
    if (known !== undefined) return known;
    for (const oldest of this.#sources.keys()) {
      if (this.#sources.size < sourcesMax) break;
      this.#sources.delete(oldest);
    }
    const made: Source = { known: new Map(), nr: 0, parts: new Set() };
    this.#sources.set(id, made);
    return made;
  }
}
