import fc from "fast-check";
import { Entry } from "../../../server/core/entry.ts";
import { TickIndex } from "../../../server/core/tick_index.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";
import { dice } from "./world.ts";

const entries = Array.from({ length: 5 }, (_, i) => new Entry(null, i, 0));

class Oracle {
  readonly ticks = new Map<number, Entry[]>();
  add(tick: number, entry: Entry): void {
    this.ticks.set(tick, [...this.ticks.get(tick) ?? [], entry]);
  }
  remove(tick: number, entry: Entry): void {
    const left = (this.ticks.get(tick) ?? []).filter((each) => each !== entry);
    if (left.length === 0) this.ticks.delete(tick);
    else this.ticks.set(tick, left);
  }
  check(index: TickIndex, max: number): void {
    const sorted = [...this.ticks].sort(([a], [b]) => a - b);
    const seen: number[] = [];
    index.forEach((tick) => void seen.push(tick));
    assertEquals(seen, sorted.map(([tick]) => tick));
    for (let tick = 0; tick <= max; tick++) {
      assertEquals(index.entries(tick).map((each) => each.key), (this.ticks.get(tick) ?? []).map((each) => each.key));
    }
    const from = max >> 1;
    const rest: number[] = [];
    index.forEach((tick) => void rest.push(tick), from);
    assertEquals(rest, seen.filter((tick) => tick >= from));
  }
}

function apply(steps: readonly (readonly [boolean, number, number])[], max: number): void {
  const index = new TickIndex();
  const oracle = new Oracle();
  for (const [isAdd, tick, which] of steps) {
    const entry = entries[which];
    const isIn = oracle.ticks.get(tick)?.includes(entry) === true;
    if (isAdd === isIn) continue;
    oracle[isAdd ? "add" : "remove"](tick, entry);
    index[isAdd ? "add" : "remove"](tick, entry);
  }
  oracle.check(index, max);
}

Deno.test("TickIndex is a multimap in ascending order", () => {
  const step = fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 80 }), fc.integer({ min: 0, max: 4 }));
  fc.assert(fc.property(fc.array(step, { maxLength: 300 }), (steps) => apply(steps, 80)), { numRuns: 500 });
});

Deno.test("TickIndex stays right over many chunks, in every order of ticks", () => {
  for (const order of ["up", "down", "random"] as const) {
    const roll = dice(order.length);
    const steps: [boolean, number, number][] = [];
    for (let i = 1; i <= 4000; i++) {
      steps.push([true, order === "up" ? i : order === "down" ? 4001 - i : 1 + roll(4000), roll(20) === 0 ? 1 : 0]);
    }
    for (let i = 0; i < 6000; i++) steps.push([roll(3) === 0, 1 + roll(4000), roll(2)]);
    apply(steps, 4001);
  }
});

Deno.test("TickIndex takes ticks that are very far apart, in any order", () => {
  const far = [1, 2, 2 ** 20, 2 ** 32, 2 ** 32 + 1, 2 ** 33, 2 ** 45, 2 ** 52, 2 ** 52 + 1, 2 ** 53 - 2];
  for (let seed = 0; seed < 50; seed++) {
    const roll = dice(seed);
    const index = new TickIndex();
    for (const tick of far.map((tick) => [roll(1000), tick]).sort((a, b) => a[0] - b[0])) {
      index.add(tick[1], entries[0]);
    }
    const seen: number[] = [];
    index.forEach((tick) => void seen.push(tick));
    assertEquals(seen, far);
    for (const tick of far) {
      assertTrue(index.has(tick) && !index.has(tick + 3));
      index.remove(tick, entries[0]);
      assertTrue(!index.has(tick));
    }
  }
});

Deno.test("TickIndex's memory follows the present ticks: hot entries among cold ones leave nothing behind", () => {
  const index = new TickIndex();
  let tick = 0;
  const hot = entries.map(() => 0);
  const cold: number[] = [];
  for (let i = 0; i < 200_000; i++) {
    const which = i % 5;
    if (hot[which] > 0) index.remove(hot[which], entries[which]);
    index.add(hot[which] = ++tick, entries[which]);
    if (i % 100 === 0) {
      index.add(++tick, entries[0]);
      cold.push(tick);
    }
  }
  assertTrue(index.slotCount < cold.length * 3 + 2000, `${index.slotCount} slots for ${cold.length} ticks`);
  for (const at of cold) assertTrue(index.has(at));
});

Deno.test("TickIndex's memory stays, however often entries get new ticks", () => {
  const index = new TickIndex();
  const roll = dice(1);
  const many = Array.from({ length: 3000 }, (_, i) => ({ entry: new Entry(null, i, 0), tick: i + 1 }));
  for (const { entry, tick } of many) index.add(tick, entry);
  let tick = many.length;
  for (let i = 0; i < 100_000; i++) {
    const one = many[roll(many.length)];
    index.remove(one.tick, one.entry);
    index.add(one.tick = ++tick, one.entry);
  }
  assertTrue(index.slotCount < many.length * 2, `${index.slotCount} slots`);
  for (const { entry, tick } of many) assertEquals(index.entries(tick), [entry]);
});
