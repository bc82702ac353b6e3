/**
 * Equal ticks have to mean equal trees. If they do not, something was used twice, or a record was lost: an alarm.
 *
 * @module
 */

import type { ReplicatorParts } from "./parts.ts";
import type { Peer } from "./peer.ts";
import { areEqual, haveOf } from "./ticks.ts";

/** Both have to say the same twice, this far apart. */
const sureMs = 800;
/** After an alarm about a peer, there is none about it for so long. */
const quietMs = 60_000;

/** See the module. */
export class Suspicion {
  /** Alarms so far. */
  alarms = 0;
  readonly #suspects = new Map<string, { readonly pair: string; readonly sinceMs: number }>();
  readonly #alarmedMs = new Map<string, number>();

  constructor(private readonly parts: ReplicatorParts) {}

  /** A peer said what it has. Returns whether its tree is another than this one, for sure; `maybe`: ask it again. */
  check(peer: Peer): "no" | "maybe" | "yes" {
    const { store, nowMs } = this.parts;
    // In the middle of a turn the two cannot be compared.
    if (store.effects.length > 0 || peer.digest === "") return "no";
    if (peer.digest === store.digest || !areEqual(peer.have, haveOf(store))) {
      this.#suspects.delete(peer.node);
      return "no";
    }
    if (nowMs() - (this.#alarmedMs.get(peer.node) ?? -Infinity) < quietMs) return "no";
    const pair = `${peer.digest} ${store.digest}`;
    const known = this.#suspects.get(peer.node);
    if (known === undefined || known.pair !== pair) {
      this.#suspects.set(peer.node, { pair, sinceMs: nowMs() });
      return "maybe";
    }
    if (nowMs() - known.sinceMs < sureMs) return "maybe";
    this.#suspects.delete(peer.node);
    this.#alarmedMs.set(peer.node, nowMs());
    this.alarms++;
    return "yes";
  }
}
