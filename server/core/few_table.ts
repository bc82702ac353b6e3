/**
 * A hash table of up to 254 positions, four to a number: an eighth of the memory that references take. Open addressing,
 * linear probing; 0 is an empty place, `n` the entry at position `n − 1`.
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";
import type { Entry } from "./entry.ts";

/** Positions at most. */
export const fewMax = 254;

/** Places by number, four in each. */
export type FewTable = number[];

/** The table of those of `entries[0 … count)` that have a parent. */
export function fewTable(entries: readonly (Entry | null)[], count: number): FewTable {
  let places = 16;
  while (count * 4 > places * 3) places *= 2;
  const table: FewTable = new Array(places >> 2).fill(0);
  for (let at = 0; at < count; at++) {
    const entry = entries[at]!;
    if (entry.parent !== null) fewAdd(table, entry.hash, at);
  }
  return table;
}

/** Whether a table for `count` entries would have more places. */
export function fewIsFull(table: FewTable, count: number): boolean {
  return count > table.length * 3;
}

function place(table: FewTable, i: number): number {
  return table[i >> 2] >>> ((i & 3) << 3) & 255;
}

function setPlace(table: FewTable, i: number, value: number): void {
  const shift = (i & 3) << 3;
  table[i >> 2] = table[i >> 2] & ~(255 << shift) | value << shift;
}

/** The entry of that key and hash. */
export function fewGet(
  table: FewTable,
  entries: readonly (Entry | null)[],
  key: ElementKey,
  hash: number,
): Entry | undefined {
  const mask = table.length * 4 - 1;
  for (let i = hash & mask;; i = i + 1 & mask) {
    const at = table[i >> 2] >>> ((i & 3) << 3) & 255;
    if (at === 0) return undefined;
    const entry = entries[at - 1]!;
    if (entry.hash === hash && entry.key === key) return entry;
  }
}

/** Adds the entry at position `at`. */
export function fewAdd(table: FewTable, hash: number, at: number): void {
  const mask = table.length * 4 - 1;
  let i = hash & mask;
  while (place(table, i) !== 0) i = i + 1 & mask;
  setPlace(table, i, at + 1);
}

/** Removes an entry that is in it; those that it kept from their place move up. */
export function fewDelete(table: FewTable, entries: readonly (Entry | null)[], entry: Entry): void {
  const mask = table.length * 4 - 1;
  let hole = entry.hash & mask;
  while (entries[place(table, hole) - 1] !== entry) hole = hole + 1 & mask;
  for (let i = hole + 1 & mask; place(table, i) !== 0; i = i + 1 & mask) {
    const home = entries[place(table, i) - 1]!.hash & mask;
    if ((i - home & mask) < (i - hole & mask)) continue;
    setPlace(table, hole, place(table, i));
    hole = i;
  }
  setPlace(table, hole, 0);
}
