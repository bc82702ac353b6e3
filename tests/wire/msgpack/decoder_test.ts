import { Buffer } from "node:buffer";
import { ProtocolError } from "../../../wire/errors.ts";
import { decode, Decoder } from "../../../wire/msgpack/decoder.ts";
import { encode } from "../../../wire/msgpack/encoder.ts";
import { skip } from "../../../wire/msgpack/skip.ts";
import { Path } from "../../../wire/path/path.ts";
import { Ext, Float, Timestamp, type Value } from "../../../wire/value.ts";
import { assertEquals, assertInstance, assertSame, assertThrows, assertTrue } from "../../support/assert.ts";
import { hex } from "./support.ts";

/** Bytes, the value they decode to, and the bytes it encodes to (if not the same). */
function reads(table: readonly [string, Value, string?][]): void {
  for (const [text, value, again = text] of table) {
    const bytes = hex(text);
    assertEquals(decode(bytes), value, text);
    assertEquals(encode(decode(bytes)).toHex(), again.replaceAll(" ", ""), text);
    assertEquals(skip(bytes, 0, bytes.length), bytes.length, text);
  }
}

/** Bytes, and what decode() and skip() say to them. */
function refuses(table: readonly [string, string, number][]): void {
  for (const [text, message, offset] of table) {
    for (const read of [decode, skip]) {
      const bytes = hex(text);
      const error = assertThrows(() => read(bytes, 0, bytes.length), ProtocolError, message);
      assertEquals(error.offset, offset, `${read.name}() of ${text}`);
    }
  }
}

Deno.test("decode() takes integers and texts in longer forms than needed", () => {
  reads([
    ["cc01", 1, "01"],
    ["cd0001", 1, "01"],
    ["ce00000001", 1, "01"],
    ["cf0000000000000001", 1, "01"],
    ["d001", 1, "01"],
    ["d10001", 1, "01"],
    ["d200000001", 1, "01"],
    ["d30000000000000001", 1, "01"],
    ["d3ffffffffffffffff", -1, "ff"],
    ["d90161", "a", "a161"],
    ["da000161", "a", "a161"],
    ["db0000000161", "a", "a161"],
    ["c5000161", hex("61"), "c40161"],
    ["c60000000161", hex("61"), "c40161"],
    ["dc000101", [1], "9101"],
    ["dd0000000101", [1], "9101"],
    ["de0001a16101", { a: 1 }, "81a16101"],
    ["df00000001a16101", { a: 1 }, "81a16101"],
    ["c70107aa", new Ext(7, hex("aa")), "d407aa"],
  ]);
});

Deno.test("decode() makes a bigint only of what is no safe integer", () => {
  reads([
    ["cf001fffffffffffff", Number.MAX_SAFE_INTEGER],
    ["cf0020000000000000", 2n ** 53n],
    ["cfffffffffffffffff", 2n ** 64n - 1n],
    ["d3ffe0000000000001", Number.MIN_SAFE_INTEGER],
    ["d3ffe0000000000000", -(2n ** 53n)],
    ["d38000000000000000", -(2n ** 63n)],
  ]);
});

Deno.test("decode() is lenient about big integers (ext 2)", () => {
  reads([
    ["d40205", 5, "05"],
    ["c70002", 0, "00"],
    ["d70200000000000000ff", 255, "ccff"],
    ["c70902010000000000000000", 2n ** 64n],
    ["c70a0200010000000000000000", 2n ** 64n, "c70902010000000000000000"],
  ]);
});

Deno.test("decode() tells floats without a fraction from integers, and widens 32 bits to 64", () => {
  reads([
    ["cb3ff0000000000000", new Float(1)],
    ["cb8000000000000000", new Float(-0)],
    ["cb3ff8000000000000", 1.5],
    ["cb7ff0000000000000", Infinity],
    ["cb54b249ad2594c37d", new Float(1e100)],
    ["ca3fc00000", 1.5, "cb3ff8000000000000"],
    ["ca3f800000", new Float(1), "cb3ff0000000000000"],
    ["ca7fc00000", NaN, "cb7ff8000000000000"],
    ["cbfff0000000000000", -Infinity],
  ]);
});

Deno.test("decode() reads timestamps in all forms", () => {
  reads([
    ["d6ffdeadbeef", new Timestamp(0xdeadbeefn, 0)],
    ["d7ff00000000deadbeef", new Timestamp(0xdeadbeefn, 0), "d6ffdeadbeef"],
    ["d7ffee6b27ffffffffff", new Timestamp(2n ** 34n - 1n, 999_999_999)],
    ["c70cff00000000ffffffffffffffff", new Timestamp(-1n, 0)],
    ["c70cff000000000000000000000001", new Timestamp(1n, 0), "d6ff00000001"],
    ["81d6ff0000000101", new Map([[new Timestamp(1n, 0), 1]])],
  ]);
  refuses([
    ["c703ff010203", "A timestamp has 4, 8 or 12 bytes, not 3", 3],
    ["91c705ff0102030405", "A timestamp has 4, 8 or 12 bytes, not 5", 4],
    ["d7ffffffffff00000000", "A timestamp has less than 10^9 nanoseconds", 2],
    ["c70cff3b9aca000000000000000000", "A timestamp has less than 10^9 nanoseconds, not 1000000000", 3],
  ]);
});

Deno.test("decode() keeps extensions it does not know", () => {
  reads([
    ["d4045f", new Ext(4, hex("5f"))],
    ["d6046e6f7065", new Ext(4, hex("6e6f7065"))],
    ["c70705a46e6f70650102", new Ext(5, hex("a46e6f70650102"))],
    ["d5077a7a", new Ext(7, hex("7a7a"))],
    ["c70080", new Ext(-128, hex(""))],
    ["c7007f", new Ext(127, hex(""))],
  ]);
});

Deno.test("decode() makes an object if it can hold the keys in their order, else a Map", () => {
  reads([
    ["80", {}],
    ["82a162 01 a161 02", { b: 1, a: 2 }],
    ["82a3303132 01 a4312e3530 02", { "012": 1, "1.50": 2 }],
    ["81aa34323934393637323935 01", { "4294967295": 1 }],
    ["81a22d31 01", { "-1": 1 }],
    ["81a0 01", { "": 1 }],
  ]);
  const map = (...pairs: [Value, Value][]) => new Map(pairs);
  reads([
    ["81a13701", map(["7", 1])],
    ["82a16201 a13102", map(["b", 1], ["1", 2])],
    ["81aa34323934393637323934 01", map(["4294967294", 1])],
    ["81a95f5f70726f746f5f5f 01", map(["__proto__", 1])],
    ["8301 02 c0 03 920102 04", map([1, 2], [null, 3], [[1, 2], 4])],
    ["82c3 01 cb3ff0000000000000 02", map([true, 1], [new Float(1), 2])],
    ["81c40178 01", map([hex("78"), 1])],
    ["81d503a161 01", map([Path.of("a"), 1])],
    ["81d5077a7a 01", map([new Ext(7, hex("7a7a")), 1])],
  ]);
});

Deno.test("decode() lets the last of equal keys win, at the place of the first, whatever the kind of key", () => {
  reads([
    ["83a16101 a16202 a16103", { a: 3, b: 2 }, "82 a16103 a16202"],
    ["83a13101 a16202 a13103", new Map([["1", 3], ["b", 2]]), "82 a13103 a16202"],
    ["82 910102 dc0001cc0103", new Map([[[1], 3]]), "81 910103"],
    ["82 c4017801 c500017802", new Map([[hex("78"), 2]]), "81 c4017802"],
    ["82 cb3ff000000000000001 ca3f80000002", new Map([[new Float(1), 2]]), "81 cb3ff000000000000002"],
    ["83 d503a16101 00 01 d503a16102", new Map<Value, Value>([[Path.of("a"), 2], [0, 1]]), "82 d503a16102 0001"],
    ["82 cb7ff800000000000001 cb7ff800000000000102", new Map([[NaN, 2]]), "81 cb7ff800000000000002"],
  ]);
});

Deno.test("decode() refuses a map in the key of a map, and skip() does too", () => {
  refuses([
    ["818001", "The key of a map cannot hold a map", 1],
    ["8101818001", "The key of a map cannot hold a map", 3],
    ["82a16101df0000000001", "The key of a map cannot hold a map", 4],
    ["81918001", "The key of a map cannot hold a map", 2],
    ["8192019180 01", "The key of a map cannot hold a map", 4],
  ]);
});

Deno.test("decode() reads paths: marked, nested, with tuples and large integers", () => {
  reads([
    ["c70003", Path.of()],
    ["c70903a36f6e65a374776f03", Path.of("one", "two", 3)],
    ["c70606a178a161a162", Path.of("a", "b").marked("x")],
    ["d403 90", Path.of([])],
    ["c70703a161920191a162", Path.of("a", [1, ["b"]])],
    ["c70603d503a161a162", Path.of(["a"], "b")],
    ["d503cc01", Path.of(1), "d40301"],
    ["c70903cb3ff0000000000000", Path.of(1), "d40301"],
    ["c70903cb8000000000000000", Path.of(0), "d40300"],
    ["c70903cb7ff0000000000000", Path.of(Infinity)],
    ["c70c03c70902010000000000000000", Path.of(2n ** 64n)],
    ["c70503a0a161a162", Path.of("", "a", "b")],
    ["c70306a0a161", Path.of("a"), "d503a161"],
  ]);
});

Deno.test("decode() gives a Path inside a Path back as it came, and a tuple as an array", () => {
  const path = decode(hex("c70703d503a161920102")) as Path;
  assertTrue(path.equals(Path.of(["a"], [1, 2])));
  assertEquals(encode(path.slice(0, 1)).toHex(), "d603d503a161");
  assertEquals(encode(Path.of("x", path.at(0)!)).toHex(), "c70603a178d503a161");
  assertEquals(encode(path.at(1)!).toHex(), "d5030102");
});

Deno.test("decode() and skip() refuse the same malformed paths", () => {
  refuses([
    ["d40380", "An element of a path cannot hold a map", 2],
    ["c703039281a1", "An element of a path cannot hold a map", 4],
    ["c70906cb7ff8000000000000", "A marked path has no mark", 3],
    ["c70006", "A marked path has no mark", 3],
    ["d40601", "A marked path has no mark", 2],
    ["c70903cb7ff8000000000000", "An element of a path cannot be NaN", 3],
    ["c70503ca7fc00000", "An element of a path cannot be NaN", 3],
    ["c70403d5077a7a", "An element of a path cannot be an ext", 3],
    ["c70603d6ff00000001", "An element of a path cannot be an ext", 3],
    ["d503a1c1", "Text is not UTF-8", 3],
    ["d403c1", "c1 is not msgpack", 2],
  ]);
  for (const text of ["d503a261a1", "d40391a1", "c70403dc0001a1", "d503c7ff", "c70403d603a1a1", "d403cc01", "d40392"]) {
    const bytes = hex(text.slice(0, -2) + text.slice(-2) + "00");
    assertThrows(() => decode(bytes), ProtocolError);
    assertThrows(() => skip(bytes, 0, bytes.length), ProtocolError, "goes beyond its end");
  }
});

Deno.test("decode() and skip() refuse the byte c1, wherever it is", () => {
  refuses([
    ["c1", "The byte c1 is not msgpack", 0],
    ["9201c1", "The byte c1 is not msgpack", 2],
    ["81a161c1", "The byte c1 is not msgpack", 3],
    ["81c101", "The byte c1 is not msgpack", 1],
  ]);
});

Deno.test("decode() and skip() name the first byte that is not UTF-8", () => {
  refuses([
    ["a1ff", "Text is not UTF-8", 1],
    ["a361c328", "Text is not UTF-8", 2],
    ["92a161a2c080", "Text is not UTF-8", 4],
    ["81a180 01", "Text is not UTF-8", 2],
    ["a3eda080", "Text is not UTF-8", 1],
    ["a4f4908080", "Text is not UTF-8", 1],
    ["a3e282ac".replace("a3", "a2").slice(0, 6), "Text is not UTF-8", 1],
    ["d940" + "61".repeat(62) + "c361", "Text is not UTF-8", 64],
    ["da0200" + "61".repeat(511) + "80", "Text is not UTF-8", 514],
  ]);
});

Deno.test("decode() keeps U+FFFD, U+FEFF and NUL in texts, short and long", () => {
  for (const text of ["\ufffd", "\ufeff", "\0", "\ufeff".repeat(50), "a".repeat(500) + "\ufffd\ufeff😀\0"]) {
    assertSame(decode(encode(text)), text);
    assertEquals(Object.keys(decode(encode({ [text]: 1 })) as object), [text]);
  }
});

Deno.test("decode() and skip() take 100 levels and refuse 101", () => {
  for (const level of ["91", "81a161", "dc0001", "df00000001a161"]) {
    const bytes = (levels: number) => hex(level.repeat(levels) + "01");
    assertEquals(skip(bytes(100), 0, bytes(100).length), bytes(100).length);
    decode(bytes(100));
    for (const levels of [101, 1000, 100_000]) {
      assertThrows(() => decode(bytes(levels)), ProtocolError, "Nested deeper than 100 levels");
      assertThrows(() => skip(bytes(levels), 0, bytes(levels).length), ProtocolError, "Nested deeper than 100 levels");
    }
  }
});

Deno.test("decode() and skip() count the levels of paths, tuples and keys like any other", () => {
  const cases: [string, number][] = [["d503a161", 1], ["d40390", 2], ["8190 01", 2], ["c70403d503a161", 2]];
  for (const [inner, levels] of cases) {
    const bytes = (outer: number) => hex("91".repeat(outer) + inner);
    decode(bytes(100 - levels));
    assertEquals(skip(bytes(100 - levels), 0, 1000), bytes(100 - levels).length);
    assertThrows(() => decode(bytes(101 - levels)), ProtocolError, "Nested deeper than 100 levels");
    assertThrows(() => skip(bytes(101 - levels), 0, 1000), ProtocolError, "Nested deeper than 100 levels");
  }
});

Deno.test("decode() refuses what follows the value", () => {
  assertEquals(assertThrows(() => decode(hex("0102")), ProtocolError, "Something follows the value").offset, 1);
  assertSame(decode(hex("0102"), 1), 2);
  assertSame(decode(hex("010203"), 1, 2), 2);
});

Deno.test("decode() copies bytes, also from a Buffer", () => {
  const text = "92c40161d40762";
  for (const bytes of [hex(text), Buffer.from(text, "hex")]) {
    const [bin, ext] = decode(bytes) as [Uint8Array, Ext];
    bytes.fill(0);
    assertEquals([bin, ext.data], [hex("61"), hex("62")]);
    assertSame(Object.getPrototypeOf(bin), Uint8Array.prototype);
  }
});

Deno.test("decode() allocates for bytes that are there, not for those that heads promise", () => {
  const bombs = [
    "dcffff".repeat(99),
    "ddffffffff".repeat(99),
    "dfffffffff",
    "c6ffffffff",
    "dbffffffff",
    "c9ffffffff07",
  ];
  const before = Deno.memoryUsage().heapUsed;
  for (const bomb of bombs) {
    const bytes = hex(bomb);
    assertThrows(() => decode(bytes), ProtocolError, "Truncated");
    assertEquals(skip(bytes, 0, bytes.length), -1);
  }
  const filled = new Uint8Array(60_000);
  for (let at = 0; at + 3 <= 297; at += 3) filled.set(hex("dce000"), at);
  assertThrows(() => decode(filled), ProtocolError, "Truncated");
  assertTrue(Deno.memoryUsage().heapUsed - before < 20e6, "a message of 60 kB took more than 20 MB");
});

Deno.test("Decoder reads one value after the other", () => {
  const decoder = new Decoder(hex("ff 01a161c0ff"), 1, 5);
  const values: Value[] = [];
  while (!decoder.done) values.push(decoder.value());
  assertEquals(values, [1, "a", null]);
  assertEquals(decoder.offset, 5);
  assertInstance(assertThrows(() => decoder.value()), ProtocolError);
});
