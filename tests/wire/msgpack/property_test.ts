import fc from "fast-check";
import { ProtocolError } from "../../../wire/errors.ts";
import { MessageReader } from "../../../wire/msgpack/chunks.ts";
import { decode, Decoder } from "../../../wire/msgpack/decoder.ts";
import { encode, Encoder } from "../../../wire/msgpack/encoder.ts";
import { skip } from "../../../wire/msgpack/skip.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";
import { anyValue, canonical, drain } from "./support.ts";

Deno.test("any value survives encode() and decode(), and its bytes do too", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const bytes = encode(value);
      assertEquals(canonical(decode(bytes)), canonical(value));
      assertEquals(decode(bytes), value);
      assertEquals(encode(decode(bytes)), bytes);
      assertEquals(skip(bytes, 0, bytes.length), bytes.length);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("every true prefix of any value is incomplete to skip(), and truncated to decode()", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const bytes = encode(value);
      for (let end = 0; end < bytes.length; end++) {
        assertEquals(skip(bytes, 0, end), -1);
        assertThrows(() => decode(bytes, 0, end), ProtocolError);
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("any values in a row come out of MessageReader and Decoder, at any cuts", () => {
  fc.assert(
    fc.property(fc.array(anyValue, { maxLength: 6 }), fc.array(fc.nat(200), { maxLength: 12 }), (values, sizes) => {
      const encoder = new Encoder(16);
      for (const value of values) encoder.value(value);
      const stream = encoder.take();
      const reader = new MessageReader();
      const found: Uint8Array[] = [];
      let at = 0;
      for (const size of [...sizes, stream.length]) {
        reader.push(stream.subarray(at, at + size));
        found.push(...drain(reader));
        at += size;
      }
      assertEquals(found, values.map((value) => encode(value)));
      const decoder = new Decoder(stream);
      assertEquals(values.map(() => canonical(decoder.value())), values.map(canonical));
    }),
    { numRuns: 500 },
  );
});

/** What `read` does with the bytes: the offset it comes to, or that they are malformed or incomplete. */
function outcome(read: () => number): number | string {
  try {
    const end = read();
    return end < 0 ? "incomplete" : end;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return error.message.startsWith("Truncated") ? "incomplete" : "malformed";
  }
}

Deno.test("skip() and decode() take and refuse the same bytes", () => {
  const head = fc.constantFrom(
    0x81,
    0x92,
    0xa2,
    0xc1,
    0xc4,
    0xc7,
    0xca,
    0xcb,
    0xcc,
    0xd4,
    0xd5,
    0xd9,
    0xdc,
    0xde,
    0xff,
  );
  const small = fc.integer({ min: 0, max: 6 });
  const bytes = fc.array(fc.oneof(head, small, fc.nat(255)), { minLength: 1, maxLength: 24 });
  fc.assert(
    fc.property(bytes, (numbers) => {
      const input = Uint8Array.from(numbers);
      const skipped = outcome(() => skip(input, 0, input.length));
      const decoder = new Decoder(input);
      const decoded = outcome(() => (decoder.value(), decoder.offset));
      // Of malformed bytes that are incomplete too, one may see this and the other that first.
      if (typeof skipped === "number" || typeof decoded === "number") assertEquals(skipped, decoded);
    }),
    { numRuns: 20_000 },
  );
});
