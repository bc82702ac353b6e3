/**
 * Events from elsewhere: what they hold, and the border they have to pass before anything believes them.
 *
 * @module
 */

import { chainLinksMax, counterMax, pathElementsMax, tockAheadMax } from "../../wire/limits.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import type { IncomingChain } from "./chain.ts";

/** An event from a peer, or from a file. */
export interface Incoming {
  /** The path is `keys[0 … length)`. */
  readonly keys: readonly ElementKey[];
  /** How many keys count. */
  readonly length: number;
  /** Who made it, on top of what. */
  readonly chain: IncomingChain;
  /** Its tock. */
  readonly tock: number;
  /** The value is `bytes[start … end)`; null is a deletion. The bytes are copied. */
  readonly bytes: Uint8Array | null;
  /** Where the value begins. */
  readonly start: number;
  /** Where it ends. */
  readonly end: number;
  /** Earlier ticks of the same writer at this entry that the sender left out of a batch, as this event replaces them. */
  readonly replaces?: readonly number[];
}

/** Why an event is refused; undefined if it is well-formed. */
export function refusal(event: Incoming, clock: number): string | undefined {
  const reason = tockRefusal(event.tock, clock);
  if (reason !== undefined) return reason;
  if (event.replaces?.some((tick) => !isCounter(tick) || tick >= event.chain.tick)) {
    return "A replaced tick must be lower than the event's";
  }
  return pathRefusal(event) ?? chainRefusal(event.chain);
}

/** Why a tock from elsewhere is refused, by a node whose clock is `clock`; undefined if it is not. */
export function tockRefusal(tock: number, clock: number): string | undefined {
  if (!isCounter(tock)) return `The tock must be a positive integer below 2^53, got ${tock}`;
  return tock > clock + tockAheadMax ? `The tock ${tock} is too far ahead of ${clock}` : undefined;
}

function pathRefusal({ keys, length }: Incoming): string | undefined {
  if (length > pathElementsMax) return `The path has more than ${pathElementsMax} elements`;
  for (let i = 1; i < length; i++) if (keys[i] === null) return "Null path element";
  return undefined;
}

/** Why a chain is refused; undefined if it is well-formed. */
export function chainRefusal(chain: IncomingChain): string | undefined {
  const names = new Set<string>();
  for (let link: IncomingChain | null | undefined = chain; link; link = link.prev) {
    if (!isCounter(link.tick)) return `A tick must be a positive integer below 2^53, got ${link.tick} of ${link.node}`;
    if (names.has(link.node)) return `The chain names ${link.node} twice`;
    names.add(link.node);
    if (names.size > chainLinksMax) return `The chain has more than ${chainLinksMax} links`;
  }
  return undefined;
}

/** Whether a number can be a tick or a tock. */
export function isCounter(n: number): boolean {
  return Number.isInteger(n) && n >= 1 && n < counterMax;
}
