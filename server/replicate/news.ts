/**
 * What a replicator tells its server.
 *
 * @module
 */

import type { Peer } from "./peer.ts";

/** What listeners hear. */
export type ReplicatorNews =
  /** A peer said what it has, came or left. */
  | { readonly kind: "peer"; readonly peer: Peer }
  /** Another process that bears this server's name was heard; the id is empty for a server of the original. */
  | { readonly kind: "clash"; readonly id: string };
