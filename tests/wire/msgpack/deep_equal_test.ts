import fc from "fast-check";
import { equalValues } from "../../../wire/msgpack/deep_equal.ts";
import { decode } from "../../../wire/msgpack/decoder.ts";
import { encode, Encoder } from "../../../wire/msgpack/encoder.ts";
import { sameValue } from "../../../wire/msgpack/same_value.ts";
import { skip } from "../../../wire/msgpack/skip.ts";
import type { Value } from "../../../wire/value.ts";
import { assertEquals } from "../../support/assert.ts";
import { Random } from "../../support/random.ts";
import { anyValue, canonical, encodeLoosely, hex } from "./support.ts";

/** Compares both ways, at an offset, with other bytes around. */
function equal(a: Uint8Array, b: Uint8Array): boolean {
  const padded = Uint8Array.from([0xc1, 0xc1, ...b, 0xc1]);
  const there = equalValues(a, 0, a.length, padded, 2, 2 + b.length);
  assertEquals(equalValues(padded, 2, 2 + b.length, a, 0, a.length), there, "the other way round");
  assertEquals(sameValue(decode(a), decode(b)), there, "sameValue()");
  return there;
}

const same: [string, string][] = [
  ["01", "cc01"],
  ["01", "d30000000000000001"],
  ["01", "d40201"],
  ["ff", "d0ff"],
  ["cf0020000000000000", "c70702 20000000000000"],
  ["cb3ff8000000000000", "ca3fc00000"],
  ["cb7ff8000000000000", "cb7ff8000000000001"],
  ["cb7ff8000000000000", "ca7fc00000"],
  ["a161", "d90161"],
  ["c40161", "c5000161"],
  ["9101", "dc0001cc01"],
  ["82a16101a16202", "82a16202a16101"],
  ["82a16101a16202", "de0002d90162cc02a16101"],
  ["82 01a161 a16102", "82 a16102 cc01a161"],
  ["82a16101a16102", "81a16102"],
  ["82a16101a16102", "82a16103a16102"],
  ["82d9016101a16102", "82a16103a16102"],
  ["8201010102", "82cc01030102"],
  ["82 9101 01 dc000101 02", "81 9101 02"],
  ["d503a161", "c70303d90161"],
  ["d503cc01", "d40301"],
  ["d6ffdeadbeef", "d7ff00000000deadbeef"],
  ["d5077a7a", "c702077a7a"],
  ["82a178 82a16101a16202 a17901", "82a178 82a16202a16101 a17901"],
];

const different: [string, string][] = [
  ["01", "02"],
  ["01", "cb3ff0000000000000"],
  ["01", "c3"],
  ["00", "c2"],
  ["c0", "c2"],
  ["cb0000000000000000", "cb8000000000000000"],
  ["a161", "c40161"],
  ["a161", "a162"],
  ["a161", "a26161"],
  ["90", "80"],
  ["9101", "920101"],
  ["9101", "d40301"],
  ["80", "81a161c0"],
  ["81a16101", "81a16201"],
  ["81a16101", "81a16102"],
  ["810101", "81a13101"],
  ["810101", "81c301"],
  ["82a16101a16202", "82a16201a16102"],
  ["82a16101a16102", "82a16102a16101"],
  ["d503a161", "c70406a178a161"],
  ["d5077a7a", "d5087a7a"],
  ["d6ff00000001", "01"],
  ["cf0020000000000000", "cf0020000000000001"],
  ["81c0 81a16101", "81c0 81a16102"],
];

Deno.test("equalValues() looks at values, not at how they are written", () => {
  for (const [a, b] of same) assertEquals(equal(hex(a), hex(b)), true, `${a} = ${b}`);
  for (const [a, b] of different) assertEquals(equal(hex(a), hex(b)), false, `${a} ≠ ${b}`);
});

function loosely(value: Value, seed: number): Uint8Array {
  const encoder = new Encoder();
  encodeLoosely(encoder, value, new Random(seed));
  return encoder.take();
}

Deno.test("equalValues() finds a value equal to itself, however it is written", () => {
  fc.assert(
    fc.property(anyValue, fc.integer(), fc.integer(), (value, a, b) => {
      const one = loosely(value, a);
      const two = loosely(value, b);
      assertEquals(skip(one, 0, one.length), one.length);
      assertEquals(canonical(decode(one)), canonical(value));
      assertEquals(equal(one, two), true);
      assertEquals(equal(one, encode(value)), true);
    }),
    { numRuns: 1500 },
  );
});

Deno.test("equalValues() agrees with a naive comparison of values that differ little", () => {
  fc.assert(
    fc.property(anyValue, anyValue, fc.integer(), fc.integer(), (value, other, a, b) => {
      const changed = changeLeaf(value, other, new Random(a));
      const expected = canonical(value) === canonical(changed);
      assertEquals(equal(loosely(value, a), loosely(changed, b)), expected);
      assertEquals(equal(encode(value), encode(changed)), expected);
    }),
    { numRuns: 1500 },
  );
});

/** The value with one part of it replaced. */
function changeLeaf(value: Value, other: Value, random: Random): Value {
  if (Array.isArray(value) && value.length > 0) {
    const i = random.below(value.length);
    return value.map((item, k) => k === i ? changeLeaf(item, other, random) : item);
  }
  if (value instanceof Map && value.size > 0) {
    const i = random.below(value.size);
    return new Map([...value].map(([key, v], k) => [key, k === i ? changeLeaf(v, other, random) : v] as const));
  }
  if (typeof value === "object" && value?.constructor === Object && Object.keys(value).length > 0) {
    const keys = Object.keys(value);
    const key = keys[random.below(keys.length)];
    return { ...value, [key]: changeLeaf((value as { [key: string]: Value })[key], other, random) };
  }
  return other;
}
