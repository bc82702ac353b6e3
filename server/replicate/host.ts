/**
 * What the replicator does for what speaks to servers of the original.
 *
 * @module
 */

import type { Ticks } from "../core/claims.ts";
import type { Incoming } from "../core/incoming.ts";
import type { MergeResult } from "../core/store.ts";
import type { ReplicatorParts } from "./parts.ts";
import type { Peer } from "./peer.ts";
import type { Rooms } from "./rooms.ts";
import type { ReplicatorNews } from "./news.ts";
import type { CompatHost } from "./seam.ts";

/** See {@linkcode CompatHost}. */
export class Host implements CompatHost {
  readonly parts: ReplicatorParts;

  /** @param woken Something is due earlier @param tell What listeners are to hear */
  constructor(
    private readonly rooms: Rooms,
    private readonly woken: () => void,
    private readonly tell: (news: ReplicatorNews) => void,
  ) {
    this.parts = rooms.parts;
  }

  get peers(): ReadonlyMap<string, Peer> {
    return this.rooms.peers.byName;
  }
  get isHolding(): boolean {
    return this.rooms.homecoming.isHolding;
  }
  get isQuiet(): boolean {
    return this.rooms.isInSync;
  }
  merge(events: readonly Incoming[], from: string, then?: (results: readonly MergeResult[]) => void): void {
    const { inbox, namesake, gaps, parts } = this.rooms;
    parts.turn(() => {
      const results = inbox.merge(namesake.incoming(events), from);
      namesake.check();
      then?.(results);
    });
    gaps.notice();
  }
  hear(ticks: ReadonlyMap<string, number>): void {
    const { store } = this.parts;
    for (const [name, tick] of ticks) store.hear(name, tick);
    this.rooms.namesake.check();
    this.rooms.gaps.notice();
  }
  heard(name: string): Peer {
    const { peers, members, roll, parts } = this.rooms;
    const peer = peers.named(name);
    if (!peer.isOurs) peer.lastHeardMs = parts.nowMs();
    if (name !== parts.node && members.heard(name)) roll.notice();
    return peer;
  }
  ready(name: string, isReady: boolean): void {
    const peer = this.heard(name);
    if (peer.isOurs) return;
    peer.isReady = isReady;
    this.tell({ kind: "peer", peer });
  }
  clashed(): void {
    this.tell({ kind: "clash", id: "" });
  }
  statement(name: string, onDisk: Ticks): void {
    const peer = this.rooms.peers.named(name);
    if (peer.isOurs) return;
    peer.onDisk = onDisk;
    peer.isSilent = false;
    this.rooms.tombstones.notice();
  }
  isPurged(writer: string, tick: number): boolean {
    return this.rooms.tombstones.isPurged(writer, tick);
  }
  refuse(reason: string, from: string): void {
    this.rooms.inbox.refuse(reason, from);
  }
  wake(): void {
    this.woken();
  }
}
