/**
 * What of a subtree may be seen: goes along with a walk that visits parents before children, and keeps the rules' word on
 * each level, so that an entry costs one step and not its whole path. When the rules change on the way, the new ones count.
 *
 * @module
 */

import type { ElementKey } from "../../../wire/path/keys.ts";
import type { Entry } from "../../core/entry.ts";
import type { ValueArena } from "../../core/values.ts";
import { letterBits } from "./letters.ts";
import type { Rights } from "./rights.ts";
import type { RuleBook } from "./rule_book.ts";
import type { Spot } from "./spot.ts";
import { isBetrayal } from "./subject.ts";

/** What an entry shows: its value, only that it is there, or nothing. */
export type Shown = "value" | "name" | "nothing";

/** See the module. */
export class Sight {
  #book: RuleBook;
  /** By levels below the start; deeper ones than the walk's are of earlier branches. */
  #spots: Spot[] = [];
  /** Where the walk is, from the root of the tree. */
  readonly #keys: ElementKey[];
  readonly #start: number;
  /** Whether something above the start lets nobody pass. */
  #isBarred = false;
  /** The level whose children may not be listed any more, although the walk has gone on below. */
  #closedLevel = Infinity;

  /** @param keys Where the walk starts: the first `start` of them */
  constructor(readonly rights: Rights, keys: readonly ElementKey[], start: number, readonly values: ValueArena) {
    this.#keys = keys.slice(0, start);
    this.#start = start;
    this.#book = rights.book;
    this.#read(0);
  }

  /** Asks the rules for the levels above `depth`, and the start. */
  #read(depth: number): void {
    const keys = this.#keys;
    const start = this.#start;
    this.#spots = [this.#book.spot(keys, start)];
    this.#isBarred = start > 0 && (keys[0] === null || this.#book.spot(keys, start - 1).barrier !== undefined);
    this.#closedLevel = Infinity;
    for (let level = 0; level < depth; level++) {
      if (level > 0) this.#spots[level] = this.#spots[level - 1].below(keys[start + level - 1]);
      if (this.#closedLevel === Infinity && !this.#mayEnter(level)) this.#closedLevel = level;
    }
  }

  /** The rules as they are now, at an entry. */
  #arrive(entry: Entry, depth: number): void {
    if (this.rights.book !== this.#book) {
      this.#book = this.rights.book;
      this.#read(depth);
    }
    if (depth > 0) this.#keys[this.#start + depth - 1] = entry.key;
    if (depth <= this.#closedLevel) this.#closedLevel = Infinity;
  }

  /** Whether the walk may go on below an entry: its children may be listed. */
  enter(entry: Entry, depth: number): boolean {
    this.#arrive(entry, depth);
    if (this.#closedLevel !== Infinity) return false;
    if (depth > 0) this.#spots[depth] = this.#spots[depth - 1].below(entry.key);
    return this.#mayEnter(depth);
  }

  #mayEnter(depth: number): boolean {
    return !this.#isBarredAt(depth) && (this.#spots[depth].bits & letterBits.e) !== 0;
  }

  #isBarredAt(depth: number): boolean {
    return depth === 0 ? this.#isBarred : this.#spots[depth - 1].barrier !== undefined || this.#keys[0] === null;
  }

  #bits(entry: Entry, depth: number): number {
    this.#arrive(entry, depth);
    if (this.#closedLevel !== Infinity) return 0;
    if (depth === 0) return this.#spots[0].bits;
    return this.#keys[0] === null ? 0 : this.#spots[depth - 1].bitsBelow(entry.key);
  }

  /** Whether an entry's name may be listed. */
  mayList(entry: Entry, depth: number): boolean {
    return (this.#bits(entry, depth) & letterBits.e) !== 0;
  }

  /** Whether an entry's value may be seen. A deletion shows no value, so it needs no more than the right to read. */
  sees(entry: Entry, depth: number): boolean {
    return this.shows(entry, depth) === "value";
  }

  /** Whether other rules showed what {@linkcode Sight.sees} was just asked about. */
  wasSeen(book: RuleBook, entry: Entry, depth: number): boolean {
    const count = this.#start + depth;
    return book.sees(this.#keys, this.#start, count) &&
      !isBetrayal(book, this.#keys, count, this.values, entry.value);
  }

  /** What an entry shows. */
  shows(entry: Entry, depth: number): Shown {
    const bits = this.#bits(entry, depth);
    if ((bits & letterBits.r) !== 0 && !this.#isBarredAt(depth) && !this.#betrays(entry, depth)) return "value";
    return (bits & letterBits.e) !== 0 ? "name" : "nothing";
  }

  /** Whether the entry may be deleted with the tree it is in. */
  mayDelete(entry: Entry, depth: number): boolean {
    return (this.#bits(entry, depth) & letterBits.d) !== 0 && !this.#isBarredAt(depth);
  }

  #betrays(entry: Entry, depth: number): boolean {
    return isBetrayal(this.#book, this.#keys, this.#start + depth, this.values, entry.value);
  }
}
