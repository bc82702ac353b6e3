import { ProtocolError } from "../../../wire/errors.ts";
import { messageBytesMax } from "../../../wire/limits.ts";
import { MessageReader } from "../../../wire/msgpack/chunks.ts";
import { encode } from "../../../wire/msgpack/encoder.ts";
import { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import { assertEquals, assertFalse, assertSame, assertThrows, assertTrue } from "../../support/assert.ts";
import { drain, hex } from "./support.ts";

const value: Value = {
  seq: 1,
  path: Path.of("a", ["b", 3], "longer than anything"),
  text: "äöü".repeat(20),
  list: [1, [2, [], [{}, 300]], 1.5],
  map: new Map<Value, Value>([[[1, Path.of("k")], null]]),
  bytes: new Uint8Array(300),
};

function reading(...chunks: Uint8Array[]): MessageReader {
  const reader = new MessageReader();
  for (const chunk of chunks) reader.push(chunk);
  return reader;
}

Deno.test("MessageReader finds messages wherever two cuts are made", () => {
  const one = encode(value);
  const bytes = Uint8Array.from([...one, 7, ...one]);
  for (let a = 0; a <= bytes.length; a += 3) {
    for (let b = a; b <= bytes.length; b += 7) {
      const reader = new MessageReader();
      const found: Uint8Array[] = [];
      for (const chunk of [bytes.subarray(0, a), bytes.subarray(a, b), bytes.subarray(b)]) {
        reader.push(chunk);
        found.push(...drain(reader));
      }
      assertEquals(found, [one, Uint8Array.of(7), one]);
    }
  }
});

Deno.test("MessageReader finds messages that come byte by byte, asked after each or only now and then", () => {
  const one = encode(value);
  const bytes = Uint8Array.from([...one, ...one, ...one]);
  for (const every of [1, 2, 5, one.length - 1, one.length + 1]) {
    const reader = new MessageReader();
    const found: Uint8Array[] = [];
    bytes.forEach((byte, i) => {
      reader.push(Uint8Array.of(byte));
      if (i % every === 0) found.push(...drain(reader));
    });
    found.push(...drain(reader));
    assertEquals(found, [one, one, one]);
  }
});

Deno.test("MessageReader.next() goes on from message to message and says what is pending", () => {
  const reader = reading(hex("01 a161 92"));
  assertEquals(reader.pendingBytes, 4);
  assertTrue(reader.next());
  assertEquals([reader.start, reader.end, reader.pendingBytes], [0, 1, 3]);
  assertTrue(reader.next());
  assertEquals([reader.start, reader.end, reader.pendingBytes], [1, 3, 1]);
  assertFalse(reader.next());
  assertFalse(reader.next());
  assertEquals([reader.start, reader.end, reader.pendingBytes], [1, 3, 1]);
  reader.push(hex("c0c0"));
  assertTrue(reader.next());
  assertEquals(reader.bytes.slice(reader.start, reader.end), hex("92c0c0"));
  assertFalse(reader.next());
  assertEquals(reader.pendingBytes, 0);
});

Deno.test("MessageReader.writable() and advance() take what a socket read, without a copy", () => {
  const reader = new MessageReader();
  const one = encode(value);
  for (let i = 0; i < 1000; i++) {
    const room = reader.writable(one.length);
    assertTrue(room.length >= one.length);
    room.set(one);
    reader.advance(one.length);
    assertTrue(reader.next());
    assertSame(reader.bytes.buffer, room.buffer);
  }
  assertTrue(reader.bytes.length < 64 * 1024, "the buffer is used again");
});

Deno.test("MessageReader.writable() offers little at first, and more to who fills it", () => {
  const reader = new MessageReader();
  const first = reader.writable().length;
  assertTrue(first <= 4096);
  for (let i = 0; i < 100; i++) {
    const room = reader.writable();
    reader.advance(room.length);
    while (reader.next());
  }
  assertEquals(reader.writable().length, 64 * 1024);
});

Deno.test("MessageReader gives a large buffer back when it is empty", () => {
  const reader = reading(encode(new Uint8Array(3_000_000)), hex("c0"));
  assertTrue(reader.next());
  reader.writable();
  assertTrue(reader.bytes.length > 3_000_000, "something is pending");
  assertTrue(reader.next());
  reader.writable();
  assertTrue(reader.bytes.length <= 64 * 1024);
});

Deno.test("MessageReader looks at a long message once, however small its pieces are", () => {
  const items = 200_000;
  const bytes = encode(Array.from({ length: items }, (_, i) => i % 3 === 0 ? "ab" : i % 3 === 1 ? [] : { a: 1 }));
  const reader = new MessageReader();
  reader.writable(bytes.length);
  let looks = 0;
  reader.bytes = new Proxy(reader.bytes, {
    get(target, key) {
      if (typeof key === "string" && /^\d/.test(key)) looks++;
      const value = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  for (let at = 0; at < bytes.length; at += 16) {
    reader.push(bytes.subarray(at, at + 16));
    if (reader.next()) assertEquals(reader.end, bytes.length);
  }
  assertTrue(looks > items && looks < 3 * bytes.length, `${looks} looks at ${bytes.length} bytes`);
  assertEquals(reader.end, bytes.length);
});

Deno.test("MessageReader refuses a message that is too long, as soon as it says so", () => {
  const limits: [string, number][] = [
    ["c40b", 12],
    ["ab", 11],
    ["dc000a", 12],
    ["de0005", 12],
    ["92c405", 7],
    ["c70a07", 12],
    ["920101", 2],
    ["ddffffffff", messageBytesMax],
    ["dfffffffff", messageBytesMax],
    ["dbffffffff", messageBytesMax],
    ["c6ffffffff", messageBytesMax],
    ["c9ffffffff03", messageBytesMax],
  ];
  for (const [text, max] of limits) {
    const reader = new MessageReader(max);
    reader.push(hex(text));
    const error = assertThrows(() => reader.next(), ProtocolError, `A message is longer than ${max} bytes`);
    assertEquals(error.offset, max);
  }
});

Deno.test("MessageReader takes a message of just the longest length, after another one too", () => {
  const reader = new MessageReader(100);
  const longest = encode(new Uint8Array(98));
  for (let i = 0; i < 3; i++) {
    reader.push(longest.subarray(0, 50));
    assertFalse(reader.next());
    reader.push(longest.subarray(50));
    assertTrue(reader.next());
  }
  reader.push(encode(new Uint8Array(99)));
  assertThrows(() => reader.next(), ProtocolError, "longer than 100 bytes");
});

Deno.test("MessageReader counts offsets of errors from the start of the message, and stays at the error", () => {
  const reader = reading(hex("c0 c0 9201c1"));
  assertTrue(reader.next());
  assertTrue(reader.next());
  for (let i = 0; i < 3; i++) {
    const error = assertThrows(() => reader.next(), ProtocolError, "c1 is not msgpack at byte 2");
    assertEquals(error.offset, 2);
  }
  const utf8 = reading(hex("c0 91a3616180"));
  assertTrue(utf8.next());
  assertEquals(assertThrows(() => utf8.next(), ProtocolError, "UTF-8").offset, 4);
  const time = reading(hex("c0 91c703ff010203"));
  assertTrue(time.next());
  assertEquals(assertThrows(() => time.next(), ProtocolError, "timestamp").offset, 4);
});

Deno.test("MessageReader refuses garbage in the first half of a message before the second has come", () => {
  for (const text of ["93c1", "93a1ff", "938180", "92".repeat(101), "93d40380"]) {
    assertThrows(() => reading(hex(text)).next(), ProtocolError);
  }
});
