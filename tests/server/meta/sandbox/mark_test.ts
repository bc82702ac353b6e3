import fc from "fast-check";
import { lastMark, writeMark } from "../../../../server/meta/sandbox/mark.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("the last mark is found among marks and what the runtime writes", () => {
  const id = fc.integer({ min: 0, max: 2 ** 28 - 1 });
  const text = fc.string({ unit: "grapheme", maxLength: 30 });
  fc.assert(fc.property(fc.array(fc.oneof(id, text)), (parts) => {
    const bytes = parts.flatMap((part) => {
      if (typeof part === "string") return [...new TextEncoder().encode(part)];
      const mark = new Uint8Array(5);
      writeMark(mark, part);
      return [...mark];
    });
    assertEquals(lastMark(Uint8Array.from(bytes)), parts.findLast((part) => typeof part === "number"));
  }));
});

Deno.test("a mark that is cut off is none", () => {
  assertEquals(lastMark(Uint8Array.of(0xff, 1, 2)), undefined);
  assertEquals(lastMark(new Uint8Array(0)), undefined);
});
