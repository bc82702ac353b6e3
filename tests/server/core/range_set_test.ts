import fc from "fast-check";
import { RequestError } from "../../../wire/errors.ts";
import { decode, Encoder } from "../../../wire/mod.ts";
import { RangeSet } from "../../../server/core/range_set.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

type Op = readonly ["add" | "remove", number] | readonly ["addRange" | "removeRange", number, number];

const tick = fc.integer({ min: 1, max: 60 });
const op: fc.Arbitrary<Op> = fc.oneof(
  fc.tuple(fc.constantFrom("add", "remove"), tick) as fc.Arbitrary<Op>,
  fc.tuple(fc.constantFrom("addRange", "removeRange"), tick, tick) as fc.Arbitrary<Op>,
);
const history = fc.array(op, { maxLength: 40 });

function run(ops: readonly Op[]): { set: RangeSet; oracle: Set<number> } {
  const set = new RangeSet();
  const oracle = new Set<number>();
  for (const [what, first, last = first] of ops) {
    if (what === "add") assertEquals(set.add(first), !oracle.has(first));
    else if (what === "remove") assertEquals(set.remove(first), oracle.has(first));
    else set[what](first, last);
    for (let t = first; t <= last; t++) {
      if (what === "add" || what === "addRange") oracle.add(t);
      else oracle.delete(t);
    }
  }
  return { set, oracle };
}

function sorted(ticks: Iterable<number>): number[] {
  return [...ticks].sort((a, b) => a - b);
}

function check(set: RangeSet, oracle: Set<number>): void {
  assertEquals([...set], sorted(oracle));
  assertEquals(set.size, oracle.size);
  assertEquals(set.isEmpty, oracle.size === 0);
  assertEquals(set.max, Math.max(0, ...oracle));
  for (let t = 0; t <= 62; t++) assertEquals(set.has(t), oracle.has(t));
  for (let i = 1; i < set.rangeCount; i++) {
    assertEquals(set.last(i - 1) + 1 < set.first(i), true, "ranges do not touch");
  }
}

Deno.test("RangeSet behaves like a set of numbers", () => {
  fc.assert(
    fc.property(history, (ops) => {
      const { set, oracle } = run(ops);
      check(set, oracle);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("RangeSet.union, difference, intersection, covers, equals agree with sets", () => {
  fc.assert(
    fc.property(history, history, (left, right) => {
      const a = run(left);
      const b = run(right);
      const [x, y] = [a.oracle, b.oracle];
      check(a.set.union(b.set), new Set([...x, ...y]));
      check(a.set.difference(b.set), new Set([...x].filter((t) => !y.has(t))));
      check(a.set.intersection(b.set), new Set([...x].filter((t) => y.has(t))));
      assertEquals(a.set.covers(b.set), [...y].every((t) => x.has(t)));
      assertEquals(a.set.equals(b.set), sorted(x).join() === sorted(y).join());
      const sum = a.set.clone();
      sum.addAll(b.set);
      check(sum, new Set([...x, ...y]));
      const rest = a.set.clone();
      rest.removeAll(b.set);
      check(rest, new Set([...x].filter((t) => !y.has(t))));
      check(a.set, x);
      check(b.set, y);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("RangeSet's wire form is that of the original, and comes back", () => {
  assertEquals(RangeSet.of(2, 3, 5, 7, 8, 9).toWire(), [[2, 4], 5, [7, 10]]);
  fc.assert(fc.property(history, (ops) => {
    const { set } = run(ops);
    const encoder = new Encoder();
    set.encode(encoder);
    const wire = decode(encoder.take());
    assertEquals(wire, set.toWire());
    assertEquals(RangeSet.fromWire(wire).equals(set), true);
  }));
});

Deno.test("RangeSet.fromWire() takes single ticks as pairs, any order, and overlaps; nothing else", () => {
  assertEquals(RangeSet.fromWire([[7, 8], [1, 4], 3, [3, 6]]).toWire(), [[1, 6], 7]);
  for (const bad of [3, "x", [[3]], [[3, 3]], [[5, 2]], [-1], [1.5], [[1, 2, 3]], [2 ** 53], [null]]) {
    assertThrows(() => RangeSet.fromWire(bad), RequestError);
  }
});

Deno.test("RangeSet.add() at the end costs the same however many ranges there are", () => {
  const set = new RangeSet();
  for (let t = 1; t < 400_000; t += 2) set.add(t);
  assertEquals(set.rangeCount, 200_000);
  for (let t = 400_001; t < 1_400_000; t++) set.add(t);
  assertEquals(set.rangeCount, 200_001);
});
