import fc from "fast-check";
import { Children } from "../../../server/core/children.ts";
import { Entry } from "../../../server/core/entry.ts";
import { hashKey } from "../../../server/core/key_hash.ts";
import { type ElementKey, keyOf } from "../../../wire/path/keys.ts";
import { P } from "../../../wire/path/template.ts";
import { assertEquals, assertSame, assertTrue } from "../../support/assert.ts";
import { dice } from "./world.ts";

const parent = new Entry(null, "", 0);

function add(children: Children, key: ElementKey): Entry {
  const entry = new Entry(parent, key, hashKey(key));
  children.add(entry);
  return entry;
}

function drop(children: Children, entry: Entry): void {
  entry.parent = null;
  children.delete(entry);
}

function get(children: Children, key: ElementKey): Entry | undefined {
  return children.get(key, hashKey(key));
}

/** Applies the same steps to children and to a Map. */
function compare(steps: Iterable<readonly [boolean, ElementKey]>, probe: readonly ElementKey[]): void {
  const children = new Children();
  const oracle = new Map<ElementKey, Entry>();
  for (const [isAdd, key] of steps) {
    const known = oracle.get(key);
    assertSame(get(children, key), known);
    if (isAdd && known === undefined) {
      oracle.set(key, add(children, key));
    } else if (!isAdd && known !== undefined) {
      drop(children, known);
      oracle.delete(key);
    }
  }
  assertEquals(children.size, oracle.size);
  const seen = [...children];
  assertEquals(seen.length, oracle.size);
  [...oracle.values()].forEach((entry, i) => assertSame(seen[i], entry));
  for (const key of probe) assertSame(get(children, key), oracle.get(key));
}

const keyArbitrary: fc.Arbitrary<ElementKey> = fc.oneof(
  fc.string({ maxLength: 3 }),
  fc.integer({ min: -3, max: 20 }),
  fc.double({ noNaN: true }).filter((x) => !Object.is(x, -0)),
  fc.boolean(),
  fc.constant(null),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 54n }),
  fc.uint8Array({ maxLength: 2 }).map(keyOf),
  fc.constantFrom(keyOf(P("1.2")), keyOf(P("a")), keyOf(P(":"))),
);

Deno.test("Children are a Map in insertion order, for every kind of key", () => {
  const steps = fc.array(fc.tuple(fc.boolean(), keyArbitrary), { maxLength: 120 });
  fc.assert(fc.property(steps, (all) => compare(all, all.map(([, key]) => key))), { numRuns: 500 });
});

Deno.test("Children stay a Map through every table they use, up and down again", () => {
  for (const seed of [1, 2, 3]) {
    const roll = dice(seed);
    const steps: [boolean, ElementKey][] = [];
    for (const [count, adds] of [[300, 9], [3000, 6], [3000, 4], [20_000, 9], [40_000, 2]]) {
      for (let i = 0; i < count; i++) steps.push([roll(10) < adds, `k${roll(9000)}`]);
    }
    compare(steps, Array.from({ length: 9000 }, (_, i) => `k${i}`));
  }
});

Deno.test("Children of a middling number are all found after each removal", () => {
  for (let seed = 0; seed < 40; seed++) {
    const roll = dice(seed);
    const children = new Children();
    const alive = Array.from({ length: 20 + roll(220) }, (_, i) => add(children, `k${i}`));
    while (alive.length > 0) {
      const [gone] = alive.splice(roll(alive.length), 1);
      drop(children, gone);
      assertSame(get(children, gone.key), undefined);
      for (const entry of alive) assertSame(get(children, entry.key), entry);
    }
  }
});

Deno.test("Children with equal hashes are told apart, also many of them", () => {
  const children = new Children();
  const entries = Array.from({ length: 6000 }, (_, i) => new Entry(parent, `k${i}`, 12345));
  for (const entry of entries) children.add(entry);
  entries.slice(0, 200).forEach((entry) => assertSame(children.get(entry.key, 12345), entry));
  for (const entry of entries.slice(0, 5000)) drop(children, entry);
  assertSame(children.get("k10", 12345), undefined);
  assertSame(children.get("k5999", 12345), entries[5999]);
});

Deno.test("A cursor sees each child that stays once, whatever comes and goes meanwhile", () => {
  for (let seed = 0; seed < 300; seed++) {
    const roll = dice(seed);
    const children = new Children();
    const alive: Entry[] = [];
    const grow = () => alive.push(add(children, `k${seed}-${counter++}`));
    let counter = 0;
    for (let i = roll(3000); i >= 0; i--) grow();
    const stays = new Set(alive.filter(() => roll(3) === 0));
    const cursor = children.cursor();
    const seen: Entry[] = [];
    for (let entry = cursor.next(); entry !== undefined; entry = cursor.next()) {
      seen.push(entry);
      assertTrue(entry.parent !== null);
      for (let i = roll(4); i > 0 && alive.length > 0; i--) {
        const at = roll(alive.length);
        if (stays.has(alive[at])) continue;
        drop(children, alive[at]);
        alive[at] = alive[alive.length - 1];
        alive.pop();
      }
      if (roll(3) === 0 && seen.length < 5000) grow();
    }
    assertEquals(new Set(seen).size, seen.length, "none twice");
    const found = new Set(seen);
    for (const entry of stays) assertTrue(found.has(entry), "none forgotten");
  }
});

Deno.test("A cursor that began among few children goes on when they have become many", () => {
  for (const seenBefore of [0, 1, 500, 1000]) {
    const children = new Children();
    const all = Array.from({ length: 1000 }, (_, i) => add(children, `k${i}`));
    const cursor = children.cursor();
    const seen = Array.from({ length: seenBefore }, () => cursor.next()!);
    for (let i = 1000; i < 3000; i++) all.push(add(children, `k${i}`));
    for (const gone of all.splice(0, 900)) drop(children, gone); // parts of the order are swept
    for (let entry = cursor.next(); entry !== undefined; entry = cursor.next()) seen.push(entry);
    const expected = [
      ...Array.from({ length: Math.min(seenBefore, 900) }, (_, i) => `k${i}`),
      ...all.map(({ key }) => key),
    ];
    assertEquals(seen.map(({ key }) => key), expected);
  }
});
