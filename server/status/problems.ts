/**
 * What is not as it should be, a sentence each.
 *
 * @module
 */

import type { PeerStatus } from "../../wire/message/status.ts";
import type { ServerCluster } from "../network/cluster.ts";
import { minus, missingOf } from "../replicate/ticks.ts";

/** What problems are seen from. */
export interface Seen {
  readonly read_only: string | null;
  readonly peers: readonly PeerStatus[];
  readonly given_up: number;
  readonly types: { readonly bad_now: number };
}

/** The problems; none: everything is fine. */
export function problemsOf(seen: Seen, cluster: ServerCluster, node: string): string[] {
  const problems: string[] = [];
  if (seen.read_only !== null) problems.push(seen.read_only);
  problems.push(...networkProblems(cluster, node));
  for (const { node: name, state, heard } of seen.peers) {
    if (state === "missing") problems.push(`${name} is missing: ${heardText(heard)}`);
  }
  const lost = unreachable(cluster);
  if (lost > 0) problems.push(`${lost} changes are missing here, and no server that is here has them`);
  // Who has settled all others has seen the list.
  const { dropped = 0, size = 0 } = cluster.conflicts ?? {};
  if (dropped > 0 && size > 0) problems.push(`${dropped} conflicts were dropped, because there were too many`);
  if (seen.types.bad_now > 0) {
    problems.push(
      `${seen.types.bad_now} entries are not of their type, as other servers wrote them: see 'moat type check'`,
    );
  }
  return problems;
}

function networkProblems({ network }: ServerCluster, node: string): string[] {
  const problems: string[] = [];
  if (network === undefined) return problems;
  const { backend, broker, replicator } = network;
  if (!backend.isAttached) problems.push(`There is no connection to the ${backend.description}`);
  if (broker?.owner === "stuck") problems.push("The message broker of this machine does not answer");
  if (replicator.peers.get(node)?.isPresent(performance.now())) {
    problems.push(`Another server of the name ${node} is in this network`);
  }
  return problems;
}

function heardText(heard: number | null): string {
  return heard === null ? "it was not heard since this server was started" : `it was heard last ${heard} s ago`;
}

/** Changes that nobody who is here can deliver. */
function unreachable(cluster: ServerCluster): number {
  let missing = missingOf(cluster.store);
  for (const peer of cluster.peers()) if (peer.isPresent(performance.now())) missing = minus(missing, peer.have);
  let count = 0;
  for (const set of missing.values()) count += set.size;
  return count;
}
