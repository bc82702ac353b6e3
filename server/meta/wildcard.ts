/**
 * Which of the patterns below an entry fits a path: the one matcher for access rules, type matches, conversions, conflict
 * policies and whatever else is chosen by a path.
 *
 * | element of a pattern | stands for |
 * | --- | --- |
 * | `#` | one or more levels; a pattern may have several |
 * | `+` | one level |
 * | anything else | itself |
 *
 * `null` in a path fits nothing but itself. Of several patterns that fit, the first difference decides: a name counts more
 * than `+`, `+` more than `#`, and a `#` that ends earlier more than one that goes on. So for `a.b.c.g` the pattern `a.b.#.g`
 * beats `a.#.c.g`. A path is followed through all patterns at once: what a step costs depends on the wildcards that fit, not
 * on how many patterns there are.
 *
 * Source: `spec/client-protocol.md` 5.3.
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";

/** A place in a tree of patterns. The store's entries are some. */
export interface PatternNode<N> {
  /** Whether a pattern ends here. */
  readonly hasValue: boolean;
  /** The place below. */
  child(key: ElementKey): N | undefined;
}

/** Up to here, places are compared one by one. */
const scanMax = 16;

/** Where a path stands in a tree of patterns: all places that it leads to, the most specific first. */
export class PatternPlaces<N extends PatternNode<N>> {
  readonly #nodes: N[] = [];
  /** Whether the place is a `#` that may take the next level, too. */
  readonly #isOpen: boolean[] = [];
  #seen: [Set<N>, Set<N>] | undefined;
  /** Of each place: what decides below it where no name does. */
  #wild: (N | undefined)[] | undefined;

  /** The start of a path. */
  static at<N extends PatternNode<N>>(start: N): PatternPlaces<N> {
    const places = new PatternPlaces<N>();
    places.#add(start, false);
    return places;
  }

  /** Whether no pattern fits, whatever follows. */
  get isEmpty(): boolean {
    return this.#nodes.length === 0;
  }

  /** The most specific pattern that ends here. */
  best(counts: (node: N) => boolean = hasValue): N | undefined {
    return this.#nodes.find(counts);
  }

  /** All patterns that end here, the most specific first. */
  all(): N[] {
    return [...new Set(this.#nodes.filter(hasValue))];
  }

  /** One level further. */
  step(key: ElementKey): PatternPlaces<N> {
    const next = new PatternPlaces<N>();
    for (let i = 0; i < this.#nodes.length; i++) {
      const node = this.#nodes[i];
      next.#add(node.child(key), false);
      if (key === null) continue;
      next.#add(node.child("+"), false);
      next.#add(node.child("#"), true);
      if (this.#isOpen[i]) next.#add(node, true);
    }
    return next;
  }

  /** What {@linkcode PatternPlaces.best} says one level further. Only as long as the patterns stay as they are. */
  bestBelow(key: ElementKey): N | undefined {
    const wild = this.#wild ??= this.#nodes.map((node, i) => this.#wildBelow(node, i));
    for (let i = 0; i < wild.length; i++) {
      const found = valued(this.#nodes[i].child(key));
      if (found !== undefined) return found;
      if (key !== null && wild[i] !== undefined) return wild[i];
    }
    return undefined;
  }

  #wildBelow(node: N, i: number): N | undefined {
    return valued(node.child("+")) ?? valued(node.child("#")) ?? (this.#isOpen[i] ? valued(node) : undefined);
  }

  /** Adds a place, unless it is there: what follows from the second is what follows from the first. */
  #add(node: N | undefined, isOpen: boolean): void {
    if (node === undefined || this.#has(node, isOpen)) return;
    this.#nodes.push(node);
    this.#isOpen.push(isOpen);
    this.#seen?.[isOpen ? 1 : 0].add(node);
  }

  #has(node: N, isOpen: boolean): boolean {
    const nodes = this.#nodes;
    if (nodes.length > scanMax) return (this.#seen ??= this.#sets())[isOpen ? 1 : 0].has(node);
    for (let i = 0; i < nodes.length; i++) if (nodes[i] === node && this.#isOpen[i] === isOpen) return true;
    return false;
  }

  #sets(): [Set<N>, Set<N>] {
    const which = (isOpen: boolean) => new Set(this.#nodes.filter((_, i) => this.#isOpen[i] === isOpen));
    return [which(false), which(true)];
  }
}

/**
 * The end of the most specific pattern below `start` that fits `keys[from … to)`.
 *
 * @param counts Which ends count; those with a value, if it is left out
 */
export function bestMatch<N extends PatternNode<N>>(
  start: N,
  keys: readonly ElementKey[],
  from: number,
  to: number,
  counts: (node: N) => boolean = hasValue,
): N | undefined {
  let places = PatternPlaces.at(start);
  for (let i = from; i < to && !places.isEmpty; i++) places = places.step(keys[i]);
  return places.best(counts);
}

function hasValue<N extends PatternNode<N>>(node: N): boolean {
  return node.hasValue;
}

function valued<N extends PatternNode<N>>(node: N | undefined): N | undefined {
  return node !== undefined && node.hasValue ? node : undefined;
}
