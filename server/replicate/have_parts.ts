/**
 * What peers have, as they say it: in several messages if it is much (many writers, many gaps). It counts when all parts of
 * one number are here; a part that is lost costs no more than the time until it is said again.
 *
 * @module
 */

import type { Ranges } from "../../wire/message/ranges.ts";
import type { SyncHave, TickSets } from "../../wire/message/sync.ts";

/** Of so many processes parts are kept. */
const sourcesMax = 100;

/** Parts of more messages are refused. */
const partsMax = 1000;

/** See the module. */
export class HaveParts {
  /** By the id of the process: what has come of its newest number. */
  readonly #sources = new Map<
    string,
    { readonly nr: number; readonly parts: (SyncHave | undefined)[]; left: number }
  >();

  /** Takes a message; returns all that was said in its parts when they are here. */
  add(message: SyncHave): SyncHave | undefined {
    const { id, nr, part, parts: count } = message;
    if (count === 1) return message;
    if (count > partsMax || part >= count) return undefined;
    let source = this.#sources.get(id);
    if (source !== undefined && nr < source.nr) return undefined;
    if (source === undefined || nr > source.nr || source.parts.length !== count) {
      for (const oldest of this.#sources.keys()) {
        if (this.#sources.size < sourcesMax) break;
        this.#sources.delete(oldest);
      }
      source = { nr, parts: new Array(count).fill(undefined), left: count };
      this.#sources.set(id, source);
    }
    if (source.parts[part] === undefined) source.left--;
    source.parts[part] = message;
    if (source.left > 0) return undefined;
    this.#sources.delete(id);
    return joined(source.parts as SyncHave[]);
  }
}

/** The first part has whatever is said once. */
function joined(parts: readonly SyncHave[]): SyncHave {
  const [first] = parts;
  return {
    ...first,
    part: 0,
    parts: 1,
    have: together(parts.map(({ have }) => have)),
    disk: first.disk && together(parts.map(({ disk }) => disk ?? new Map())),
    lives: new Map(parts.flatMap(({ lives }) => [...lives])),
  };
}

/** Sets in ascending order, one after the other. */
function together(sets: readonly TickSets[]): TickSets {
  const all = new Map<string, Ranges>();
  for (const set of sets) for (const [name, ranges] of set) all.set(name, [...all.get(name) ?? [], ...ranges]);
  return all;
}
