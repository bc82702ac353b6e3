/**
 * Paths in a stream, shortened against the one before: `depth` says how many leading elements are the same.
 *
 * `a.b.c`, `a.d` below the empty prefix travel as `{path: ["a", "b", "c"], depth: 0}`, `{path: ["d"], depth: 1}`. Both
 * ends keep the last path, without the stream's own prefix.
 *
 * Source: `spec/client-protocol.md` 3.7.
 *
 * @module
 */

import { ProtocolError } from "../errors.ts";
import type { ElementKey } from "./keys.ts";
import { Path } from "./path.ts";

/** Shortens what is sent. One for each stream or file. */
export class PathShortener {
  /** The path before is the first `#length` keys: an array that is emptied and filled again costs an allocation each time. */
  readonly #last: ElementKey[] = [];
  #length = 0;

  /**
   * How many leading elements of this path are those of the path before; remembers it.
   * @param keys Where the path is, for example an entry's whole path
   * @param start Where it begins in `keys`: behind the stream's prefix
   * @param end Where it ends
   */
  depth(keys: readonly ElementKey[], start: number = 0, end: number = keys.length): number {
    const last = this.#last;
    const length = end - start;
    const common = Math.min(this.#length, length);
    let depth = 0;
    while (depth < common && last[depth] === keys[start + depth]) depth++;
    for (let i = depth; i < length; i++) last[i] = keys[start + i];
    this.#length = length;
    return depth;
  }
}

/** Restores what was shortened. One for each stream or file. */
export class PathLengthener {
  #last: Path = Path.root;

  /**
   * The whole path, without the stream's prefix.
   * @param tail The `path` that was received
   * @param depth The `depth` beside it; undefined if there was none, then `tail` is whole and is not remembered
   * @throws {ProtocolError} If there is no path of that depth before
   */
  path(tail: Path, depth: number | undefined): Path {
    if (depth === undefined) return tail;
    if (!Number.isInteger(depth) || depth < 0 || depth > this.#last.length) {
      throw new ProtocolError(`A path has depth ${depth} after one of length ${this.#last.length}`, 0);
    }
    this.#last = depth === 0 ? tail : this.#last.slice(0, depth).concat(tail);
    return this.#last;
  }
}
