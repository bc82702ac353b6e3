/**
 * Whom a server may compare its tree with.
 *
 * @module
 */

import type { Reason } from "./comparison.ts";
import type { ReplicatorParts } from "./parts.ts";
import type { Peer } from "./peer.ts";
import type { Peers } from "./peers.ts";
import { covers, haveOf } from "./ticks.ts";

/** After so long without anybody who is ready, the first by name goes on. */
const stuckMs = 5000;

/** See the module. */
export class Partners {
  /** Who did not answer last: another one is asked if there is any. */
  silent: string | undefined;

  constructor(
    private readonly parts: ReplicatorParts,
    private readonly peers: Peers,
    /** Whether nobody waits for a server: what it shows may be purged, so nobody compares with it. */
    private readonly isForgotten: (node: string) => boolean,
  ) {}

  /** One of those who are fit, or the one of that name. */
  pick(why: Reason, node: string | undefined): Peer | undefined {
    const fit = this.peers.present().filter((peer) => this.#isFit(why, peer, node));
    const answering = fit.filter((peer) => peer.node !== this.silent);
    const asked = answering.length > 0 ? answering : fit;
    return asked[Math.floor(this.parts.random() * asked.length)];
  }

  /** Whether one may compare with a peer. With the same ticks, or fewer, it shows what differs, and not what is on its way. */
  #isFit(why: Reason, peer: Peer, wanted: string | undefined): boolean {
    const { node, store } = this.parts;
    if (!peer.isReady || peer.node === node || this.isForgotten(peer.node)) return false;
    if (wanted !== undefined && peer.node !== wanted) return false;
    return why === "resync" || covers(haveOf(store), peer.have);
  }

  /** Whether everybody who is there waits for somebody to compare with: then the first of them goes on alone. */
  isStuck(why: Reason): boolean {
    const { node, nowMs } = this.parts;
    const others = this.peers.present().filter((peer) => peer.node !== node);
    if (why !== "resync" || others.length === 0) return false;
    const ageMs = nowMs() - Math.max(...others.map((peer) => peer.sinceMs));
    return ageMs >= (others.every((peer) => node < peer.node) ? stuckMs : 3 * stuckMs);
  }

  /** Whether another peer has that event. */
  isElsewhere(writer: string, tick: number): boolean {
    return this.peers.present().some((peer) => peer.isReady && peer.have.get(writer)?.has(tick));
  }
}
