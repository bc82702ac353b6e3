import fc from "fast-check";
import { ProtocolError } from "../../../wire/errors.ts";
import { findBadUtf8, isAscii, readText } from "../../../wire/msgpack/text.ts";
import { assertEquals, assertSame, assertThrows } from "../../support/assert.ts";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodes(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Where `bytes` stop being UTF-8: behind the longest prefix that is. */
function firstBad(bytes: Uint8Array): number {
  let end = bytes.length;
  while (decodes(bytes.subarray(0, end)) === undefined) end--;
  return end === bytes.length ? -1 : end;
}

Deno.test("findBadUtf8() agrees with the platform about every sequence of one, two and three bytes", () => {
  for (let a = 0; a < 256; a++) {
    for (let b = 0; b < 256; b++) {
      const two = Uint8Array.of(a, b);
      assertEquals(findBadUtf8(two, 0, 2), firstBad(two), two.toHex());
    }
  }
  for (const first of [0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef]) {
    for (let b = 0x70; b < 0x100; b += 5) {
      for (const third of [0x7f, 0x80, 0xbf, 0xc0]) {
        const three = Uint8Array.of(first, b, third);
        assertEquals(findBadUtf8(three, 0, 3), firstBad(three), three.toHex());
      }
    }
  }
});

Deno.test("findBadUtf8() agrees with the platform about every border of four bytes", () => {
  const edges = [0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];
  for (const first of [0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xff]) {
    for (const b of edges) {
      for (const c of edges) {
        for (const d of edges) {
          const four = Uint8Array.of(first, b, c, d);
          assertEquals(findBadUtf8(four, 0, 4), firstBad(four), four.toHex());
        }
      }
    }
  }
});

const piece = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }).map((text) => new TextEncoder().encode(text)),
  fc.string({ minLength: 60, maxLength: 200 }).map((text) => new TextEncoder().encode(text)),
  fc.uint8Array({ maxLength: 4 }),
  fc.constantFrom(Uint8Array.of(0xed, 0xa0, 0x80), Uint8Array.of(0xc0, 0x80), Uint8Array.of(0xf0, 0x9f, 0x98)),
);

Deno.test("findBadUtf8() and readText() agree with the platform, at any offset and alignment", () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), fc.nat(9), fc.nat(9), (pieces, before, shift) => {
      const content = Uint8Array.from(pieces.flatMap((bytes) => [...bytes]));
      const bytes = new Uint8Array(new ArrayBuffer(content.length + before + shift + 3), shift);
      bytes.set(content, before);
      const end = before + content.length;
      const bad = firstBad(content);
      assertEquals(findBadUtf8(bytes, before, end), bad < 0 ? -1 : before + bad);
      assertEquals(isAscii(bytes, before, end), content.every((byte) => byte < 128));
      if (bad < 0) assertSame(readText(bytes, before, end), strict.decode(content));
      else assertEquals(assertThrows(() => readText(bytes, before, end), ProtocolError).offset, before + bad);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("readText() takes texts of every length up to 100", () => {
  const letters = Uint8Array.from({ length: 100 }, (_, i) => 0x20 + i % 95);
  for (let length = 0; length <= 100; length++) {
    assertSame(readText(letters, 0, length), String.fromCharCode(...letters.subarray(0, length)));
  }
});
