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

/** Claims of so many peers are kept. */
const peersMax = 100;

/** A whole claim. */
export interface WholeClaim {
  readonly known: Ticks;
  readonly have: Ticks;
}

/** What a process has said so far. */
interface Source {
  readonly id: string;
  known: MutableTicks;
  nr: number;
  readonly parts: Set<number>;
}

/** See the module. */
export class ClaimParts {
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

  #source({ node, id }: SyncClaim): Source {
    const known = this.#sources.get(node);
    if (known !== undefined && known.id === id) return known;
    if (this.#sources.size >= peersMax) this.#sources.clear();
    const made: Source = { id, known: new Map(), nr: 0, parts: new Set() };
    this.#sources.set(node, made);
    return made;
  }
}
