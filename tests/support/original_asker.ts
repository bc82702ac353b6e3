/** Answers what servers of ours ask originals, out of what follows the original's rules. */

import type { Incoming } from "../../server/core/incoming.ts";
import type { RangeSet } from "../../server/core/range_set.ts";
import type { OriginalAsker, OriginalState } from "../../server/replicate/compat/options.ts";
import { encode } from "../../wire/msgpack/encoder.ts";
import { keysOf } from "../../wire/path/keys.ts";
import type { OriginalRules } from "./original_rules.ts";
import type { RuleNode } from "./original_tree.ts";

/** Asks them at once. @param alive The original of that name, if it lives */
export function askerOf(alive: (name: string) => OriginalRules | undefined): OriginalAsker {
  return {
    state: (node, done) => done(alive(node) && stateOf(alive(node)!)),
    tree: (node, done) => done(alive(node) && treeOf(alive(node)!)),
  };
}

function stateOf({ nodes }: OriginalRules): OriginalState {
  const of = (pick: (node: RuleNode) => RangeSet) =>
    new Map([...nodes].map(([name, node]) => [name, pick(node).clone()]));
  return {
    present: of((node) => node.present),
    known: of((node) => node.superseded),
    deleted: of((node) => node.deleted),
  };
}

function treeOf({ entries }: OriginalRules): Incoming[] {
  const events: Incoming[] = [];
  for (const { path, value, chain, tock } of entries.values()) {
    if (value === undefined || chain.length === 0) continue;
    const bytes = encode(value);
    const keys = keysOf(path);
    const links = chain.reduceRight<Incoming["chain"] | null>((prev, link) => ({ ...link, prev }), null)!;
    events.push({ keys, length: keys.length, chain: links, tock, bytes, start: 0, end: bytes.length });
  }
  return events;
}
