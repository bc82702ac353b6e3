/**
 * What a client expects of an entry before it changes it.
 *
 * | expected | holds when |
 * | --- | --- |
 * | `chain: nil` | the entry has no value (a deleted one counts as new) |
 * | `chain: {node, tick}` | it has a value, and the newest link is exactly this one; older links are not compared |
 * | `prev: V` | its value equals V |
 *
 * What a client says about chains is compared, and believed in nothing: no tick is raised by it.
 *
 * Source: `spec/client-protocol.md` 3.8, 3.9.
 *
 * @module
 */

import { ChainError, RequestError } from "../../wire/errors.ts";
import { equalValues } from "../../wire/msgpack/deep_equal.ts";
import { chainText, type IncomingChain, type Link } from "./chain.ts";
import type { Entry } from "./entry.ts";
import { chainRefusal } from "./incoming.ts";
import { NO_VALUE, type ValueArena } from "./values.ts";

/** The chain of an entry as clients see it: none without a value. */
export interface SeenChain {
  /** The newest link's writer. */
  readonly node: string;
  /** The newest link's tick. */
  readonly tick: number;
  /** What lies behind it. */
  readonly older: Link | null;
}

/** The chain that clients see: nothing, unless the entry has a value. */
export function seenChain(entry: Entry | undefined): SeenChain | null {
  if (entry === undefined || !entry.hasValue || entry.writer === null) return null;
  return { node: entry.writer.name, tick: entry.tick, older: entry.older };
}

/**
 * Checks that an entry's chain is the expected one; null expects no value.
 * @param path For the message, printed
 * @throws {ChainError} `Entry already exists at a.b`, `Entry is new at a.b`,
 * `Chain is <NodeEvent b:7 a:3 (7,)> not <NodeEvent b:6 (6,)> for a.b`
 * @throws {RequestError} If the expected chain is malformed
 */
export function checkChain(entry: Entry | undefined, expected: IncomingChain | null, path: string): void {
  const seen = seenChain(entry);
  if (expected === null) {
    if (seen !== null) throw new ChainError(`Entry already exists at ${path}`);
    return;
  }
  const refusal = chainRefusal(expected);
  if (refusal !== undefined) throw new RequestError("request", refusal);
  if (seen === null) throw new ChainError(`Entry is new at ${path}`);
  if (seen.node === expected.node && seen.tick === expected.tick) return;
  const current = chainText(seen.node, seen.tick, seen.older);
  throw new ChainError(`Chain is ${current} not ${expectedText(expected)} for ${path}`);
}

function expectedText(chain: IncomingChain): string {
  let links = "";
  for (let link: IncomingChain | null | undefined = chain; link; link = link.prev) {
    links += `${link.node}:${link.tick} `;
  }
  return `<NodeEvent ${links}(${chain.tick},)>`;
}

/**
 * Whether a stored value equals `bytes[start … end)`: the same bytes, or the same when decoded (`1` is not `1.0`, the order
 * of a map does not count). No value equals nothing.
 */
export function isEqual(values: ValueArena, value: number, bytes: Uint8Array, start: number, end: number): boolean {
  if (value === NO_VALUE) return false;
  if (values.sameBytes(value, bytes, start, end)) return true;
  values.locate(value);
  return equalValues(values.bytes, values.start, values.end, bytes, start, end);
}
