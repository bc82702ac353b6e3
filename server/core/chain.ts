/**
 * Who changed an entry, newest first. The head is in the entry itself (`writer`, `tick`); older links hang on it as an
 * immutable list, null for an entry that one writer made: `B7 → A3` is writer B, tick 7 and the link `{writer: A, tick: 3}`.
 *
 * @module
 */

import { chainLinksStored } from "../../wire/limits.ts";
import type { Writer } from "./writer.ts";

/** One older link of a chain. Immutable, shared between versions. */
export class Link {
  /** @param writer Who @param tick Which of its events @param prev The next older link */
  constructor(readonly writer: Writer, readonly tick: number, readonly prev: Link | null) {}
}

/** A chain as peers and clients send it: `prev` null or absent is the end. */
export interface IncomingChain {
  /** The writer's name. */
  readonly node: string;
  /** Its tick. */
  readonly tick: number;
  /** The next older link. */
  readonly prev?: IncomingChain | null;
}

/** The links without `writer`'s. Shares what lies behind it. */
export function without(links: Link | null, writer: Writer): Link | null {
  if (links === null) return null;
  if (links.writer === writer) return links.prev;
  const rest = without(links.prev, writer);
  return rest === links.prev ? links : new Link(links.writer, links.tick, rest);
}

/** At most `count` links. */
export function firstLinks(links: Link | null, count: number): Link | null {
  if (links === null || count <= 0) return null;
  const rest = firstLinks(links.prev, count - 1);
  return rest === links.prev ? links : new Link(links.writer, links.tick, rest);
}

/** What lies behind a new head of `writer` on top of an old head and its older links; at most 31 links. */
export function linksBehind(writer: Writer, head: Writer | null, tick: number, older: Link | null): Link | null {
  if (head === null) return null;
  const rest = without(older, writer);
  return head === writer ? rest : firstLinks(new Link(head, tick, rest), chainLinksStored - 1);
}

/** Puts `second` behind the first of the links behind a head of `head`, unless its writer stands before it. */
export function withSecond(
  links: Link | null,
  head: Writer,
  second: { readonly writer: Writer; readonly tick: number },
): Link | null {
  if (second.writer === head || second.writer === links?.writer) return links;
  const rest = new Link(second.writer, second.tick, without(links?.prev ?? null, second.writer));
  return firstLinks(links === null ? rest : new Link(links.writer, links.tick, rest), chainLinksStored - 1);
}

/** How many links. */
export function countLinks(links: Link | null): number {
  let count = 0;
  for (let link = links; link !== null; link = link.prev) count++;
  return count;
}

/** The tick of `writer`'s link in a chain; 0 if it has none. */
export function tickIn(head: Writer | null, tick: number, older: Link | null, writer: Writer): number {
  if (head === writer) return tick;
  for (let link = older; link !== null; link = link.prev) if (link.writer === writer) return link.tick;
  return 0;
}

/** As the original prints it: `<NodeEvent b:7 a:3 (7,)>`. */
export function chainText(head: string, tick: number, older: Link | null): string {
  let text = `${head}:${tick}`;
  for (let link = older; link !== null; link = link.prev) text += ` ${link.writer.name}:${link.tick}`;
  return `<NodeEvent ${text} (${tick},)>`;
}
