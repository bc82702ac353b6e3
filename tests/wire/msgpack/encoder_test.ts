import { RequestError } from "../../../wire/errors.ts";
import { encode, Encoder, preEncode } from "../../../wire/msgpack/encoder.ts";
import { Path } from "../../../wire/path/path.ts";
import { Ext, Float, Raw, Timestamp, type Value } from "../../../wire/value.ts";
import { assertEquals, assertSame, assertThrows, assertTrue } from "../../support/assert.ts";
import { hex } from "./support.ts";

function encodesTo(table: readonly [Value | Raw, string][]): void {
  for (const [value, expected] of table) assertEquals(encode(value).toHex(), expected.replaceAll(" ", ""));
}

Deno.test("encode() writes integers in their shortest form, at every border", () => {
  encodesTo([
    [0, "00"],
    [-0, "00"],
    [127, "7f"],
    [128, "cc80"],
    [255, "ccff"],
    [256, "cd0100"],
    [65535, "cdffff"],
    [65536, "ce00010000"],
    [4294967295, "ceffffffff"],
    [4294967296, "cf0000000100000000"],
    [Number.MAX_SAFE_INTEGER, "cf001fffffffffffff"],
    [2 ** 63, "cf8000000000000000"],
    [-1, "ff"],
    [-32, "e0"],
    [-33, "d0df"],
    [-128, "d080"],
    [-129, "d1ff7f"],
    [-32768, "d18000"],
    [-32769, "d2ffff7fff"],
    [-2147483648, "d280000000"],
    [-2147483649, "d3ffffffff7fffffff"],
    [Number.MIN_SAFE_INTEGER, "d3ffe0000000000001"],
    [-(2 ** 63), "d38000000000000000"],
  ]);
});

Deno.test("encode() writes a bigint as the integer it is, above 64 bits as ext 2", () => {
  encodesTo([
    [5n, "05"],
    [-33n, "d0df"],
    [4294967296n, "cf0000000100000000"],
    [2n ** 64n - 1n, "cfffffffffffffffff"],
    [2n ** 64n, "c70902010000000000000000"],
    [2n ** 128n, "c711020100000000000000000000000000000000"],
    [6789012345678901234567890n, "c70b02059da118c209f5d43f0ad2"],
    [-(2n ** 63n), "d38000000000000000"],
    [-2147483649n, "d3ffffffff7fffffff"],
  ]);
  assertThrows(() => encode(-(2n ** 63n) - 1n), RequestError, "integers begin at −2^63");
});

Deno.test("encode() writes a number with a fraction, and a Float, as 64 bits", () => {
  encodesTo([
    [1.5, "cb 3ff8000000000000"],
    [new Float(1), "cb 3ff0000000000000"],
    [new Float(-0), "cb 8000000000000000"],
    [Infinity, "cb 7ff0000000000000"],
    [NaN, "cb 7ff8000000000000"],
    [1e100, "cb 54b249ad2594c37d"],
    [-(2 ** 64), "cb c3f0000000000000"],
  ]);
});

Deno.test("encode() writes texts with the shortest head for their bytes, not for their units", () => {
  for (const unit of ["x", "é", "€", "😀"]) {
    const size = new TextEncoder().encode(unit).length;
    for (const bytes of [0, 1, 31, 32, 33, 47, 48, 49, 64, 255, 256, 65535, 65536, 200_000]) {
      const text = unit.repeat(Math.floor(bytes / size)) + "a".repeat(bytes % size);
      const n = bytes;
      const head = n < 32 ? [0xa0 | n] : n < 256 ? [0xd9, n] : n < 65536 ? [0xda, n >> 8, n & 255] : [0xdb, 0, n >> 16];
      const encoded = encode(text);
      assertEquals([...encoded.subarray(0, head.length)], head);
      assertSame(new TextDecoder().decode(encoded.subarray(encoded.length - bytes)), text);
    }
  }
});

Deno.test("encode() refuses half of a surrogate pair, in short and in long texts", () => {
  for (const text of ["\ud800", "a\udc00", "x".repeat(1000) + "\ud83d"]) {
    assertThrows(() => encode(text), RequestError, "half of a surrogate pair");
    assertThrows(() => encode({ [text]: 1 }), RequestError, "half of a surrogate pair");
  }
});

Deno.test("encode() writes bytes, arrays, maps and extensions with the shortest head", () => {
  encodesTo([
    [new Uint8Array(0), "c400"],
    [hex("616263"), "c403616263"],
    [[], "90"],
    [{}, "80"],
    [new Map<Value, Value>([[1, 2], [null, 3], [[1, 2], 4]]), "83 0102 c003 920102 04"],
    [new Ext(4, hex("5f")), "d4045f"],
    [new Ext(7, hex("7a7a")), "d5077a7a"],
    [new Ext(-5, hex("010203")), "c703fb010203"],
    [new Raw(hex("92cc0102")), "92cc0102"],
  ]);
  const heads: [number, string, string, string][] = [
    [15, "c40f", "9f", "c70f07"],
    [16, "c410", "dc0010", "d807"],
    [255, "c4ff", "dc00ff", "c7ff07"],
    [256, "c50100", "dc0100", "c8010007"],
    [65535, "c5ffff", "dcffff", "c8ffff07"],
    [65536, "c600010000", "dd00010000", "c90001000007"],
  ];
  for (const [n, bin, array, ext] of heads) {
    assertTrue(encode(new Uint8Array(n)).toHex().startsWith(bin));
    assertTrue(encode(new Array(n).fill(0)).toHex().startsWith(array));
    assertTrue(encode(new Ext(7, new Uint8Array(n))).toHex().startsWith(ext));
    const map = encode(new Map(Array.from({ length: n }, (_, i) => [i, 0]))).toHex();
    assertTrue(map.startsWith(n < 16 ? "8f" : array.replace(/^d(c|d)/, (_, c) => c === "c" ? "de" : "df")));
  }
});

Deno.test("encode() writes a path as ext 3, with a mark as ext 6, whatever its length", () => {
  encodesTo([
    [Path.of(), "c70003"],
    [Path.of("a"), "d503a161"],
    [Path.of("one", "two", 3), "c70903a36f6e65a374776f03"],
    [Path.of(null, "auth"), "c70603c0a461757468"],
    [Path.of("a", 2n ** 64n), "c70e03a161c70902010000000000000000"],
    [Path.of("a", true, false, null, 1.5, hex("78"), [1, 2]), "c71403a161c3c2c0cb3ff8000000000000c40178920102"],
    [Path.of("a", "b").marked("x"), "c70606a178a161a162"],
    [[Path.of("a", "b")], "91d603a161a162"],
  ]);
  for (const n of [13, 14, 15, 253, 254, 255, 256, 65531, 65532, 65533, 70000]) {
    const element = encode("x".repeat(n));
    const encoder = new Encoder(16);
    encoder.extHeader(3, element.length);
    encoder.raw(element);
    assertEquals(encode(Path.of("x".repeat(n))), encoder.take());
  }
});

Deno.test("encode() writes a timestamp in the shortest of its three forms", () => {
  encodesTo([
    [new Timestamp(0xdeadbeefn, 0), "d6ffdeadbeef"],
    [new Timestamp(0xdeadbeefn, 1), "d7ff00000004deadbeef"],
    [new Timestamp(2n ** 32n, 0), "d7ff0000000100000000"],
    [new Timestamp(2n ** 34n - 1n, 999_999_999), "d7ffee6b27ffffffffff"],
    [new Timestamp(2n ** 34n, 0), "c70cff000000000000000400000000"],
    [new Timestamp(-1n, 5), "c70cff00000005ffffffffffffffff"],
  ]);
  for (
    const bad of [new Timestamp(2n ** 63n, 0), new Timestamp(0n, 1e9), new Timestamp(0n, -1), new Timestamp(0n, 1.5)]
  ) {
    assertThrows(() => encode(bad), RequestError, "Cannot encode a timestamp");
  }
});

Deno.test("encode() refuses what is no value, and says what it was", () => {
  const cases: [unknown, string][] = [
    [undefined, "undefined"],
    [{ a: undefined }, "undefined"],
    [() => 0, "a function"],
    [Symbol("x"), "a symbol"],
    [new Date(0), "an object of type Date"],
    [new Set(), "an object of type Set"],
    [new Ext(128, new Uint8Array(0)), "an extension of type 128"],
    [new Map([[{ a: 1 }, 2]]), "a map as the key of a map"],
    [new Map([[[new Map()], 2]]), "a map as the key of a map"],
  ];
  for (const [value, text] of cases) assertThrows(() => encode(value as Value), RequestError, `Cannot encode ${text}`);
});

Deno.test("encode() takes 100 levels and refuses 101, also of paths, keys and cycles", () => {
  const nest = (levels: number, inner: Value) => Array.from({ length: levels }).reduce<Value>((v) => [v], inner);
  encode(nest(100, 1));
  encode(nest(99, Path.of("a")));
  encode(nest(98, Path.of(["a"])));
  const cycle: Value[] = [];
  cycle.push(cycle);
  const tooDeep = [nest(101, 1), nest(100, {}), nest(100, Path.of()), nest(99, Path.of(["a"])), cycle];
  for (const value of [...tooDeep, nest(99, new Map([[[1], 1]]))]) {
    assertThrows(() => encode(value), RequestError, "more than 100 levels");
  }
});

Deno.test("Encoder.value() appends nothing if it throws", () => {
  const encoder = new Encoder(16);
  encoder.str("before");
  assertThrows(() => encoder.value(["x".repeat(100), undefined as unknown as Value]), RequestError);
  encoder.nil();
  assertEquals(encoder.take().toHex(), "a6" + new TextEncoder().encode("before").toHex() + "c0");
});

Deno.test("Encoder writes the same whatever size it begins with", () => {
  const value: Value = [1, -70000, 2n ** 60n, 2n ** 80n, 1.5, "text", "ü".repeat(60), new Uint8Array(70), {
    key: Path.of("a", "bcdefghijklmnopqrst"),
    ext: new Ext(9, new Uint8Array(300)),
  }];
  const expected = encode(value);
  for (let size = 0; size < 200; size++) {
    const encoder = new Encoder(size);
    encoder.value(value);
    assertEquals(encoder.take(), expected);
  }
});

Deno.test("Encoder makes room for a head that turns out longer than thought", () => {
  for (
    const value of [
      "é".repeat(140),
      "é".repeat(40_000),
      "€".repeat(12),
      Path.of("x".repeat(252)),
      Path.of("x".repeat(65_600)),
    ]
  ) {
    const expected = encode(value);
    for (let size = expected.length - 8; size <= expected.length + 4; size++) {
      const encoder = new Encoder(size);
      encoder.value(value);
      assertEquals(encoder.take(), expected);
    }
  }
});

Deno.test("Encoder.raw(), truncate(), view(), take() and reset() keep to their bounds", () => {
  const encoder = new Encoder(16);
  const source = Uint8Array.from({ length: 100 }, (_, i) => i);
  encoder.raw(source, 10, 20);
  encoder.raw(source, 0, 100);
  assertEquals(encoder.take(), Uint8Array.from([...source.subarray(10, 20), ...source]));
  encoder.truncate(10);
  assertEquals(encoder.view(8), source.slice(18, 20));
  assertSame(encoder.view().buffer, encoder.bytes.buffer);
  encoder.reset();
  assertEquals(encoder.take(), new Uint8Array(0));
});

Deno.test("Encoder.reset() gives a large buffer back", () => {
  const encoder = new Encoder(100);
  encoder.raw(new Uint8Array(2_000_000));
  assertTrue(encoder.bytes.length >= 2_000_000);
  encoder.reset();
  assertEquals(encoder.bytes.length, 100);
});

Deno.test("Encoder.int() takes integers from −2^63 upward, and nothing else", () => {
  for (const x of [0.5, -0.5, NaN, Infinity, -Infinity]) {
    assertThrows(() => new Encoder().int(x), RequestError, "as an integer");
  }
  assertThrows(() => new Encoder().int(-(2 ** 64)), RequestError, "integers begin at −2^63");
  const encoder = new Encoder();
  encoder.int(2 ** 64);
  assertEquals(encoder.take().toHex(), "c70902010000000000000000");
});

Deno.test("encode() can be called while it is at work", () => {
  const inner: Uint8Array[] = [];
  const value = {
    get a(): number {
      inner.push(encode([7, 8, 9]));
      return 1;
    },
    b: 2,
  };
  assertEquals(encode(value).toHex(), "82a16101a16202");
  assertEquals(inner.map((bytes) => bytes.toHex()), ["93070809"]);
});

Deno.test("preEncode() is the encoded text", () => {
  assertEquals(preEncode("seq").toHex(), "a3736571");
});
