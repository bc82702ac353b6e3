/**
 * Finds where a value ends, and checks it on the way, without building anything.
 *
 * Checked are: the byte `c1`, UTF-8, depth, map keys (no maps in them), the elements of paths, the form of timestamps.
 * What passes can be decoded; what does not, cannot.
 *
 * @module
 */

import { Walker } from "./walker.ts";

const walker = new Walker();

/**
 * The offset behind the value at `start`, or −1 if it goes beyond `end`.
 *
 * @example
 * ```ts
 * import { skip } from "@moat/kv/wire";
 *
 * skip(Uint8Array.of(0x92, 1, 2), 0, 3); // 3
 * skip(Uint8Array.of(0x92, 1), 0, 2); // -1
 * ```
 * @throws {ProtocolError} If it is malformed; the offset counts from the start of `bytes`
 */
export function skip(bytes: Uint8Array, start: number, end: number): number {
  walker.begin(start);
  return walker.walk(bytes, end, 0) ? walker.at : -1;
}
