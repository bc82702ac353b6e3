import { MessageReader } from "../../../wire/msgpack/chunks.ts";
import { decode, Decoder } from "../../../wire/msgpack/decoder.ts";
import { encode } from "../../../wire/msgpack/encoder.ts";
import { skip } from "../../../wire/msgpack/skip.ts";
import { ProtocolError } from "../../../wire/errors.ts";
import type { Value } from "../../../wire/value.ts";
import { assertEquals, assertThrows, assertTrue } from "../../support/assert.ts";
import { bytesOf, type Json, readVectorBytes, readVectors, valueOf, type Vector } from "../../support/vectors.ts";
import { drain } from "./support.ts";

/** Each file, the field that shows its value, and how many of its lines have bytes that can be read. */
const files: readonly [name: string, field: string, count: number][] = [
  ["msgpack.jsonl", "value", 46],
  ["client-server.jsonl", "msg", 1302],
  ["mqtt.jsonl", "msg", 94],
  ["server-sync-tcp.jsonl", "msg", 57],
];

const states = ["log-dest", "log-incremental", "log-save", "log-save-full", "cli-log-dest", "cli-log-save"]
  .concat("cli-log-save-full", "dump-init");

/** The lines with bytes that are msgpack. */
function encoded(name: string): { vector: Vector; bytes: Uint8Array }[] {
  return readVectors(name).filter((vector) => !("undecodable" in vector)).flatMap((vector) => {
    const bytes = bytesOf(vector);
    return bytes === undefined ? [] : [{ vector, bytes }];
  });
}

function place(name: string, vector: Vector): string {
  return `${name}: ${vector.n ?? vector.repr ?? vector.off} ${vector.label ?? ""}`;
}

for (const [name, field, count] of files) {
  Deno.test(`${name}: what the original sent is decoded as it says, and encoded to the same bytes`, () => {
    const lines = encoded(name);
    assertEquals(lines.length, count);
    for (const { vector, bytes } of lines) {
      const value = decode(bytes);
      if (vector[field] !== "(long)") assertEquals(value, valueOf(vector[field] as Json), place(name, vector));
      assertEquals(encode(value).toHex(), vector.hex as string, place(name, vector));
      assertEquals(skip(bytes, 0, bytes.length), bytes.length, place(name, vector));
    }
  });

  Deno.test(`${name}: a truncated message is an error to decode(), and incomplete to skip()`, () => {
    for (const { vector, bytes } of encoded(name)) {
      for (let end = 0; end < bytes.length; end += 1 + (end >>> 7)) {
        assertEquals(skip(bytes, 0, end), -1, place(name, vector));
        const error = assertThrows(() => decode(bytes, 0, end), ProtocolError, "Truncated");
        assertEquals(error.offset, end);
      }
    }
  });
}

Deno.test("client-server.jsonl: a direction's messages come out whole, wherever its bytes are cut", () => {
  const messages = encoded("client-server.jsonl").filter(({ vector }) => vector.conn === 5).map(({ bytes }) => bytes);
  const stream = new Uint8Array(messages.reduce((length, bytes) => length + bytes.length, 0));
  messages.reduce((at, bytes) => (stream.set(bytes, at), at + bytes.length), 0);
  assertTrue(messages.length > 50);
  for (const size of [1, 2, 3, 7, 61, 1000, stream.length]) {
    const reader = new MessageReader();
    const found: Uint8Array[] = [];
    for (let at = 0; at < stream.length; at += size) {
      reader.push(stream.subarray(at, at + size));
      found.push(...drain(reader));
    }
    assertEquals(found, messages, `${size} bytes at a time`);
    assertEquals(reader.pendingBytes, 0);
  }
});

Deno.test("the one message that the original could not decode is refused", () => {
  const [vector] = readVectors("client-server.jsonl").filter((line) => "undecodable" in line);
  const bytes = bytesOf(vector)!;
  assertThrows(() => decode(bytes), ProtocolError, "c1 is not msgpack at byte 0");
  assertThrows(() => skip(bytes, 0, bytes.length), ProtocolError, "c1 is not msgpack at byte 0");
});

for (const name of states) {
  Deno.test(`${name}.state: every record is read as it says, and written to the same bytes`, () => {
    const bytes = readVectorBytes(`${name}.state`);
    const records = readVectors(`${name}.state.txt`);
    const decoder = new Decoder(bytes);
    const reader = new MessageReader();
    reader.push(bytes);
    for (const { off, len, msg, hex } of records) {
      assertEquals(decoder.offset, Number(off));
      const value: Value = decoder.value();
      assertEquals(decoder.offset - Number(off), Number(len));
      assertEquals(value, valueOf(msg as Json));
      assertEquals(encode(value).toHex(), String(hex));
      assertTrue(reader.next());
      assertEquals([reader.start, reader.end], [Number(off), decoder.offset]);
    }
    assertTrue(decoder.done);
  });
}
