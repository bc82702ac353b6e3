/**
 * Written runs: which event stays. Events of writers that forgot, and of originals, are handed to stores as they would come
 * in, in every order.
 *
 * @module
 */

import type { IncomingChain } from "../../server/core/chain.ts";
import type { Incoming } from "../../server/core/incoming.ts";
import { Store } from "../../server/core/store.ts";
import { encode } from "../../wire/msgpack/encoder.ts";
import type { Script, ScriptBody } from "./script.ts";

/** An event at `p`: `C1 B1` is C's first on top of B's first. `-` behind it: a deletion. */
function event(links: string, tock: number, isDeletion: boolean = false): Incoming {
  const chain = links.split(" ").reduceRight<IncomingChain | null>((prev, link) => {
    return { node: link[0], tick: Number(link.slice(1)), prev };
  }, null)!;
  const bytes = isDeletion ? null : encode(links);
  return { keys: ["p"], length: 1, chain, tock, bytes, start: 0, end: bytes?.length ?? 0 };
}

function* permutations<T>(items: readonly T[]): Iterable<T[]> {
  if (items.length === 0) yield [];
  for (const [i, item] of items.entries()) {
    for (const rest of permutations(items.filter((_, at) => at !== i))) yield [item, ...rest];
  }
}

/** Whatever order the events come in, this head is shown, and so many conflicts are noticed at most. */
function always(script: Script, events: readonly Incoming[], head: string): void {
  for (const order of permutations(events)) {
    const store = new Store({ node: "Z" });
    for (const each of order) {
      store.merge(each);
      store.commit();
    }
    const entry = store.find(["p"], 1)!;
    const shown = `${entry.writer!.name}${entry.tick}`;
    const names = order.map(({ chain }) => chain.node + chain.tick).join(", ");
    script.expect(shown === head, `${head} stays after ${names}; there is ${shown}`);
  }
}

const merges: { readonly [name: string]: (script: Script) => void } = {
  "three-way cycle C2 > C1 > B1": (script) => {
    always(script, [event("B1", 1), event("C1 B1", 2), event("C2", 1)], "C1");
  },
  "an original's tock race": (script) => {
    always(script, [event("X5", 23), event("Y9 X5", 23)], "Y9");
  },
  "tie between two nodes, one an original": (script) => {
    always(script, [event("P7", 30), event("A3", 30)], "A3");
    always(script, [event("P7", 30), event("P6", 30), event("Q2", 30)], "P7");
  },
  "delete against concurrent set, one an original": (script) => {
    always(script, [event("P4", 20), event("Q9 P4", 30, true), event("A5 P4", 25)], "Q9");
  },
};

/** See the module. */
export const mergeScripts: { readonly [name: string]: ScriptBody } = Object.fromEntries(
  Object.entries(merges).map(([name, body]) => [name, (script: Script) => Promise.resolve(body(script))]),
);
