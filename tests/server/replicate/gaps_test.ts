/** Whom a server asks for what it misses. */

import { Store } from "../../../server/core/store.ts";
import { RangeSet } from "../../../server/core/range_set.ts";
import { Gaps } from "../../../server/replicate/gaps.ts";
import type { Outbox } from "../../../server/replicate/outbox.ts";
import type { ReplicatorParts } from "../../../server/replicate/parts.ts";
import { Peers } from "../../../server/replicate/peers.ts";
import { assertEquals } from "../../support/assert.ts";

/** Whom a server asks within half a minute that misses what these peers have. */
function asked(peers: readonly string[], isForgotten: (node: string) => boolean): string[] {
  let nowMs = 1000;
  const store = new Store({ node: "me" });
  store.hear("w", 2);
  store.commit();
  const known = new Peers(() => nowMs);
  for (const node of peers) {
    const { peer } = known.heard({ t: "want", node, id: node, to: null, ticks: new Map() });
    peer.have = new Map([["w", RangeSet.range(1, 2)]]);
    peer.isReady = true;
  }
  const to: string[] = [];
  const send = (_t: string, fields: { readonly to?: string }) => to.push(fields.to ?? "anybody") > 0;
  const parts = { store, nowMs: () => nowMs, random: () => 0.5 } as unknown as ReplicatorParts;
  const gaps = new Gaps(parts, known, { send } as unknown as Outbox, isForgotten);
  gaps.notice();
  for (; nowMs < 30_000; nowMs += 50) if (gaps.dueMs <= nowMs) gaps.time();
  return [...new Set(to)].sort();
}

Deno.test("What is missing is asked of all who have it, one after the other", () => {
  assertEquals(asked(["a", "b"], () => false), ["a", "b"]);
});

Deno.test("A forgotten server, whose claims are not believed, is asked only if nobody else has it", () => {
  assertEquals(asked(["a", "b"], (node) => node === "a"), ["b"]);
  assertEquals(asked(["a"], (node) => node === "a"), ["a"]);
});
