import fc from "fast-check";
import { decodeCbor, encodeCbor } from "../../../../client/cli/util/cbor.ts";
import { encode } from "../../../../wire/msgpack/encoder.ts";
import { P } from "../../../../wire/path/template.ts";
import { Ext, Float, Timestamp, type Value } from "../../../../wire/value.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";

/** Bytes of RFC 8949, appendix A, and of the original's tools. */
const vectors: readonly (readonly [string, Value])[] = [
  ["00", 0],
  ["1903e8", 1000],
  ["1b000000e8d4a51000", 1000000000000],
  ["1bffffffffffffffff", 18446744073709551615n],
  ["c249010000000000000000", 18446744073709551616n],
  ["c349010000000000000000", -18446744073709551617n],
  ["29", -10],
  ["f93c00", new Float(1)],
  ["f93e00", 1.5],
  ["fb3ff199999999999a", 1.1],
  ["f97c00", Infinity],
  ["f5", true],
  ["f6", null],
  ["4401020304", Uint8Array.of(1, 2, 3, 4)],
  ["6449455446", "IETF"],
  ["83010203", [1, 2, 3]],
  ["a201020304", new Map([[1, 2], [3, 4]])],
  ["a26161016162820203", { a: 1, b: [2, 3] }],
  ["c11a514b67b0", new Timestamp(1363896240n, 0)],
  ["d8ca836161036162", P("a:3.b")],
];

for (const [hex, value] of vectors) {
  Deno.test(`cbor ${hex}`, () => {
    assertEquals([...decodeCbor(Uint8Array.fromHex(hex))], [value]);
    assertEquals(encodeCbor(value).toHex(), hex);
  });
}

Deno.test("cbor keeps what is in values, floats and integers apart", () => {
  const leaf = fc.oneof(
    fc.integer(),
    fc.double().map((n): Value => Number.isInteger(n) ? new Float(n) : n),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array(),
  );
  const values = fc.letrec((tie) => ({
    value: fc.oneof(
      leaf,
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie("value"), { maxKeys: 4 }),
    ),
  })).value as fc.Arbitrary<Value>;
  fc.assert(fc.property(values, (value) => {
    const [back] = [...decodeCbor(encodeCbor(value))];
    assertEquals(encode(back).toHex(), encode(value).toHex());
  }));
});

Deno.test("cbor: several values, other ways to write them, and what has no form", () => {
  const read = (hex: string) => [...decodeCbor(Uint8Array.fromHex(hex))];
  assertEquals(read("0102f6"), [1, 2, null]);
  assertEquals(read("d9d9f783010203"), [[1, 2, 3]]);
  assertEquals(read("9f0102ff"), [[1, 2]]);
  assertEquals(read("c074323031332d30332d32315432303a30343a30305a"), [new Timestamp(1363896240n, 0)]);
  assertEquals(read("c1fb41d452d9ec200000"), [new Timestamp(1363896240n, 500_000_000)]);
  for (const hex of ["83", "1c", "c101ff", "d81801", "f0", "c16161", "ff"]) assertThrows(() => read(hex));
  assertThrows(() => encodeCbor([new Ext(5, Uint8Array.of(1))]), TypeError, "extension 5");
});
