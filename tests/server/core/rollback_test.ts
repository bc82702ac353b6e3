import { encode } from "../../../wire/mod.ts";
import { Store } from "../../../server/core/store.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";
import { act } from "./acts.ts";
import { at, checkDerived, dice, dump, put, remove } from "./world.ts";

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
