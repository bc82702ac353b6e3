/**
 * The original's rules of merging, small and separate from ours (spec/server-protocol.md 2.3, 2.4): a tombstone takes anything,
 * the last one wins ties, a higher tick of a writer in a chain decides.
 *
 * @module
 */

import { RangeSet } from "../../server/core/range_set.ts";
import { encode } from "../../wire/msgpack/encoder.ts";
import type { Path } from "../../wire/path/path.ts";
import type { Value } from "../../wire/value.ts";

/** A link of a chain. */
export interface RuleLink {
  readonly node: string;
  readonly tick: number;
}

/** What is at a path. */
export interface RuleEntry {
  readonly path: Path;
  /** Undefined: a tombstone. */
  value: Value | undefined;
  chain: readonly RuleLink[];
  tock: number;
}

/** What is known of one writer. */
export interface RuleNode {
  tick: number | null;
  readonly present: RangeSet;
  readonly superseded: RangeSet;
  readonly deleted: RangeSet;
  readonly wanted: RangeSet;
  readonly seenMissing: RangeSet;
  readonly entries: Map<number, RuleEntry>;
}

/** See the module. */
export class OriginalTree {
  readonly entries: Map<string, RuleEntry> = new Map();
  readonly nodes: Map<string, RuleNode> = new Map();

  node(name: string): RuleNode {
    let node = this.nodes.get(name);
    if (node === undefined) {
      const [present, superseded, deleted, wanted, seenMissing] = Array.from({ length: 5 }, () => new RangeSet());
      node = { tick: null, present, superseded, deleted, wanted, seenMissing, entries: new Map() };
      this.nodes.set(name, node);
    }
    return node;
  }
  missing(node: RuleNode): RangeSet {
    return RangeSet.range(1, node.tick ?? 0).difference(node.present).difference(node.superseded);
  }
  apply(path: Path, chain: readonly RuleLink[], value: Value | undefined, tock: number): void {
    for (const { node, tick } of chain) {
      const known = this.node(node);
      known.tick = Math.max(known.tick ?? 0, tick);
      known.wanted.remove(tick);
    }
    if (value === undefined) this.node(chain[0].node).deleted.add(chain[0].tick);
    const entry = this.entries.get(keyOf(path)) ?? { path, value: undefined, chain: [], tock: 0 };
    this.entries.set(keyOf(path), entry);
    const current = entry.chain;
    if (current.length > 0 && isSame(current[0], chain[0]) || isBefore(chain, current)) return;
    if (entry.value !== undefined && !isBefore(current, chain) && tock < entry.tock) {
      return this.#supersede(chain, current);
    }
    this.#supersede(current, chain);
    Object.assign(entry, { value, tock, chain });
    for (const { node, tick } of chain) {
      const known = this.node(node);
      known.present.add(tick);
      known.superseded.remove(tick);
      known.entries.set(tick, entry);
      if (value === undefined) known.deleted.add(tick);
    }
  }
  #supersede(losing: readonly RuleLink[], winning: readonly RuleLink[]): void {
    for (const link of losing) {
      if (winning.some((other) => isSame(other, link))) continue;
      const known = this.node(link.node);
      known.present.remove(link.tick);
      known.superseded.add(link.tick);
      known.entries.delete(link.tick);
    }
  }
  /** What its delete actor does once the group agrees: whatever entry has this tick goes, whatever it holds. */
  purge(name: string, tick: number): void {
    const node = this.node(name);
    const entry = node.entries.get(tick);
    for (const set of [node.present, node.deleted, node.wanted]) set.remove(tick);
    node.superseded.add(tick);
    node.entries.delete(tick);
    if (entry === undefined) return;
    this.entries.delete(keyOf(entry.path));
    for (const link of entry.chain) if (!isSame(link, { node: name, tick })) this.purge(link.node, link.tick);
  }
  /** `info.known`: believed at once. */
  forget(name: string, ranges: RangeSet): void {
    const node = this.node(name);
    const gone = ranges.difference(node.present);
    node.superseded.addAll(gone);
    node.wanted.removeAll(gone);
  }
  /** `info.deleted`: whatever entry has one of these ticks goes. */
  drop(name: string, ranges: RangeSet): void {
    const node = this.node(name);
    const fresh = ranges.difference(node.deleted);
    node.deleted.addAll(ranges);
    for (const tick of fresh) if (node.entries.has(tick)) this.purge(name, tick);
    this.forget(name, ranges);
  }
}

/** A path as a key. */
export function keyOf(path: Path): string {
  return encode(path).toHex();
}

function isSame(a: RuleLink, b: RuleLink): boolean {
  return a.node === b.node && a.tick === b.tick;
}

/** Whether the event at the head of `a` was known to the author of `b`, as the original thinks. */
function isBefore(a: readonly RuleLink[], b: readonly RuleLink[]): boolean {
  if (a.length === 0 || b.length === 0 || isSame(a[0], b[0])) return false;
  const link = b.find(({ node }) => node === a[0].node);
  return link !== undefined && link.tick >= a[0].tick;
}

/** The links behind the head (or the whole chain, if its head is given) as nested maps. */
export function linksOut(chain: readonly RuleLink[], max: number, head?: RuleLink): { [key: string]: Value } {
  let prev: Value | undefined = chain.length > max ? undefined : null;
  for (let i = Math.min(chain.length, max) - 1; i >= 1; i--) {
    const link: { [key: string]: Value } = { ...chain[i] };
    prev = prev === undefined ? link : { ...link, prev };
  }
  const rest: { [key: string]: Value } = prev === undefined ? {} : { prev };
  return head === undefined ? rest : { ...head, ...rest };
}

/** The sets of ticks of a message. */
export function sets(map: { [name: string]: Value } | undefined): [string, RangeSet][] {
  return Object.entries(map ?? {}).map(([name, ranges]) => [name, RangeSet.fromWire(ranges)]);
}
