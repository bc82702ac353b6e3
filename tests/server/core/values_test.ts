import fc from "fast-check";
import { Encoder } from "../../../wire/mod.ts";
import { classOf, headerBytes, slotBytes } from "../../../server/core/size_class.ts";
import { NO_VALUE, ValueArena } from "../../../server/core/values.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";
import { dice } from "./world.ts";

function bytesOf(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => seed * 31 + i * 7 & 255);
}

const lengths = fc.oneof(
  fc.integer({ min: 1, max: 40 }),
  fc.integer({ min: 41, max: 700 }),
  fc.integer({ min: 16_000, max: 17_000 }),
);

Deno.test("classOf() picks the smallest slot that holds a value and its length", () => {
  for (let length = 1; length <= 16_382; length++) {
    const cls = classOf(length);
    assertTrue(length + headerBytes(slotBytes[cls]) <= slotBytes[cls], `${length} fits`);
    if (cls > 0) assertTrue(length + headerBytes(slotBytes[cls - 1]) > slotBytes[cls - 1], `${length} fits no smaller`);
  }
  assertEquals(classOf(16_383), -1);
});

Deno.test("ValueArena holds what a Map of byte arrays holds", () => {
  const step = fc.tuple(fc.integer({ min: 0, max: 30 }), fc.option(lengths));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const arena = new ValueArena();
      const refs = new Map<number, number>();
      const oracle = new Map<number, Uint8Array>();
      let seed = 0;
      for (const [key, length] of steps) {
        if (refs.has(key)) arena.free(refs.get(key)!);
        refs.delete(key);
        oracle.delete(key);
        if (length === null) continue;
        const bytes = bytesOf(length, seed++);
        refs.set(key, arena.put(bytes, 0, length));
        oracle.set(key, bytes);
      }
      let live = 0;
      for (const [key, bytes] of oracle) {
        const ref = refs.get(key)!;
        assertEquals(arena.read(ref), bytes);
        assertEquals(arena.length(ref), bytes.length);
        assertTrue(arena.sameBytes(ref, bytes, 0, bytes.length));
        const encoder = new Encoder();
        arena.copyTo(ref, encoder);
        assertEquals(encoder.take(), bytes);
        if (bytes.length > 3) live += bytes.length;
      }
      assertEquals(arena.liveBytes, live);
    }),
    { numRuns: 300 },
  );
});

Deno.test("ValueArena keeps up to three bytes in the reference, and tells no value from one", () => {
  const arena = new ValueArena();
  for (const bytes of [[0], [0xc0], [255, 255, 255], [0xa2, 1, 2], [0x91, 0]]) {
    const ref = arena.put(Uint8Array.from(bytes), 0, bytes.length);
    assertTrue(ref < 0);
    assertEquals([...arena.read(ref)], bytes);
  }
  assertEquals(arena.length(NO_VALUE), 0);
  assertEquals([arena.heldBytes, arena.liveBytes], [0, 0]);
  const [one, two] = [arena.put(Uint8Array.of(1), 0, 1), arena.put(Uint8Array.of(2), 0, 1)];
  arena.locate(one);
  const { bytes, start } = arena;
  arena.locate(two);
  assertEquals([bytes[start], arena.bytes[arena.start]], [1, 2]);
});

Deno.test("ValueArena does not grow by overwrites of all sizes", () => {
  const arena = new ValueArena();
  const roll = dice(1);
  const zeros = new Uint8Array(400);
  const refs = Array.from({ length: 20_000 }, () => arena.put(zeros, 0, 4 + roll(396)));
  for (let i = 0; i < 300_000; i++) {
    const at = roll(refs.length);
    arena.free(refs[at]);
    refs[at] = arena.put(zeros, 0, 4 + roll(396));
  }
  assertTrue(arena.heldBytes < arena.liveBytes * 1.6, `${arena.heldBytes} held, ${arena.liveBytes} live`);
});

Deno.test("ValueArena gives pages to other sizes, and settle() empties those that are nearly unused", () => {
  const arena = new ValueArena();
  const small = Array.from({ length: 100_000 }, () => arena.put(new Uint8Array(10), 0, 10));
  const peak = arena.heldBytes;
  for (const ref of small) arena.free(ref);
  const large = Array.from({ length: 10_000 }, () => arena.put(new Uint8Array(90), 0, 90));
  assertTrue(arena.heldBytes <= peak, "pages of small values serve large ones");
  const kept = large.filter((_, i) => i % 500 === 0);
  large.forEach((ref, i) => i % 500 !== 0 && arena.free(ref));
  const before = arena.heldBytes;
  const settled = kept.map((ref) => arena.settle(ref));
  assertTrue(arena.heldBytes < before / 3, `${arena.heldBytes} of ${before} bytes`);
  for (const ref of settled) assertEquals(arena.length(ref), 90);
});
