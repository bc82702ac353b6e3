import { MoatStreamReader } from "../../../../wire/link/moat/stream_reader.ts";
import { encode } from "../../../../wire/msgpack/encoder.ts";
import type { Value } from "../../../../wire/value.ts";
import { assertEquals } from "../../../support/assert.ts";

const join = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
const text = (each: string) => new TextEncoder().encode(each);

/** What a reader makes of a stream in two pieces. */
function read(stream: Uint8Array, cut: number, leadIn: number | undefined): [Value[], string, number] {
  const messages: Value[] = [];
  const console: number[] = [];
  const reader = new MoatStreamReader({
    message: (value) => void messages.push(value),
    console: (bytes) => void console.push(...bytes),
  }, leadIn);
  reader.push(stream.subarray(0, cut));
  reader.push(stream.subarray(cut));
  return [messages, new TextDecoder().decode(Uint8Array.from(console)), reader.badBytes];
}

const message = { i: 3, d: 21.5, n: 17 };

Deno.test("MoatStreamReader, mode P: messages behind their lead-in, text between them, wherever it is cut", () => {
  const led = join(Uint8Array.of(0x85), encode(message));
  const stream = join(text("boot\n"), led, led, text("Grüße"), led);
  for (let cut = 0; cut <= stream.length; cut++) {
    assertEquals(read(stream, cut, 0x85), [[message, message, message], "boot\nGrüße", 0]);
  }
});

Deno.test("MoatStreamReader, mode R: integers are text, the rest are messages", () => {
  const stream = join(encode(message), text("hi\n"), encode([1, 2]), encode(message));
  for (let cut = 0; cut <= stream.length; cut++) {
    assertEquals(read(stream, cut, undefined), [[message, [1, 2], message], "hi\n", 0]);
  }
});

Deno.test("MoatStreamReader goes on behind what is no msgpack", () => {
  assertEquals(read(join(Uint8Array.of(0xc1, 0xc1), encode(message)), 1, undefined), [[message], "", 2]);
  assertEquals(read(join(Uint8Array.of(0x85, 0xc1, 0x85), encode(message)), 1, 0x85)[0], [message]);
});
