import { HaveParts } from "../../../server/replicate/have_parts.ts";
import { partRanges } from "../../../server/replicate/announcer.ts";
import { RangeSet } from "../../../server/core/range_set.ts";
import { areEqual, haveOf } from "../../../server/replicate/ticks.ts";
import type { SyncHave } from "../../../wire/message/sync.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";
import { makeStore, Network } from "./network.ts";

function part(nr: number, index: number, parts: number, have: Record<string, [number, number][]>, more = {}): SyncHave {
  return {
    t: "have",
    node: "a",
    id: "process a",
    writer: "a",
    lives: new Map([[`w${index}`, `life ${index}`]]),
    have: new Map(Object.entries(have)),
    disk: new Map(),
    members: [],
    forgotten: [],
    at: [],
    digest: "",
    isReady: false,
    isQuiet: false,
    isWanted: false,
    back: 0,
    isMemoryOnly: false,
    lost: new Map(),
    isSilent: false,
    was: [],
    nr,
    part: index,
    parts,
    ...more,
  };
}

Deno.test("HaveParts puts together what came in any order, and twice; an older number counts no more", () => {
  const all = new HaveParts();
  const whole = part(0, 0, 1, { a: [[1, 2]] });
  assertEquals(all.add(whole), whole);
  assertEquals(all.add(part(1, 1, 3, { b: [[5, 6]] })), undefined);
  assertEquals(all.add(part(1, 2, 3, { b: [[8, 9]], c: [[1, 1]] })), undefined);
  assertEquals(all.add(part(1, 1, 3, { b: [[5, 6]] })), undefined);
  const joined = all.add(part(1, 0, 3, { a: [[1, 9]], b: [[1, 2]] }, { isReady: true, digest: "x" }))!;
  assertEquals([...joined.have], [["a", [[1, 9]]], ["b", [[1, 2], [5, 6], [8, 9]]], ["c", [[1, 1]]]]);
  assertEquals([joined.isReady, joined.digest, joined.parts, [...joined.lives.keys()]], [true, "x", 1, [
    "w0",
    "w1",
    "w2",
  ]]);
  assertEquals(all.add(part(3, 0, 2, { a: [[1, 1]] })), undefined);
  assertEquals(all.add(part(2, 1, 2, { a: [[1, 1]] })), undefined, "late");
  assertTrue(all.add(part(3, 1, 2, { a: [[3, 3]] })) !== undefined);
  assertEquals(all.add(part(4, 5, 2, {})), undefined, "no such part");
  assertEquals(all.add(part(4, 0, 1e6, {})), undefined);
});

Deno.test("servers with many writers, or gaps, say what they have in messages of limited size", () => {
  const network = new Network();
  const store = makeStore("a", "life of a");
  for (let i = 0; i < partRanges + 500; i++) store.restoreHave(store.writer(`w${i}`), RangeSet.range(1, 1));
  const gaps = new RangeSet();
  for (let i = 0; i < partRanges; i++) gaps.add(2 * i + 1);
  store.restoreHave(store.writer("gaps"), gaps);
  store.finishRestore();
  const a = network.add("a", { store });
  const b = network.add("b");
  network.run(20_000);
  const known = b.replicator.peers.get("a")!;
  assertTrue(areEqual(known.have, haveOf(a.store)));
  assertTrue(known.isReady && known.digest !== "");
  const said = network.sent.filter(({ from, message }) => from === "a" && message?.t === "have");
  assertTrue(said.length >= 3 && Math.max(...said.map(({ bytes }) => bytes)) < 64 * 1024);
});
