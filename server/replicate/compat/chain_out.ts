/**
 * Chains in the form that the original gets: few links, and none that it would purge the entry for.
 *
 * @module
 */

import type { Chain } from "../../../wire/message/chain.ts";
import type { Link } from "../../core/chain.ts";
import type { TickMemory } from "./tick_memory.ts";

/** What to send. */
export interface ChainOut {
  /** At most the wanted number of links. `prev` is null at the true end, and where a link must not be seen. */
  readonly chain: Chain;
  /** What lies behind the head in truth, if it differs otherwise than by length. */
  readonly hidden: Chain | undefined;
}

/**
 * The chain of an event.
 * @param older What lies behind its head
 * @param links How many to send
 */
export function chainOut(writer: string, tick: number, older: Link | null, links: number, live: TickMemory): ChainOut {
  const shown: Link[] = [];
  let next = older;
  for (; next !== null && shown.length < links - 1 && live.has(next.writer.name, next.tick); next = next.prev) {
    shown.push(next);
  }
  const isUnsafe = next !== null && shown.length < links - 1;
  const end: Chain | null | undefined = next === null || isUnsafe ? null : undefined;
  const behind = shown.reduceRight<Chain | null | undefined>(
    (prev, link) => ({ node: link.writer.name, tick: link.tick, prev }),
    end,
  );
  return { chain: { node: writer, tick, prev: behind }, hidden: isUnsafe ? chainOf(older, links - 1) : undefined };
}

/** The first `count` links as they are. */
function chainOf(link: Link | null, count: number): Chain | undefined {
  if (link === null || count <= 0) return undefined;
  const prev = link.prev === null ? null : chainOf(link.prev, count - 1);
  return { node: link.writer.name, tick: link.tick, prev };
}

/** How many links it takes to show `tick` of `writer`; Infinity if it is not there, or must not be shown. */
export function linksTo(
  head: string,
  headTick: number,
  older: Link | null,
  writer: string,
  tick: number,
  live: TickMemory,
): number {
  if (head === writer && headTick === tick) return 1;
  let count = 2;
  for (let link = older; link !== null && live.has(link.writer.name, link.tick); link = link.prev, count++) {
    if (link.writer.name === writer && link.tick === tick) return count;
  }
  return Infinity;
}
