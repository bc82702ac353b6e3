import { encode } from "../../../wire/mod.ts";
import { Store } from "../../../server/core/store.ts";
import { walk, type WalkOptions } from "../../../server/core/walk.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";
import { at, dice, keys, put, remove } from "./world.ts";

function tree(): Store {
  const store = new Store({ node: "me" });
  for (const path of ["b.y", "b.x", "a", ":n.auth", "b", ":", "c.d.e.f", "a:1"]) put(store, path, path);
  remove(store, "a");
  return store;
}

function seen(store: Store, path: string, options: WalkOptions = {}): string[] {
  const steps = walk(at(store, path)!, options);
  const lines: string[] = [];
  for (const entry of steps) lines.push(`${entry.path()} ${steps.depth}`);
  return lines;
}

Deno.test("walk() goes parents first, children in the order of their creation, entries with a value only", () => {
  assertEquals(seen(tree(), ":"), [": 0", "b 1", "b.y 2", "b.x 2", "a:1 2", "c.d.e.f 4"]);
  assertEquals(seen(tree(), "b"), ["b 0", "b.y 1", "b.x 1"]);
});

Deno.test("walk() keeps to its levels, and shows empty and internal entries when told", () => {
  assertEquals(seen(tree(), ":", { minDepth: 1, maxDepth: 1 }), ["b 1"]);
  assertEquals(seen(tree(), ":", { maxDepth: 0 }), [": 0"]);
  assertEquals(seen(tree(), "c", { empty: true }), ["c 0", "c.d 1", "c.d.e 2", "c.d.e.f 3"]);
  assertEquals(seen(tree(), ":", { empty: true, maxDepth: 1 }), [": 0", "b 1", "a 1", "c 1"]);
  assertEquals(seen(tree(), ":", { meta: true, minDepth: 2, maxDepth: 2 }), ["b.y 2", "b.x 2", "a:1 2", ":n.auth 2"]);
  assertEquals(seen(tree(), ":n"), [":n.auth 1"], "asked for by name");
  assertEquals(seen(tree(), ":", { enter: (entry) => entry.key !== "b" }), [": 0", "b 1", "a:1 2", "c.d.e.f 4"]);
});

Deno.test("walk().step() returns after each entry, wanted or not", () => {
  const steps = walk(at(tree(), "c")!);
  const wanted: boolean[] = [];
  while (steps.step() !== undefined) wanted.push(steps.isWanted);
  assertEquals(wanted, [false, false, false, true]);
});

Deno.test("A walk that rests sees what stays exactly once, while the tree changes", () => {
  for (let seed = 0; seed < 200; seed++) {
    const roll = dice(seed);
    const store = new Store({ node: "me" });
    const stay = new Set<string>();
    for (let i = 0; i < 60; i++) {
      const path = `a${roll(4)}.b${roll(8)}:${i}`;
      put(store, path, i);
      if (roll(2) === 0) stay.add(path);
    }
    store.commit();
    const steps = walk(store.root);
    const found: string[] = [];
    for (let entry = steps.next(); entry !== undefined; entry = steps.next()) {
      found.push(String(entry.path()));
      if (roll(2) === 0) put(store, `a${roll(6)}.b${roll(8)}:${100 + roll(50)}`, 1);
      for (let i = roll(3); i > 0; i--) gone(store, roll, stay);
    }
    assertEquals(new Set(found).size, found.length, "none twice");
    for (const path of stay) assertTrue(found.includes(path), `${path}, seed ${seed}`);
  }
});

/** Deletes and purges some entry that need not stay. */
function gone(store: Store, roll: (n: number) => number, stay: Set<string>): void {
  const all = [...walk(store.root)].map((entry) => String(entry.path())).filter((path) => !stay.has(path));
  if (all.length === 0) return;
  const path = all[roll(all.length)];
  const { writer, tick } = remove(store, path);
  store.purge(writer, tick);
  store.commit();
}

Deno.test("A walk over a very wide and a very deep tree needs no recursion", () => {
  const store = new Store({ node: "me" });
  const deep = Array.from({ length: 256 }, (_, i) => i);
  store.write(store.ensure(deep, 256), encode(1), 0, 1);
  for (let i = 0; i < 20_000; i++) store.write(store.ensure([...keys("wide"), i], 2), encode(1), 0, 1);
  let count = 0;
  for (const _ of walk(store.root)) count++;
  assertEquals(count, 20_001);
});
