/**
 * Who is here, who is missing, and how far everybody is.
 *
 * | state | |
 * | --- | --- |
 * | `here` | it was heard within the last 30 s |
 * | `left` | it said goodbye |
 * | `missing` | it was not heard for longer, and did not say goodbye |
 * | `forgotten` | nobody waits for it |
 *
 * @module
 */

import type { PeerStatus } from "../../wire/message/status.ts";
import type { ServerCluster } from "../network/cluster.ts";
import { type Peer, presentMs } from "../replicate/peer.ts";
import { seconds } from "./status.ts";

/** The other servers, in the order of their names. */
export function peerStatuses(cluster: ServerCluster, node: string): PeerStatus[] {
  const peers = new Map([...cluster.peers()].map((peer) => [peer.node, peer]));
  const names = new Set([...cluster.members.names(), ...peers.keys()]);
  names.delete(node);
  return [...names].sort().map((name) => peerStatus(cluster, name, peers.get(name)));
}

function peerStatus(cluster: ServerCluster, name: string, peer: Peer | undefined): PeerStatus {
  const nowMs = performance.now();
  const isHeard = peer !== undefined && peer.lastHeardMs > -Infinity;
  const hasSaid = peer !== undefined && peer.haveAtMs > -Infinity;
  const { there, here } = hasSaid ? cluster.network!.replicator.behind(peer) : { there: null, here: null };
  return {
    node: name,
    state: stateOf(cluster, name, peer, nowMs),
    ours: isHeard ? peer.isOurs : null,
    heard: isHeard ? seconds(nowMs - peer.lastHeardMs) : null,
    since: isHeard && peer.sinceMs > -Infinity ? seconds(nowMs - peer.sinceMs) : null,
    behind: there,
    ahead: here,
    addresses: peer?.addresses ?? [],
  };
}

function stateOf(
  { members, openedMs }: ServerCluster,
  name: string,
  peer: Peer | undefined,
  nowMs: number,
): PeerStatus["state"] {
  // Whoever is there and forgotten says that it is back as soon as it hears of that.
  if (members.isForgotten(name)) return "forgotten";
  if (peer?.isPresent(nowMs)) return "here";
  if (peer?.hasLeft) return "left";
  // Whoever is there has 30 s to be heard.
  return nowMs - openedMs < presentMs && peer === undefined ? "left" : "missing";
}
