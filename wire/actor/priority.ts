/**
 * Which of two leaders stays when two sides meet: the one with a value; then the one with the greater value; then the
 * lower name. Values compare element by element, so of servers the tock decides, then the tick.
 *
 * Source: `spec/server-protocol.md` 4.4.
 *
 * @module
 */

import type { ActorValue } from "./message.ts";

/** Whether leader `a` with value `av` goes before leader `b` with value `bv`. */
export function goesBefore(a: string, av: ActorValue, b: string, bv: ActorValue): boolean {
  if ((av === null) !== (bv === null)) return av !== null;
  const order = av === null || bv === null ? 0 : compareValues(av, bv);
  return order === 0 ? a < b : order > 0;
}

function compareValues(a: number | readonly number[], b: number | readonly number[]): number {
  const left = typeof a === "number" ? [a] : a, right = typeof b === "number" ? [b] : b;
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    if (left[i] !== right[i]) return left[i] - right[i];
  }
  return left.length - right.length;
}
