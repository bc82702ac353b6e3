/**
 * The name of a network: random, made when its first two servers meet, and the same at all of them: the internal entry
 * `network`. It tells what was said in one network (by tokens of watches) from what was said in another.
 *
 * @module
 */

import { encode } from "../../wire/msgpack/encoder.ts";
import { networkKeys } from "../core/conflicts.ts";
import { networkId } from "../core/network_id.ts";
import type { ReplicatorParts } from "./parts.ts";
import type { Peers } from "./peers.ts";

/** After the first contact: whoever has the entry has said so by then. */
const writeMs = 2000;
const againMs = 1000;
const letters = "abcdefghijklmnopqrstuvwxyz234567";
const length = 16;

/** Sees to it that the network has a name. */
export class NetworkName {
  /** When something is due. */
  dueMs = Infinity;

  constructor(
    private readonly parts: ReplicatorParts,
    private readonly peers: Peers,
    /** Whether everything is here that the others have. */
    private readonly isInSync: () => boolean,
  ) {}

  /** A server was heard for the first time. */
  notice(): void {
    this.dueMs = Math.min(this.dueMs, this.parts.nowMs() + writeMs);
  }

  /** Writes the name, if there is none, and this is the first of the servers that are there. */
  time(): void {
    this.dueMs = Infinity;
    const { store, node, nowMs, random, turn } = this.parts;
    const present = this.peers.present().map((peer) => peer.node);
    if (present.length === 0 || networkId(store) !== undefined) return;
    if (!this.isInSync() || [...present, node].sort()[0] !== node) {
      this.dueMs = nowMs() + againMs;
      return;
    }
    const id = Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join("");
    const value = encode(id);
    turn(() => void store.write(store.ensure(networkKeys, networkKeys.length), value, 0, value.length));
  }
}
