/**
 * Equal ticks have to mean equal trees. If they do not, something was used twice, or a record was lost: an alarm.
 *
 * The digest is of what has a value. Deletions are left out on purpose: each server forgets them when it has heard enough
 * (DESIGN 4.5), so two good servers have different ones all the time. Nothing is missed by that: a deletion against a value
 * shows in the value; and two deletions at one path, or one against nothing, look the same to everybody and are outranked alike
 * by whatever is written next, whose tock is above all that was heard.
 *
 * @module
 */

import type { ReplicatorParts } from "./parts.ts";
import type { Peer } from "./peer.ts";
import { areEqual, haveOf } from "./ticks.ts";

/** Both have to say the same twice, this far apart. */
const sureMs = 800;
/** After an alarm about a peer, there is none about it for so long. */
const quietMs = 15_000;

/** See the module. */
export class Suspicion {
  /** Alarms so far. */
  alarms = 0;
  /** By the id of the process: two may bear one name. */
  readonly #suspects = new Map<string, { readonly pair: string; readonly sinceMs: number }>();
  readonly #alarmedMs = new Map<string, number>();

  constructor(private readonly parts: ReplicatorParts) {}

  /** A peer said what it has. Returns whether its tree is another than this one, for sure; `maybe`: ask it again. */
  check(peer: Peer): "no" | "maybe" | "yes" {
    const { store, nowMs } = this.parts;
    // In the middle of a turn the two cannot be compared.
    if (store.effects.length > 0 || peer.digest === "") return "no";
    if (peer.digest === store.digest || !areEqual(peer.have, haveOf(store))) {
      this.#suspects.delete(peer.id);
      return "no";
    }
    if (nowMs() - (this.#alarmedMs.get(peer.id) ?? -Infinity) < quietMs) return "no";
    const pair = `${peer.digest} ${store.digest}`;
    const known = this.#suspects.get(peer.id);
    if (known === undefined || known.pair !== pair) {
      if (this.#suspects.size > 1000) this.#suspects.clear();
      this.#suspects.set(peer.id, { pair, sinceMs: nowMs() });
      return "maybe";
    }
    if (nowMs() - known.sinceMs < sureMs) return "maybe";
    this.#suspects.delete(peer.id);
    if (this.#alarmedMs.size > 1000) this.#alarmedMs.clear();
    this.#alarmedMs.set(peer.id, nowMs());
    this.alarms++;
    return "yes";
  }
}
