/**
 * Claims that come in several messages: collected until all parts are there.
 *
 * @module
 */

import type { SyncClaim } from "../../wire/message/sync.ts";
import type { Ticks } from "../core/claims.ts";
import { addTo, fromMessage, type MutableTicks } from "./ticks.ts";

/** Unfinished claims of so many peers are kept. */
const openMax = 100;

/** A whole claim. */
export interface WholeClaim {
  readonly known: Ticks;
  readonly have: Ticks;
}

/** See the module. */
export class ClaimParts {
  readonly #open = new Map<string, { nr: number; parts: Set<number>; known: MutableTicks }>();

  /** Takes a part; returns the claim when it is whole. The last part has `have`, and its number says how many there are. */
  add(message: SyncClaim): WholeClaim | undefined {
    const { node, nr, part } = message;
    let open = this.#open.get(node);
    if (open === undefined || open.nr !== nr) {
      if (this.#open.size >= openMax) this.#open.clear();
      open = { nr, parts: new Set(), known: new Map() };
      this.#open.set(node, open);
    }
    open.parts.add(part);
    addTo(open.known, fromMessage(message.known));
    if (message.have === undefined || open.parts.size <= part) return undefined;
    this.#open.delete(node);
    return { known: open.known, have: fromMessage(message.have) };
  }
}
