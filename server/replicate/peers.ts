/**
 * The other servers, by name.
 *
 * @module
 */

import type { SyncHave, SyncMessage } from "../../wire/message/sync.ts";
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

  /**
   * A message of one of ours came. `isNew`: it was not there before. `isLate`: the message is a copy, or was overtaken, so it
   * does not tell who is there now.
   */
  heard(message: SyncMessage): { peer: Peer; isNew: boolean; isLate: boolean } {
    const { node, id, seq } = message;
    const peer = this.named(node);
    const nowMs = this.nowMs();
    if (isOvertaken(peer, message)) return { peer, isNew: false, isLate: true };
    const isNew = !peer.isOurs || !peer.isPresent(nowMs) || (peer.id !== id && peer.otherId !== id);
    if (peer.id !== id) {
      // Back to the one before: both are alive. Else it was started anew.
      if (id === peer.otherId) peer.doubledAtMs = nowMs;
      [peer.otherId, peer.otherSeq] = [peer.id, peer.seq];
      [peer.id, peer.seq, peer.haveSeq] = [id, 0, 0];
    }
    peer.seq = seq ?? peer.seq;
    if (isNew) peer.sinceMs = nowMs;
    peer.isOurs = true;
    peer.hasLeft = false;
    peer.lastHeardMs = nowMs;
    return { peer, isNew, isLate: false };
  }

  /** A peer says what it has. Returns false if it has said something newer already. */
  told(peer: Peer, message: SyncHave): boolean {
    const { id, seq } = message;
    if (id !== peer.id || seq !== undefined && seq <= peer.haveSeq) return false;
    peer.haveSeq = seq ?? 0;
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
    return true;
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

/** Whether a later message of that process was here before, or it says goodbye after another process took its place. */
function isOvertaken(peer: Peer, { t, id, seq }: SyncMessage): boolean {
  if (id === peer.id) return seq !== undefined && seq <= peer.seq;
  if (id !== peer.otherId) return false;
  return t === "bye" || seq !== undefined && seq <= peer.otherSeq;
}
