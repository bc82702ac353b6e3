import { ProtocolError } from "../../../wire/errors.ts";
import { encode } from "../../../wire/msgpack/encoder.ts";
import { skip } from "../../../wire/msgpack/skip.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";
import { hex } from "./support.ts";

Deno.test("skip() finds the end of one value among others", () => {
  const bytes = hex("c0 9201a161 81a161c0 d503a161 01");
  const ends: number[] = [];
  for (let at = 0; at < bytes.length; at = ends.at(-1)!) ends.push(skip(bytes, at, bytes.length));
  assertEquals(ends, [1, 5, 9, 13, 14]);
});

Deno.test("skip() passes every kind of head", () => {
  const content = "61".repeat(16);
  const values = ["00", "7f", "e0", "ff", "c0", "c2", "c3", "cc00", "cd0000", "ce00000000", "cf0000000000000000"]
    .concat(["d000", "d10000", "d200000000", "d30000000000000000", "ca00000000", "cb0000000000000000"])
    .concat([`b0${content}`, `d910${content}`, `da0010${content}`, `db00000010${content}`])
    .concat([`c410${content}`, `c50010${content}`, `c600000010${content}`])
    .concat(["90", "9101", "dc0000", "dc000101", "dd00000000", "dd0000000101"])
    .concat(["80", "810101", "de0000", "de00010101", "df00000000", "df000000010101"])
    .concat(["d40761", "d5076161", `d607${content.slice(0, 8)}`, `d707${content.slice(0, 16)}`, `d807${content}`])
    .concat(["c70007", `c71007${content}`, `c8001007${content}`, `c90000001007${content}`]);
  for (const value of values) {
    const bytes = hex(value + "c1");
    assertEquals(skip(bytes, 0, bytes.length), bytes.length - 1, value);
    for (let end = 0; end < bytes.length - 1; end++) assertEquals(skip(bytes, 0, end), -1, value);
  }
});

Deno.test("skip() is ready again after an error, and after what is incomplete", () => {
  const good = encode({ a: [1, { b: [[]] }] });
  for (const bad of [hex("9291c1"), hex("92d403c1"), hex("92929292"), hex("8191"), hex("81a161d4")]) {
    try {
      skip(bad, 0, bad.length);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
    }
    assertEquals(skip(good, 0, good.length), good.length);
  }
});

Deno.test("skip() counts offsets of errors from the start of the bytes", () => {
  const bytes = hex("c0c0 93 01 a161 c1");
  assertEquals(assertThrows(() => skip(bytes, 2, bytes.length), ProtocolError).offset, 6);
});

Deno.test("skip() passes the longest arrays and maps without touching what is not there", () => {
  for (const head of ["ddffffffff", "dfffffffff"]) {
    for (const n of [0, 1, 1000]) assertEquals(skip(hex(head + "00".repeat(n)), 0, 5 + n), -1);
  }
});
