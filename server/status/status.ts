/**
 * How a server is, as `get_status` tells it: numbers for programs, and in `problems` what a person should hear of. Ages and
 * durations are in seconds.
 *
 * @module
 */

import type { ServerStatus } from "../../wire/message/status.ts";
import type { Value } from "../../wire/value.ts";
import type { ServerCluster } from "../network/cluster.ts";
import type { CommitCycle } from "../commit.ts";
import type { ServerConfig } from "../config.ts";
import type { Ticks } from "../core/claims.ts";
import type { Store } from "../core/store.ts";
import type { Auth } from "../auth/auth.ts";
import type { Meta } from "../meta/meta.ts";
import type { Persistence } from "../persist/persistence.ts";
import { networkId } from "../core/network_id.ts";
import { tombstoneCount, tombstoneHolders } from "../replicate/holders.ts";
import { countOf, missingOf } from "../replicate/ticks.ts";
import { foreignPasswords, openDoors } from "./doors.ts";
import { logStatus } from "./log.ts";
import { peerStatuses } from "./peers.ts";
import { problemsOf } from "./problems.ts";

/** What a status is made from. */
export interface StatusSources {
  readonly config: ServerConfig;
  readonly store: Store;
  readonly meta: Meta;
  readonly auth: Auth;
  readonly cycle: CommitCycle;
  readonly persistence: Persistence | undefined;
  readonly version: string;
  /** When it was started, of the monotonic clock. */
  readonly startedMs: number;
  readonly onDisk: () => Ticks | undefined;
  readonly watchers: () => number;
  readonly connections: () => number;
}

/** Fields of a status. */
export type StatusFields = { readonly [field: string]: Value };

/** Puts a status together. */
export function statusOf(sources: StatusSources, cluster: ServerCluster): StatusFields {
  const { config, store, cycle, version, startedMs } = sources;
  const peers = peerStatuses(cluster, config.name);
  const status: Omit<ServerStatus, "problems"> = {
    node: config.name,
    writer: store.local.name,
    version,
    uptime: seconds(performance.now() - startedMs),
    network: networkId(store) ?? null,
    login: sources.auth.current ?? null,
    read_only: cycle.refusal ?? null,
    backend: backendStatus(cluster),
    peers,
    partition: peers.some(({ state }) => state === "missing"),
    missing: countOf(missingOf(store)),
    claims: store.openClaims,
    given_up: givenUp(store),
    conflicts: conflictStatus(cluster),
    types: typeStatus(sources.meta.badValues),
    entries: store.liveCount,
    tombstones: tombstoneStatus(sources, cluster),
    log: logStatus(sources),
    clients: { connections: sources.connections(), watchers: sources.watchers(), waiting: cluster.waiting },
    messages: messageStatus(cluster),
    memory: { values: store.values.liveBytes, process: Deno.memoryUsage().rss },
  };
  const login = status.login === null
    ? openDoors(config)
    : foreignPasswords(status.login ?? null, sources.auth.isCompatible, peers);
  const problems = [...login === undefined ? [] : [login], ...problemsOf(status, cluster, config.name)];
  const whole: ServerStatus = { ...status, problems };
  return whole as unknown as StatusFields;
}

/** Whole seconds. */
export function seconds(ms: number): number {
  return Math.max(0, Math.round(ms / 1000));
}

/** The connection to the other servers; null if there is none by choice. */
function backendStatus({ network }: ServerCluster): ServerStatus["backend"] {
  if (network === undefined) return null;
  const { backend, broker } = network;
  return {
    name: backend.description,
    connected: backend.isAttached,
    ...(broker?.owner === undefined ? {} : { broker: broker.owner }),
    ...backend.counters,
  };
}

function conflictStatus({ conflicts }: ServerCluster): ServerStatus["conflicts"] {
  return { records: conflicts?.size ?? 0, pending: conflicts?.pending ?? 0, dropped: conflicts?.dropped ?? 0 };
}

function tombstoneStatus(
  { config, store, onDisk }: StatusSources,
  { network, members }: ServerCluster,
): ServerStatus["tombstones"] {
  const count = tombstoneCount(store);
  const peers = network?.replicator.peers ?? new Map();
  const holders = count === 0
    ? new Map<string, number>()
    : tombstoneHolders({ node: config.name, store, members, peers, onDisk: onDisk() });
  return { count, held_by: Object.fromEntries(holders) };
}

function messageStatus({ network }: ServerCluster): ServerStatus["messages"] {
  if (network === undefined) return { sent: 0, dropped: 0, refused: 0, wanted: 0, resent: 0, alarms: 0 };
  const { sent, refused, wanted, resent, alarms } = network.replicator.counters;
  return { sent: sent.messages, dropped: sent.dropped, refused, wanted, resent, alarms };
}

function typeStatus({ count, present, unchecked }: Meta["badValues"]): ServerStatus["types"] {
  return { bad_values: count, bad_now: present, unchecked };
}

function givenUp(store: Store): number {
  let count = 0;
  for (const writer of store.writers.values()) count += writer.givenUp.size;
  return count;
}
