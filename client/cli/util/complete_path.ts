/**
 * The entry paths that begin with what somebody has typed, asked of a running server.
 *
 * @module
 */

import { parsePath } from "../../../wire/path/parse.ts";
import type { Path, PathElement } from "../../../wire/path/path.ts";

/** Names of the entries directly below a path. */
export type ChildLister = (path: Path) => Promise<readonly PathElement[]>;

/** More are not offered: nobody reads them. */
const candidatesMax = 500;

/**
 * Where a text can be cut into a parent's path and the beginning of a child's name: `a.b:1` is `1` below `a.b`, `b:1`
 * below `a`, and the whole below the root. Which of them are real, the children's printed paths tell.
 */
export function parentsOf(typed: string): Path[] {
  const parents: Path[] = [parsePath(":")];
  for (let at = 1; at <= typed.length; at++) {
    if (typed[at] !== "." && typed[at] !== ":") continue;
    try {
      parents.push(parsePath(typed.slice(0, at)));
    } catch { /* not between two elements */ }
  }
  return parents;
}

/** The paths of all entries that begin with `typed` and are one element longer than what it already says. */
export async function pathsBeginningWith(typed: string, list: ChildLister): Promise<string[]> {
  const found = new Set<string>();
  if (typed === "" || typed === ":") found.add(":");
  await Promise.all(
    parentsOf(typed).map(async (parent) => {
      for (const name of await list(parent).catch(() => [])) {
        const text = parent.child(name).toString();
        if (text.startsWith(typed) && found.size < candidatesMax) found.add(text);
      }
    }),
  );
  return [...found].sort();
}
