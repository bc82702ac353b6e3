/**
 * A path as an element of a path. It is a tuple and travels as an array, but other programs may have sent a Path (ext 3)
 * there: it is the same element, and goes back as it came.
 *
 * @module
 */

import type { Path } from "../path/path.ts";

const fromExt = new WeakSet<Path>();

/** Notes that `path`, an element of another path, came as an ext. Returns it. */
export function rememberExt(path: Path): Path {
  fromExt.add(path);
  return path;
}

/** Whether `path`, an element of another path, goes out as an ext. */
export function isExt(path: Path): boolean {
  return fromExt.has(path);
}
