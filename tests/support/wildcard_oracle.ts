/**
 * Which pattern fits a path best, by trying everything: what the matcher is compared with.
 *
 * Source: `spec/client-protocol.md` 5.3.
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";

/**
 * All ways in which one pattern covers a path, level by level: 0 a name, 1 `+`, 2 a `#` that begins, 3 a `#` that goes on.
 * Straight from the specification, without a thought for speed.
 */
function* covers(pattern: readonly ElementKey[], path: readonly ElementKey[]): Generator<number[]> {
  if (path.length === 0) {
    if (pattern.length === 0) yield [];
    return;
  }
  if (pattern.length === 0) return;
  const [first, ...rest] = pattern;
  const [key, ...others] = path;
  if (first === key) { for (const way of covers(rest, others)) yield [0, ...way]; }
  if (key !== null && first === "+") { for (const way of covers(rest, others)) yield [1, ...way]; }
  if (first !== "#") return;
  for (let taken = 1; taken <= path.length && path[taken - 1] !== null; taken++) {
    const head = Array.from({ length: taken }, (_, i) => i === 0 ? 2 : 3);
    for (const way of covers(rest, path.slice(taken))) yield [...head, ...way];
  }
}

/** The pattern that wins: of all ways of all patterns, the lexically smallest. */
export function bestPattern(
  patterns: readonly (readonly ElementKey[])[],
  path: readonly ElementKey[],
): readonly ElementKey[] | undefined {
  let best: { way: string; pattern: readonly ElementKey[] } | undefined;
  for (const pattern of patterns) {
    for (const way of covers(pattern, path)) {
      const text = way.join("");
      if (best === undefined || text < best.way) best = { way: text, pattern };
    }
  }
  return best?.pattern;
}
