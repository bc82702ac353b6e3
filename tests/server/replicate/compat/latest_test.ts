import { assertEquals } from "../../../support/assert.ts";
import { Latest } from "../../../../server/replicate/compat/latest.ts";

Deno.test("Latest keeps the last value of a key, once", () => {
  const latest = new Latest<string, number>(4);
  for (const [key, value] of [["a", 1], ["b", 2], ["a", 3]] as const) latest.set(key, value);
  assertEquals([...latest], [["b", 2], ["a", 3]]);
});

Deno.test("Latest keeps at least half of what it may, and never more than all", () => {
  const latest = new Latest<number, number>(10);
  for (let i = 1; i <= 1000; i++) {
    latest.set(i, i);
    const kept = [...latest].map(([key]) => key);
    assertEquals(kept, Array.from({ length: kept.length }, (_, n) => i - kept.length + 1 + n));
    if (i >= 5) assertEquals(kept.length >= 5 && kept.length <= 10, true, `${kept.length} of ${i}`);
  }
  latest.clear();
  assertEquals([...latest], []);
});
