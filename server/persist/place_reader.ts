/**
 * Finds the entries that records are about. Most of the work of a restart would be to walk down the tree; so the entries
 * above the last ones are remembered by the bytes of their paths, and only the last element is read and looked for.
 *
 * @module
 */

import { ElementReader } from "../../wire/path/element_reader.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import type { Entry } from "../core/entry.ts";
import type { Store } from "../core/store.ts";

/** Entries that are remembered at most, each in the place its hash says; powers of two. */
const [placesMin, placesMax] = [1 << 6, 1 << 18];
/** A record takes more bytes than that: more places than records help nobody. */
const recordBytesMin = 32;
/** Longer paths are walked every time. */
const bytesMax = 48;

/** Reads the paths of records. */
export class PlaceReader {
  /** The elements of the last path that {@linkcode PlaceReader.path} read. */
  readonly keys: ElementKey[] = [];
  /** Behind the last path. */
  at = 0;
  readonly #elements = new ElementReader();
  readonly #last: ElementKey[] = [];
  /** What is remembered: entries, and their paths' bytes. */
  readonly #entries: (Entry | null)[];
  readonly #lengths: Uint8Array;
  readonly #bytes: Uint8Array;

  /** @param store Where the entries are @param bytesTotal All bytes that are going to be read */
  constructor(private readonly store: Store, bytesTotal: number) {
    let places = placesMin;
    while (places < placesMax && places * recordBytesMin < bytesTotal) places *= 2;
    this.#entries = new Array(places).fill(null);
    this.#lengths = new Uint8Array(places);
    this.#bytes = new Uint8Array(places * bytesMax);
  }

  /** Reads the array of elements at `start` into `keys`. @throws {KvError} If it is no path */
  path(bytes: Uint8Array, start: number, end: number): ElementKey[] {
    const reader = this.#elements;
    reader.open(bytes, start, end);
    let count = 0;
    while (reader.more()) this.keys[count++] = reader.key();
    this.keys.length = count;
    this.at = reader.at;
    return this.keys;
  }

  /** The entry of the path at `start`, made if need be. @throws {KvError} If it is no path */
  entry(bytes: Uint8Array, start: number, end: number): Entry {
    const count = bytes[start] & 15;
    const isShort = (bytes[start] & 0xf0) === 0x90 && count > 1;
    const lastAt = isShort ? passElements(bytes, start + 1, count - 1) : -1;
    if (lastAt < 0 || lastAt - start > bytesMax) return this.#walk(bytes, start, end);
    const above = this.#above(bytes, start, lastAt, end);
    const reader = this.#elements;
    reader.openElements(bytes, lastAt, end, 1);
    this.#last[count - 1] = reader.key();
    this.at = reader.at;
    return this.store.restorePlace(this.#last, count, above, count - 1);
  }

  #walk(bytes: Uint8Array, start: number, end: number): Entry {
    const keys = this.path(bytes, start, end);
    return this.store.restorePlace(keys, keys.length);
  }

  /** The entry whose path is the elements behind `start` up to `lastAt`. */
  #above(bytes: Uint8Array, start: number, lastAt: number, end: number): Entry {
    const length = lastAt - start;
    let hash = 0;
    for (let i = start; i < lastAt; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
    const place = (hash ^ hash >>> 15) & (this.#lengths.length - 1);
    const known = this.#entries[place];
    const base = place * bytesMax;
    if (known !== null && known.parent !== null && this.#lengths[place] === length) {
      let i = 0;
      while (i < length && this.#bytes[base + i] === bytes[start + i]) i++;
      if (i === length) return known;
    }
    const keys = this.path(bytes, start, end);
    const entry = this.store.restorePlace(keys, keys.length - 1);
    this.#entries[place] = entry;
    this.#lengths[place] = length;
    for (let i = 0; i < length; i++) this.#bytes[base + i] = bytes[start + i];
    return entry;
  }
}

/** The offset behind `count` elements, if they are all short texts or small integers; else −1. */
function passElements(bytes: Uint8Array, start: number, count: number): number {
  let at = start;
  for (let i = 0; i < count; i++) {
    const first = bytes[at];
    if ((first & 0xe0) === 0xa0) at += 1 + (first & 31);
    else if (first < 0x80) at++;
    else return -1;
  }
  return at;
}
