import fc from "fast-check";
import { KvError, ProtocolError, RequestError } from "../../../wire/errors.ts";
import { pathElementsMax } from "../../../wire/limits.ts";
import { encode, Encoder } from "../../../wire/msgpack/encoder.ts";
import {
  type ElementKey,
  elementOf,
  encodeArray,
  encodeKey,
  encodePath,
  KeyObject,
  keyOf,
  keysOf,
  readPathKeys,
} from "../../../wire/path/keys.ts";
import { internText } from "../../../wire/path/interned_text.ts";
import { Path } from "../../../wire/path/path.ts";
import { Float } from "../../../wire/value.ts";
import { assertEquals, assertInstance, assertSame, assertThrows, assertTrue } from "../../support/assert.ts";
import { readVectors } from "../../support/vectors.ts";
import { anyPath, plain } from "./support.ts";

function keys(bytes: Uint8Array): ElementKey[] {
  const out: ElementKey[] = [];
  out.length = readPathKeys(bytes, 0, bytes.length, out);
  return out;
}

function bytesOf(write: (out: Encoder) => void): Uint8Array {
  const out = new Encoder();
  write(out);
  return out.take();
}

Deno.test("readPathKeys() reads what encodePath() and encodeArray() write, and keys are the same objects again", () => {
  fc.assert(
    fc.property(anyPath, (path) => {
      const expected = keysOf(path);
      for (const bytes of [bytesOf((out) => encodePath(out, expected)), bytesOf((out) => encodeArray(out, expected))]) {
        const found = keys(bytes);
        assertEquals(found.length, expected.length);
        found.forEach((key, i) => assertSame(key, expected[i]));
      }
      assertEquals(plain(Path.from(expected.map(elementOf))), plain(path.marked("")));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("encodePath() writes the bytes of Encoder.path() and of the original", () => {
  fc.assert(
    fc.property(anyPath, (path) => {
      const expected = encode(path.marked("")).toHex();
      assertEquals(bytesOf((out) => encodePath(out, keysOf(path))).toHex(), expected);
    }),
    { numRuns: 1000 },
  );
  for (const { msgpack, mark, str } of readVectors("paths.jsonl") as unknown as readonly Record<string, string>[]) {
    if (msgpack === undefined || mark !== undefined || /000:\.0|^:-0:\.0|e\+100|nan/.test(str)) continue;
    assertEquals(bytesOf((out) => encodePath(out, keys(Uint8Array.fromHex(msgpack)))).toHex(), msgpack, str);
  }
  for (const length of [0, 1, 15, 16, 17, 254, 255, 256, 257, 300, 16_000]) { // every form of the head
    const key = ["x".repeat(length)];
    assertEquals(bytesOf((out) => encodePath(out, key)).toHex(), encode(Path.of(...key)).toHex());
  }
  const huge = ["x".repeat(70_000)];
  assertEquals(bytesOf((out) => encodePath(out, huge)).toHex(), encode(Path.of(...huge)).toHex());
});

Deno.test("parts of key lists are encoded", () => {
  const list = ["a", "b", 3, "d"];
  assertEquals(keys(bytesOf((out) => encodePath(out, list, 1, 3))), ["b", 3]);
  assertEquals(keys(bytesOf((out) => encodeArray(out, list, 2))), [3, "d"]);
});

Deno.test("floats without a fraction are integers, other numbers stay apart", () => {
  const read = (hex: string) => keys(Uint8Array.fromHex(hex));
  assertEquals(read("91cb3ff0000000000000"), [1]);
  assertSame(read("91cb8000000000000000")[0], 0);
  assertEquals(read("91ca3fc00000"), [1.5]);
  assertEquals(read("91ca42c80000"), [100]);
  assertEquals(read("91cb43e0000000000000"), [2n ** 63n]);
  assertEquals(read("91cbc3e0000000000000"), [-(2n ** 63n)]);
  assertEquals(read("91cb7ff0000000000000"), [Infinity]);
  assertEquals(read("94c201c3a131"), [false, 1, true, "1"]);
  assertEquals(read("93ccffcd0100ce00010000"), [255, 256, 65536]);
  assertEquals(read("94ffd080d18000d280000000"), [-1, -128, -32768, -(2 ** 31)]);
  assertEquals(read("92cf0020000000000000d3ffe0000000000000"), [2n ** 53n, -(2n ** 53n)]);
  assertEquals(read("91cf001fffffffffffff"), [Number.MAX_SAFE_INTEGER]);
  assertEquals(read("92d40205c70902010000000000000000"), [5, 2n ** 64n]);
  assertEquals(read("91c70002"), [0]);
  assertSame(keyOf(Path.of(new Float(3)).elements[0]), 3);
});

Deno.test("bytes and tuples of the same content are one key", () => {
  const [bytes, tuple, path] = keys(Uint8Array.fromHex("93c40161" + "92" + "01a162" + "c7030301a162"));
  assertInstance(bytes, KeyObject);
  assertSame(bytes, keyOf(Uint8Array.of(97)));
  assertSame(tuple, keyOf(Path.of(1, "b")));
  assertSame(path, tuple);
  assertTrue(keys(Uint8Array.fromHex("91c40162"))[0] !== bytes);
  assertTrue(keyOf("a") !== bytes);
  const source = Uint8Array.of(1, 2);
  const key = keyOf(source) as KeyObject;
  source[0] = 9;
  assertEquals(key.element, Uint8Array.of(1, 2));
});

Deno.test("what is no path is refused with a reason", () => {
  const refused: readonly (readonly [string, string])[] = [
    ["a3666f6f", "A path must be a Path or an array, not a text"],
    ["d903666f6f", "A path must be a Path or an array, not a text"],
    ["01", "A path cannot be a single value"],
    ["c0", "A path cannot be a single value"],
    ["c40161", "A path cannot be a single value"],
    ["80", "A path cannot be a map"],
    ["d40461", "A path cannot be an extension type"],
    ["9180", "A path element cannot be a map"],
    ["91de0000", "A path element cannot be a map"],
    ["919180", "A path element cannot be a map"],
    ["91d4045f", "A path element cannot be an extension type"],
    ["91d6ff00000000", "A path element cannot be an extension type"],
    ["91cb7ff8000000000000", "A path element cannot be NaN"],
    ["91ca7fc00000", "A path element cannot be NaN"],
  ];
  for (const [hex, text] of refused) {
    const error = assertThrows(() => keys(Uint8Array.fromHex(hex)), RequestError);
    assertEquals(error.message, text, hex);
  }
});

Deno.test("long, deep and cut off paths are refused", () => {
  const many = encode(new Array(pathElementsMax + 1).fill(1));
  assertThrows(() => keys(many), RequestError, "more than 256 elements");
  assertEquals(keys(encode(new Array(pathElementsMax).fill(1))).length, pathElementsMax);
  assertThrows(() => keys(encode(["x".repeat(17_000)])), RequestError, "more than 16384 bytes");
  assertThrows(() => keys(Uint8Array.from([...new Array(150).fill(0x91), 0x01])), RequestError, "nested deeper");
  assertThrows(() => keys(Uint8Array.of(0x91, 0xdd, 0xff, 0xff, 0xff, 0xff)), KvError);
});

Deno.test("no bytes make the reader fail in another way, or read beyond their end", () => {
  const heads = fc.constantFrom(
    0x90,
    0x91,
    0x92,
    0xa1,
    0xc0,
    0xc4,
    0xc7,
    0xcb,
    0xcf,
    0xd4,
    0xd6,
    0xd9,
    0xdc,
    0xdd,
    3,
    6,
    2,
  );
  const noise = fc.array(fc.oneof(heads, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 24 });
  fc.assert(
    fc.property(noise, (list) => {
      const bytes = Uint8Array.from(list);
      const followed = Uint8Array.from([...list, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61]);
      let found: ElementKey[] | undefined;
      try {
        found = keys(bytes);
      } catch (error) {
        assertInstance(error, KvError);
      }
      const out: ElementKey[] = [];
      try {
        out.length = readPathKeys(followed, 0, bytes.length, out);
        assertEquals(out, found);
      } catch (error) {
        if (!(error instanceof KvError)) throw error;
        assertEquals(found, undefined);
      }
    }),
    { numRuns: 3000 },
  );
});

Deno.test("every truncated prefix of a path is refused", () => {
  fc.assert(
    fc.property(anyPath.filter((path) => path.length > 0), (path) => {
      const bytes = bytesOf((out) => encodeArray(out, keysOf(path)));
      for (let end = 1; end < bytes.length; end++) {
        assertThrows(() => readPathKeys(bytes, 0, end, []), KvError);
      }
    }),
    { numRuns: 200 },
  );
});

Deno.test("internText() returns the text of the bytes, whatever was in its place before", () => {
  const texts = fc.array(fc.string({ unit: "binary", maxLength: 40 }), { maxLength: 50 });
  fc.assert(fc.property(texts, (list) => {
    for (const text of [...list, ...list]) {
      const bytes = new TextEncoder().encode(text);
      assertEquals(internText(bytes, 0, bytes.length), text);
    }
  }));
  assertThrows(() => internText(Uint8Array.of(0xff, 0x61), 0, 2), ProtocolError, "UTF-8");
  for (let i = 0; i < 20_000; i++) {
    const text = `k${i}`;
    const bytes = new TextEncoder().encode(text);
    assertEquals(internText(bytes, 0, bytes.length), text);
  }
});

Deno.test("encodeKey() writes each kind", () => {
  const written = (key: ElementKey) => bytesOf((out) => encodeKey(out, key)).toHex();
  assertEquals(written("a"), "a161");
  assertEquals(written(1.5), "cb3ff8000000000000");
  assertEquals(written(-1e300), "cbfe37e43c8800759c");
  assertEquals(written(2n ** 64n), "c70902010000000000000000");
  assertEquals(written(null) + written(true), "c0c3");
  assertEquals(written(keyOf(Path.of(1, [2]))), "92019102");
});

Deno.test("encodePath() keeps what it wrote when the buffer has to grow, wherever that is", () => {
  const size = 1024;
  for (const length of [0, 1, 2, 3, 4, 8, 15, 16, 17, 255, 256, 300]) {
    const path = Path.of("a".repeat(length));
    for (let room = 0; room <= length + 16; room++) {
      const out = new Encoder(size);
      out.raw(new Uint8Array(size - room));
      encodePath(out, keysOf(path));
      assertEquals(out.take(size - room).toHex(), encode(path).toHex(), `${length} letters, room for ${room} bytes`);
    }
  }
});
