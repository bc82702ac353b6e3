/**
 * What a client needs to know of chains: `{node, tick, prev}`, newest change first.
 *
 * @module
 */

import type { Value } from "../wire/value.ts";
import type { Chain } from "./reply.ts";

/** Whether both have the same newest change. */
export function sameHead(a: Chain | null | undefined, b: Chain | null | undefined): boolean {
  return a?.node === b?.node && a?.tick === b?.tick && Boolean(a);
}

/** Whether `chain` knows the newest change of `other`, or a later one of its writer. */
export function contains(chain: Chain | null | undefined, other: Chain | null | undefined): boolean {
  if (!other) return true;
  for (let link = chain; link; link = link.prev) {
    if (link.node === other.node) return link.tick >= other.tick;
  }
  return false;
}

/** The chain as a request carries it: a missing `prev` stays missing. */
export function chainField(chain: Chain | null): Value {
  if (chain === null) return null;
  const { node, tick, prev } = chain;
  return prev === undefined ? { node, tick } : { node, tick, prev: chainField(prev) };
}
