import { crc16 } from "../../../wire/link/crc.ts";
import { encodeFrame } from "../../../wire/link/frame.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

const text = new TextEncoder();
const range = (length: number) => Uint8Array.from({ length }, (_, i) => i);
const hex = (bytes: Uint8Array) => bytes.toHex();

/** Checksums that SerialPacker makes (`spec/wire.md` 2.3). */
const checksums: [Uint8Array, number][] = [
  [new Uint8Array(), 0x0000],
  [Uint8Array.of(0), 0x0000],
  [Uint8Array.of(1), 0x64a8],
  [Uint8Array.of(0x80), 0x3254],
  [text.encode("123456789"), 0xdc07],
  [text.encode("HiThere"), 0x7e0c],
  [range(16), 0x656b],
  [new Uint8Array(8).fill(0xff), 0xfa5f],
  [range(200), 0x3627],
  [text.encode("a".repeat(127)), 0x253e],
  [text.encode("a".repeat(128)), 0xfb21],
];

Deno.test("crc16() makes SerialPacker's checksums", () => {
  for (const [data, crc] of checksums) assertEquals(crc16(data), crc, hex(data));
});

Deno.test("crc16() takes a part of the bytes", () => {
  assertEquals(crc16(text.encode("xx123456789yy"), 2, 11), 0xdc07);
});

Deno.test("encodeFrame() makes SerialPacker's frames", () => {
  assertEquals(hex(encodeFrame(text.encode("HiThere"))), "85074869546865726 57e0c".replace(" ", ""));
  assertEquals(hex(encodeFrame(text.encode("123456789"))), "8509313233343536373839dc07");
  assertEquals(hex(encodeFrame(Uint8Array.fromHex("82a17300a17201"))), "850782a17300a17201f235");
  assertEquals(
    hex(encodeFrame(Uint8Array.fromHex("83a173 01a164 83a16903a164ca41ac0000a16e11a17202".replaceAll(" ", "")))),
    "851783a17301a16483a16903a164ca41ac0000a16e11a17202438a",
  );
});

Deno.test("encodeFrame() writes the length in the form that both ends agreed on", () => {
  const form = (dataBytesMax: number) => ({ startByte: 0x85, dataBytesMax });
  const data = text.encode("a".repeat(128));
  assertEquals(hex(encodeFrame(data, form(300))).slice(0, 8), "85800161");
  assertEquals(hex(encodeFrame(data, form(255))).slice(0, 6), "858061");
  assertEquals(hex(encodeFrame(range(200), form(300))).slice(0, 6), "85c801");
  assertEquals(hex(encodeFrame(new Uint8Array(2000), form(2000))).slice(0, 6), "85d00f");
  assertEquals(hex(encodeFrame(new Uint8Array(16383), form(32767))).slice(0, 6), "85ff7f");
  assertEquals(hex(encodeFrame(new Uint8Array(16384), form(32767))).slice(0, 6), "858080");
  assertEquals(hex(encodeFrame(new Uint8Array(32767), form(32767))).slice(0, 6), "85ffff");
});

Deno.test("encodeFrame() refuses what no receiver takes", () => {
  assertThrows(() => encodeFrame(new Uint8Array()), RangeError, "1 to 127 bytes, not 0");
  assertThrows(() => encodeFrame(new Uint8Array(128)), RangeError, "1 to 127 bytes, not 128");
});
