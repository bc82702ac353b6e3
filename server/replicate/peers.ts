/**
 * The other servers, by name.
 *
 * @module
 */

import type { SyncHave, SyncSender } from "../../wire/message/sync.ts";
import { Peer } from "./peer.ts";
import { fromMessage } from "./ticks.ts";

/** More names are not remembered; those that are gone for longest make room. */
const peersMax = 1000;

/** How long two processes that bear one name count as both alive after they were last heard in turn. */
const doubleMs = 60_000;

/** The other servers. */
export class Peers {
  readonly byName: Map<string, Peer> = new Map();

  /** @param nowMs Monotonic */
  constructor(private readonly nowMs: () => number) {}

  /** The peer of that name, made if need be. */
  named(node: string): Peer {
    const known = this.byName.get(node);
    if (known !== undefined) return known;
    if (this.byName.size >= peersMax) this.#makeRoom();
    const made = new Peer(node);
    this.byName.set(node, made);
    return made;
  }

  #makeRoom(): void {
    let oldest: Peer | undefined;
    for (const peer of this.byName.values()) {
      if (oldest === undefined || peer.lastHeardMs < oldest.lastHeardMs) oldest = peer;
    }
    if (oldest !== undefined) this.byName.delete(oldest.node);
  }

  /** A message of one of ours came. Returns whether it was not there before. */
  heard({ node, id }: SyncSender): { peer: Peer; isNew: boolean } {
    const peer = this.named(node);
    const nowMs = this.nowMs();
    const isNew = !peer.isOurs || !peer.isPresent(nowMs) || (peer.id !== id && peer.otherId !== id);
    if (peer.id !== id) {
      // Back to the one before: both are alive. Else it was started anew.
      if (id === peer.otherId) peer.doubledAtMs = nowMs;
      peer.otherId = peer.id;
      peer.id = id;
    }
    if (isNew) peer.sinceMs = nowMs;
    peer.isOurs = true;
    peer.hasLeft = false;
    peer.lastHeardMs = nowMs;
    return { peer, isNew };
  }

  /** A peer says what it has. */
  told(peer: Peer, message: SyncHave): void {
    peer.writer = message.writer;
    peer.have = fromMessage(message.have);
    peer.onDisk = this.isDoubled(peer) ? null : message.disk === undefined ? peer.have : fromMessage(message.disk);
    peer.lost = fromMessage(message.lost);
    peer.isSilent = message.isSilent;
    peer.isMemoryOnly = message.isMemoryOnly;
    peer.members = message.members;
    peer.addresses = message.at;
    peer.digest = message.digest;
    peer.isReady = message.isReady;
    peer.isQuiet = message.isQuiet;
    peer.haveAtMs = this.nowMs();
  }

  /** Whether two live processes bear its name. */
  isDoubled(peer: Peer): boolean {
    return this.nowMs() - peer.doubledAtMs < doubleMs;
  }

  /** Those of ours that are there. */
  present(): Peer[] {
    const nowMs = this.nowMs();
    return [...this.byName.values()].filter((peer) => peer.isOurs && peer.isPresent(nowMs));
  }
}
