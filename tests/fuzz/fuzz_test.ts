import { assertEquals, assertThrows, assertTrue } from "../support/assert.ts";
import { Random } from "../support/random.ts";
import { fuzz } from "./fuzz.ts";
import { mutated } from "./mutate.ts";
import { readSeeds } from "./seeds.ts";

Deno.test("no mutated message harms what reads it", () => {
  const { seed } = Random.fromEnvironment();
  try {
    assertEquals(fuzz(readSeeds(), { seed, from: 0, count: 5000, isOver: () => false }), 5000);
  } catch (error) {
    console.error(`Again: deno task fuzz --seed ${seed} --count 5000`);
    throw error;
  }
});

Deno.test("a case is the same whenever its seed is, and says how it ends", () => {
  const seeds = readSeeds();
  const inputs = (seed: number) => Array.from({ length: 50 }, (_, i) => mutated(seeds, new Random(seed + i)));
  assertEquals(inputs(7), inputs(7));
  assertTrue(new Set(inputs(7).map((bytes) => bytes.toHex())).size > 30, "hardly any two are the same");
  assertEquals(fuzz(seeds, { seed: 1, from: 0, count: Infinity, isOver: () => true }), 0);
  const failing = () => fuzz([], { seed: 1, from: 0, count: 1, isOver: () => false });
  assertThrows(failing);
});
