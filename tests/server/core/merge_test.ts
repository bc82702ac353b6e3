import { Float, Raw } from "../../../wire/mod.ts";
import { chainLinksStored, counterMax, tockAheadMax } from "../../../wire/limits.ts";
import type { IncomingChain } from "../../../server/core/chain.ts";
import type { Alarm, Conflict } from "../../../server/core/effect.ts";
import { RangeSet } from "../../../server/core/range_set.ts";
import { Store } from "../../../server/core/store.ts";
import { assertEquals, assertIncludes, assertTrue } from "../../support/assert.ts";
import { at, chainOf, checkDerived, dump, event, put, remove, treeOf, valueAt } from "./world.ts";

function store(): Store {
  return new Store({ node: "me" });
}

/** Merges two events into one entry, in this order; tells the second one's outcome and who stays. */
function merge2(current: string, tockC: number, incoming: string, tockE: number): string {
  const node = store();
  node.merge(event("p", current, tockC, "current"));
  const { outcome, conflict } = node.merge(event("p", incoming, tockE, "incoming"));
  checkDerived(node);
  assertEquals(valueAt(node, "p"), outcome === "applied" ? "incoming" : "current");
  return outcome + (conflict ? " conflict" : "");
}

/**
 * The original's truth table, with both orders of tock. Its `apply` and `ignore` hold whenever tocks follow causes; where it
 * trusts a link that is *newer* than the head, the rank decides here.
 */
const truthTable: [current: string, incoming: string, ifLater: string, ifEarlier: string][] = [
  ["A1", "A2", "applied", "stale conflict"],
  ["A2", "A1", "applied conflict", "stale"],
  ["A1", "B1 A1", "applied", "applied"],
  ["A1", "B1 A2", "applied", "stale conflict"],
  ["A2", "B1 A1", "applied conflict", "stale conflict"],
  ["B1 A1", "A2", "applied conflict", "stale conflict"],
  ["B1 A2", "A2", "had", "had"],
  ["B1 A1", "A2 B1", "applied", "applied"],
  ["B2 A1", "A2 B1", "applied conflict", "stale conflict"],
  ["B1 A1", "C1 A1", "applied conflict", "stale conflict"],
];

for (const [current, incoming, ifLater, ifEarlier] of truthTable) {
  Deno.test(`merge(): ${incoming} comes to ${current}`, () => {
    assertEquals(merge2(current, 10, incoming, 20), ifLater);
    assertEquals(merge2(current, 20, incoming, 10), ifEarlier);
  });
}

Deno.test("merge() on equal tocks keeps the lower name, then the higher tick", () => {
  assertEquals(merge2("B1", 7, "A1", 7), "applied conflict");
  assertEquals(merge2("A1", 7, "B1", 7), "stale conflict");
  assertEquals(merge2("A1", 7, "A2", 7), "applied");
  assertEquals(merge2("A2", 7, "A1", 7), "stale");
});

Deno.test("merge() lets an exact link beat a tock that was stamped late", () => {
  assertEquals(merge2("Y9 X5", 23, "X5", 23), "had", "Y, who knew X5, came first");
  const node = store();
  node.merge(event("p", "X5", 23, "older"));
  assertEquals(node.merge(event("p", "Y9 X5", 23, "newer")).outcome, "applied");
});

Deno.test("merge() applies anything to an entry that was never written, whatever tock it has from its parent", () => {
  const node = store();
  node.merge(event("p", "A1", 50, "parent"));
  assertEquals(node.merge(event("p.q", "B1", 3, "child")).outcome, "applied");
  assertEquals(valueAt(node, "p.q"), "child");
});

Deno.test("merge() treats deletions as versions, in both roles", () => {
  const node = store();
  node.merge(event("p", "A1", 10));
  assertEquals(node.merge(event("p", "B1", 9, "old")).outcome, "stale");
  assertEquals(at(node, "p")?.isTombstone, true);
  assertEquals(node.merge(event("p", "B2 A1", 12, "new")).outcome, "applied");
  assertEquals(node.merge(event("p", "C1", 11)).outcome, "stale");
  assertEquals(valueAt(node, "p"), "new");
  assertEquals(node.merge(event("p", "C2", 13)).outcome, "applied");
  assertEquals(valueAt(node, "p"), undefined);
  checkDerived(node);
});

Deno.test("merge() drops an event that is had before it looks at its path", () => {
  const node = store();
  node.merge(event("p", "A1", 10, 1));
  node.merge(event("p", "A2", 11, 2));
  node.writer("A").lifeId = "ours";
  const before = node.entryCount;
  assertEquals(node.merge(event("elsewhere", "A1", 99, "late")).outcome, "had");
  assertEquals([node.entryCount, at(node, "elsewhere")], [before, undefined]);
});

Deno.test("merge() raises the clock, and marks what an event skips as missing", () => {
  const node = store();
  node.merge(event("p", "A5 B3", 77, 1));
  assertEquals(node.clock, 77);
  const [a, b] = [node.writer("A"), node.writer("B")];
  assertEquals([a.missing().toWire(), b.missing().toWire()], [[[1, 5]], [[1, 3]]]);
  assertEquals([a.present().toWire(), b.present().toWire()], [[5], [3]]);
});

Deno.test("merge() supersedes the links of the loser that the winner does not have", () => {
  const node = store();
  node.merge(event("p", "B2 A1", 10, 1));
  node.merge(event("p", "C4 A3", 9, 2));
  assertEquals(
    [...node.writers.values()].map((each) => [each.name, each.present().toWire(), each.superseded().toWire()]),
    [
      ["me", [], []],
      ["B", [2], []],
      ["A", [1], [3]],
      ["C", [], [4]],
    ],
  );
  node.merge(event("p", "D1 B2", 20, 3));
  assertEquals(node.writer("A").superseded().toWire(), [1, 3]);
  checkDerived(node);
});

Deno.test("merge() of the entry's own event keeps the longer chain and the higher tock, and says so once", () => {
  const node = store();
  node.merge(event("p", "B7", 10, 1));
  const longer = node.merge(event("p", "B7 A3", 10, 1));
  assertEquals([longer.outcome, longer.change?.isRefresh, chainOf(at(node, "p"))], ["refreshed", true, "B7 A3"]);
  assertEquals(node.merge(event("p", "B7", 10, 1)).outcome, "same");
  assertEquals(node.merge(event("p", "B7", 12, 1)).outcome, "refreshed");
  assertEquals([at(node, "p")?.tock, chainOf(at(node, "p"))], [12, "B7 A3"]);
  assertEquals(node.merge(event("p", "B7", 11, 1)).outcome, "same");
  checkDerived(node);
});

Deno.test("merge() of one event with two contents keeps the higher tock, the longer, the greater, and raises an alarm", () => {
  const node = store();
  const merge = (tock: number, value: string | undefined) => {
    node.merge(event("p", "B7", tock, value));
    const alarms = node.effects.filter((effect): effect is Alarm => effect.kind === "alarm");
    node.commit();
    return [valueAt(node, "p"), ...alarms.map((alarm) => alarm.reason)];
  };
  assertEquals(merge(5, "bb"), ["bb"]);
  assertEquals(merge(5, "aa"), ["bb", "twice"]);
  assertEquals(merge(5, "cc"), ["cc", "twice"]);
  assertEquals(merge(5, "aaa"), ["aaa", "twice"]);
  assertEquals(merge(6, "a"), ["a", "twice"]);
  assertEquals(merge(5, "zzzz"), ["a", "twice"]);
  assertEquals(merge(6, undefined), ["a", "twice"]);
  assertEquals(merge(7, undefined), [undefined, "twice"]);
  checkDerived(node);
});

Deno.test("merge() prefers a float's 64 bits to another copy's 32, without an alarm", () => {
  const narrow = new Raw(Uint8Array.of(0x91, 0xca, 0x3d, 0xcc, 0xcc, 0xcd)) as unknown as string;
  for (const order of [[[0.1], narrow], [narrow, [0.1]]]) {
    const node = store();
    for (const value of order) node.merge(event("p", "B7", 5, value));
    assertEquals(valueAt(node, "p"), [0.1]);
    assertEquals(node.effects.filter((effect) => effect.kind === "alarm"), []);
  }
});

Deno.test("merge() sees that a writer was reset: a used tick with a tock above its newest", () => {
  const node = store();
  node.merge(event("p", "A1", 10, 1));
  node.merge(event("q", "A2", 11, 2));
  assertEquals(node.merge(event("r", "A1", 30, "after")).outcome, "applied");
  assertEquals(node.effects.filter((effect) => effect.kind === "alarm").map((each) => each.reason), ["reset"]);
  assertEquals([valueAt(node, "p"), valueAt(node, "r")], [1, "after"], "one tick, two entries");
  assertEquals(node.writer("A").entries(1).length, 2);
  assertEquals(node.merge(event("s", "A1", 9, "late copy")).outcome, "had");
  node.delete(at(node, "p")!);
  assertEquals(
    node.writer("A").entries(1).map((entry) => String(entry.path())),
    ["r", "p"],
    "as second link of p, too",
  );
  checkDerived(node);
});

Deno.test("merge() refuses what is malformed, says why, and changes nothing", () => {
  const node = store();
  put(node, "a", 1);
  node.commit();
  const before = dump(node);
  const long = (links: number): IncomingChain => ({
    node: `n${links}`,
    tick: 1,
    prev: links > 1 ? long(links - 1) : null,
  });
  const refused: [string, Parameters<typeof event>[0], string | IncomingChain, number][] = [
    ["tock", "p", "A1", 0],
    ["tock", "p", "A1", 1.5],
    ["tock", "p", "A1", counterMax],
    ["too far ahead", "p", "A1", node.clock + tockAheadMax + 1],
    ["tick", "p", { node: "A", tick: 0 }, 5],
    ["tick", "p", { node: "A", tick: NaN }, 5],
    ["tick", "p", { node: "A", tick: 2, prev: { node: "B", tick: counterMax } }, 5],
    ["twice", "p", "A2 B1 A1", 5],
    ["64 links", "p", long(65), 5],
    ["Null path element", "a:n", "A1", 5],
  ];
  for (const [reason, path, links, tock] of refused) {
    const result = node.merge(event(path, links, tock, 1));
    assertEquals(result.outcome, "refused");
    assertIncludes(result.reason!, reason);
    assertEquals(dump(node), before);
  }
  assertEquals(node.merge(event(":n.x", "A1", node.clock + tockAheadMax, 1)).outcome, "applied");
  assertEquals(node.merge(event("p", long(64), 5, 1)).outcome, "applied");
});

Deno.test("merge() stores up to 32 links and counts all as had", () => {
  const node = store();
  const long = (links: number): IncomingChain => ({
    node: `n${links}`,
    tick: 1,
    prev: links > 1 ? long(links - 1) : null,
  });
  node.merge(event("p", long(50), 5, 1));
  assertEquals(chainOf(at(node, "p")).split(" ").length, chainLinksStored);
  assertEquals(node.writer("n1").have.toWire(), [1]);
  const told = node.effects.filter((effect) => effect.kind === "superseded").map((effect) => effect.writer.name);
  assertEquals(told.length, 50 - chainLinksStored);
  put(node, "p", 2);
  assertEquals(chainOf(at(node, "p")).split(" ").length, chainLinksStored);
  checkDerived(node);
});

Deno.test("merge() takes what a batch left out as superseded by the event that replaced it", () => {
  const node = store();
  node.merge({ ...event("p", "A4 B1", 9, 1), replaces: [2, 3] });
  assertEquals(node.writer("A").have.toWire(), [[2, 5]]);
  assertEquals(node.merge({ ...event("p", "A6", 12, 1), replaces: [7] }).outcome, "refused");
});

Deno.test("merge() reports a conflict with everything of the loser, whoever loses", () => {
  const conflicts = (node: Store) => node.effects.filter((each): each is Conflict => each.kind === "conflict");
  for (const order of [["A1", "B1"], ["B1", "A1"]]) {
    const node = store();
    for (const head of order) node.merge(event("p.q", head, head === "A1" ? 5 : 9, `by ${head}`));
    const [conflict, ...others] = conflicts(node);
    assertEquals(others, []);
    assertEquals([conflict.path, conflict.writer.name, conflict.tick, conflict.tock], [["p", "q"], "A", 1, 5]);
    assertEquals(new TextDecoder().decode(conflict.value!.subarray(1)), "by A1");
    assertEquals(node.conflicts.size, 1);
  }
  const node = store();
  node.merge(event("p", "A1", 5));
  node.merge(event("p", "B1", 9, 1));
  assertEquals(conflicts(node)[0].value, null, "a deletion can lose, too");
});

Deno.test("merge() sees no conflict where both sides say the same", () => {
  const pairs: [unknown, unknown, boolean][] = [
    [{ a: 1, b: [2] }, { b: [2], a: 1 }, false],
    [1, new Float(1), true],
    [undefined, undefined, false],
    [undefined, null, true],
    ["x", "x", false],
  ];
  for (const [mine, theirs, isConflict] of pairs) {
    const node = store();
    node.merge(event("p", "A1", 5, mine as string));
    assertEquals(node.merge(event("p", "B1", 6, theirs as string)).conflict, isConflict);
  }
});

Deno.test("merge() sees no conflict in conflict records, and none with a writer that knew", () => {
  for (const path of [":.moat.kv.conflict.A:7", ":n.conflict.A:7", ":.moat.kv.conflict"]) {
    const node = store();
    node.merge(event(path, "A1", 5, 1));
    assertEquals(node.merge(event(path, "B1", 6, 2)).conflict, false);
  }
  const node = store();
  node.merge(event(":.moat.kv.other", "A1", 5, 1));
  assertEquals(node.merge(event(":.moat.kv.other", "B1", 6, 2)).conflict, true);
  node.merge(event("q", "A2", 5, 1));
  assertEquals(node.merge(event("q", "B2 A9", 6, 2)).conflict, false, "a higher tick of the loser's writer");
});

Deno.test("merge() of an event under the node's own name that it did not make says that the name is taken", () => {
  const node = store();
  put(node, "a", 1);
  node.commit();
  assertEquals(node.merge(event("a", "me1", 1, 1)).outcome, "same", "the echo of the own event");
  assertEquals(node.effects, []);
  node.merge(event("p", "me5", 9, 1));
  assertTrue(node.effects.some((effect) => effect.kind === "alarm" && effect.reason === "name_taken"));
  assertEquals(put(node, "p", 2).tick, 6, "and never uses those ticks");
});

Deno.test("A late event brings back a tick that was given up", () => {
  const node = store();
  node.hear("A", 3);
  node.giveUp("A", RangeSet.range(1, 9));
  assertEquals(node.writer("A").givenUp.toWire(), [[1, 4]], "only what is missing");
  node.merge(event("p", "A2", 5, 1));
  assertEquals([node.writer("A").givenUp.toWire(), node.writer("A").missing().toWire()], [[1, 3], []]);
  checkDerived(node);
});

Deno.test("An own write stands above what it replaces, and its chain drops the own former link", () => {
  const node = store();
  put(node, "p", 1);
  node.merge(event("p", "B4 me1", 500, 2));
  const change = put(node, "p", 3);
  assertEquals([change.tick, change.tock, chainOf(at(node, "p"))], [2, 501, "me2 B4"]);
  assertEquals(node.local.superseded().toWire(), [1]);
  put(node, "p", 4);
  assertEquals(chainOf(at(node, "p")), "me3 B4");
  remove(node, "p");
  put(node, "p", 5);
  assertEquals(treeOf(node), ["p = 05 me5 B4 @504"]);
  checkDerived(node);
});
