/**
 * Cuts messages into pieces as the original does, for networks that carry short messages only (Serf: 512 bytes).
 * {@link FragmentJoiner} of fragment.ts puts them together.
 *
 * Source: `spec/server-protocol.md` 1.6.
 *
 * @module
 */

import { encode } from "../msgpack/encoder.ts";

/** What is not longer goes whole. */
const wholeBytesMax = 450;

/** What the original reserves for a piece's frame, besides the name. */
const frameBytes = 15;

/**
 * The pieces of `message`, or it alone if it is short enough.
 * @param node The sender's name
 * @param number The message's number among those of this process that were cut; asked for only if it is
 */
export function splitMessage(message: Uint8Array, node: string, number: () => number): Uint8Array[] {
  if (message.length <= wholeBytesMax) return [message];
  const pieceBytes = Math.max(1, wholeBytesMax - frameBytes - [...node].length);
  const nr = number();
  const pieces: Uint8Array[] = [];
  for (let at = 0, index = 1; at < message.length; at += pieceBytes, index++) {
    const bytes = message.subarray(at, at + pieceBytes);
    const isLast = at + pieceBytes >= message.length;
    pieces.push(encode({ _p0: [node, nr, isLast ? -index : index, bytes] }));
  }
  return pieces;
}
