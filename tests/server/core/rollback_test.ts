import { encode } from "../../../wire/mod.ts";
import { rewriteHeads } from "../../../server/core/identity.ts";
import { RangeSet } from "../../../server/core/range_set.ts";
import { Store } from "../../../server/core/store.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";
import { at, checkDerived, dice, dump, event, haveOf, knownOf, put, remove } from "./world.ts";

const paths = ["a", "a.b", "a.b.c", "d", ":n.x", ":.moat.kv.conflict.X:3"];

/** Does one thing of every kind that a store can do. */
function act(node: Store, peer: Store, roll: (n: number) => number): void {
  const path = paths[roll(paths.length)];
  const value = roll(4) === 0 ? undefined : "v".repeat(1 + roll(40));
  switch (roll(14)) {
    case 0:
    case 1:
      return void put(node, path, value ?? 1);
    case 2:
      return void remove(node, path);
    case 3:
    case 4:
      return void node.merge(event(path, `${"XYZ"[roll(3)]}${1 + roll(12)} W${1 + roll(9)}`, 1 + roll(200), value));
    case 5:
      return void node.merge({ ...event(path, `X${5 + roll(12)}`, 1 + roll(300), value), replaces: [2, 4] });
    case 6:
      return node.hear(`${"XV"[roll(2)]}`, roll(30));
    case 7:
      return node.hearTock(roll(400));
    case 8:
      return node.giveUp("X", RangeSet.range(1 + roll(10), 5 + roll(20)));
    case 9: {
      put(peer, path, value ?? 2);
      remove(peer, path);
      node.claim("peer", knownOf(peer), haveOf(peer));
      return node.settleClaims();
    }
    case 10:
      for (const writer of [...node.writers.values()]) for (const tick of writer.tombstones) node.purge(writer, tick);
      return;
    case 11: {
      const entry = at(node, path);
      return entry && node.retire(entry, roll(2) === 0);
    }
    case 12: {
      const old = node.local;
      node.adoptWriter(`me~${roll(5)}`);
      if (old !== node.local) rewriteHeads(node, old, 3);
      return;
    }
    case 13:
      try {
        return node.dropWriter("XYZWV"[roll(5)]);
      } catch {
        return;
      }
  }
}

Deno.test("rollback() restores everything, whatever happened in the turn", () => {
  for (let seed = 0; seed < 1500; seed++) {
    const roll = dice(seed);
    const node = new Store({ node: "me" });
    const peer = new Store({ node: "peer" });
    for (let turn = 0; turn < 6; turn++) {
      const before = dump(node);
      const count = 1 + roll(8);
      for (let i = 0; i < count; i++) act(node, peer, roll);
      checkDerived(node);
      if (roll(2) === 0) {
        node.rollback();
        assertEquals(dump(node), before, `seed ${seed}, turn ${turn}`);
      } else {
        node.commit();
      }
      checkDerived(node);
    }
  }
});

Deno.test("A turn that was taken back can be done again, and gives the same", () => {
  const run = (isUndone: boolean) => {
    const node = new Store({ node: "me" });
    for (const round of [0, 1]) {
      if (round === 0 && !isUndone) continue;
      put(node, "a.b", "value");
      put(node, "a.b", "another value");
      remove(node, "c");
      if (round === 0) node.rollback();
    }
    node.commit();
    return dump(node);
  };
  assertEquals(run(true), run(false));
});

Deno.test("rollback() leaves an entry that somebody watches meanwhile", () => {
  const node = new Store({ node: "me" });
  const entry = node.ensure(["a", "b"], 2);
  entry.watchers = [{ notify() {} }];
  node.write(entry, encode("text"), 0, 5);
  node.rollback();
  assertEquals([at(node, "a.b") === entry, entry.writer, entry.hasValue], [true, null, false]);
});

Deno.test("Values that a turn replaces stay readable until the commit, and are freed by it", () => {
  const node = new Store({ node: "me" });
  const changes = ["first value", "second value", "third value"].map((value) => put(node, "a", value));
  const texts = changes.map(({ value }) => new TextDecoder().decode(node.values.read(value)).slice(1));
  assertEquals(texts, ["first value", "second value", "third value"]);
  assertTrue(node.values.liveBytes > 30);
  node.commit();
  assertEquals(node.values.liveBytes, 12);
});
