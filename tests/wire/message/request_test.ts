import fc from "fast-check";
import { KvError, ProtocolError } from "../../../wire/errors.ts";
import { requestFieldsMax } from "../../../wire/limits.ts";
import { RequestView, scanRequest } from "../../../wire/message/request.ts";
import { decode } from "../../../wire/msgpack/decoder.ts";
import { encode } from "../../../wire/msgpack/encoder.ts";
import type { Value } from "../../../wire/value.ts";
import { assertEquals, assertFalse, assertInstance, assertThrows, assertTrue } from "../../support/assert.ts";
import { readVectors } from "../../support/vectors.ts";
import { scanned } from "./support.ts";

interface Recorded {
  readonly dir?: string;
  readonly hex?: string;
  readonly len?: number;
}

function raw(view: RequestView, name: string): string {
  return view.bytes.subarray(view.rawStart(name), view.rawEnd(name)).toHex();
}

Deno.test("scanRequest() finds the fields wherever they are", () => {
  const view = scanned(
    encode({ action: "set_value", path: ["a", 1], value: { x: [1.5] }, nchain: 0, seq: 7, idem: true }),
  );
  assertEquals([view.action, view.seq, view.seqKey, view.state], ["set_value", 7, 7, ""]);
  assertEquals(view.bytes.subarray(view.pathStart, view.pathEnd).toHex(), "92a16101");
  assertEquals(view.value("path"), ["a", 1]);
  assertEquals(view.value("value"), { x: [1.5] });
  assertEquals(view.bytes.subarray(view.valueStart, view.valueEnd).toHex(), raw(view, "value"));
  assertEquals([view.int("nchain", 1), view.int("max_depth", -1), view.bool("idem", false)], [0, -1, true]);
  assertTrue(view.has("idem"));
  assertFalse(view.has("chain") || view.has("nonsense"));
  assertEquals([view.rawStart("chain"), view.rawEnd("nonsense"), view.value("chain")], [-1, -1, undefined]);
  assertTrue(Number.isNaN(view.ack));
});

Deno.test("unknown fields, long and binary keys are kept", () => {
  const view = scanned(
    Uint8Array.fromHex(
      "86" + "a3666f6f01" + "d903736571" + "05" + "c403736571" + "09" + "a3c3bc6ea178" + "da0003627a7a" + "02" + "a0c0",
    ),
  );
  assertEquals(view.value("foo"), 1);
  assertEquals(view.value("ün"), "x");
  assertEquals(view.value("bzz"), 2);
  assertEquals(view.value(""), null);
  assertEquals(view.seq, 5, "a key need not be in its shortest form");
});

Deno.test("of a field that comes twice the last one counts", () => {
  assertEquals(scanned(Uint8Array.fromHex("82a373657101a373657102")).seq, 2);
  const view = scanned(Uint8Array.fromHex("82a3666f6f01a3666f6f02"));
  assertEquals(view.value("foo"), 2);
});

Deno.test("a number is echoed as it came, whatever it is", () => {
  const seqs: readonly (readonly [string, number, string | number])[] = [
    ["05", 5, 5],
    ["ff", -1, -1],
    ["cd0005", 5, 5],
    ["ce00010000", 65536, 65536],
    ["d0df", -33, -33],
    ["d1ff7f", -129, -129],
    ["d2ffff7fff", -32769, -32769],
    ["d3ffffffff00000000", -(2 ** 32), -(2 ** 32)],
    ["cf0000000100000000", 2 ** 32, 2 ** 32],
    ["a378797a", NaN, "\xa3xyz"],
    ["cb3ff8000000000000", NaN, "\xcb\x3f\xf8\0\0\0\0\0\0"],
    ["c0", NaN, "\xc0"],
  ];
  for (const [hex, seq, key] of seqs) {
    const view = scanned(Uint8Array.fromHex(`81a3736571${hex}`));
    assertEquals([view.seq, view.seqKey], [seq, key], hex);
    assertEquals(view.bytes.subarray(view.seqStart, view.seqEnd).toHex(), hex);
  }
});

Deno.test("a number beyond 2^53 is not mixed up with its neighbour", () => {
  const [a, b] = ["cf0020000000000000", "cf0020000000000001"].map((hex) =>
    scanned(Uint8Array.fromHex(`81a3736571${hex}`)).seqKey
  );
  assertTrue(a !== b);
});

Deno.test("a text of any length may be a number", () => {
  assertEquals(scanned(encode({ seq: "x".repeat(500_000) })).seqKey, "\xdb\0\x07\xa1\x20" + "x".repeat(500_000));
});

Deno.test("what is no map is passed over", () => {
  for (const value of [null, 5, "text", [1, 2]]) {
    const view = scanned(encode(value));
    assertEquals([view.isMap, view.seqStart, view.action, view.present, view.has("seq")], [false, -1, "", 0, false]);
  }
  const view = scanned(encode({}));
  assertEquals([view.isMap, view.seqStart, view.seqEnd, view.has("action")], [true, -1, -1, false]);
});

Deno.test("fields are read as what they are", () => {
  const view = scanned(
    encode({ a: "x", n: null, f: 1.5, t: true, z: 0, e: "", l: [], m: {}, o: [0], ack: 3, state: "ack" }),
  );
  assertEquals([view.text("a"), view.text("f"), view.text("missing")], ["x", undefined, undefined]);
  assertEquals([view.int("n", 7), view.int("missing", 7)], [7, 7]);
  assertTrue(Number.isNaN(view.int("f", 7)) && Number.isNaN(view.int("a", 7)));
  const truths = ["t", "f", "a", "o", "n", "z", "e", "l", "m"].map((name) => view.bool(name, true));
  assertEquals(truths, [true, true, true, true, false, false, false, false, false]);
  assertEquals([view.bool("missing", true), view.bool("missing", false)], [true, false]);
  assertEquals([view.ack, view.state], [3, "ack"]);
  assertEquals(scanned(encode({ action: 5, state: ["start"] })).action, "");
  assertEquals(scanned(Uint8Array.fromHex("81a6616374696f6ed903676574")).action, "get");
});

Deno.test("large maps and all forms of their head are read", () => {
  const many = Object.fromEntries(Array.from({ length: requestFieldsMax }, (_, i) => [`field${i}`, i]));
  const view = scanned(encode({ ...many, seq: 4 }));
  assertEquals([view.seq, view.value("field0"), view.value("field255")], [4, 0, 255]);
  assertEquals(scanned(Uint8Array.fromHex("df00000001a373657104")).seq, 4);
  assertThrows(() => scanned(encode({ ...many, seq: 4, more: 1 })), ProtocolError, "more than 256 unknown fields");
});

Deno.test("what is malformed is refused", () => {
  for (
    const hex of ["c1", "81a3736571a1ff", "81a1ff01", "81a3736571c1", "818001", "81918001", "81a470617468c70303a16180"]
  ) {
    assertThrows(() => scanned(Uint8Array.fromHex(hex)), ProtocolError);
  }
});

Deno.test("every truncated prefix of the recorded requests is incomplete, and the whole is what decode() finds", () => {
  const view = new RequestView();
  let requests = 0;
  for (const { dir, hex = "", len } of readVectors("client-server.jsonl") as unknown as readonly Recorded[]) {
    if (dir !== "c>s" || hex.length !== 2 * (len ?? 0)) continue;
    const bytes = Uint8Array.fromHex(hex);
    let message: Value;
    try {
      message = decode(bytes);
    } catch {
      continue; // the recording has garbage, too
    }
    requests++;
    for (let end = 0; end < bytes.length; end++) assertEquals(scanRequest(bytes, 0, end, view), -1);
    assertEquals(scanRequest(bytes, 0, bytes.length, view), bytes.length);
    if (!view.isMap) continue;
    for (const [key, value] of Object.entries(message as Record<string, Value>)) assertEquals(view.value(key), value);
  }
  assertTrue(requests > 300, `${requests}`);
});

Deno.test("messages behind each other are read one by one, out of any place in a buffer", () => {
  const field = fc.constantFrom("seq", "action", "path", "value", "chain", "x", "nchain", "state", "long".repeat(20));
  const value: fc.Arbitrary<Value> = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.integer(), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: "grapheme-ascii" }), fc.integer(), { noNullPrototype: true }),
  );
  const messages = fc.array(fc.dictionary(field, value, { noNullPrototype: true }), { maxLength: 5 });
  const view = new RequestView();
  fc.assert(fc.property(messages, fc.nat(5), (list, before) => {
    const encoded = list.map((message) => encode(message));
    const bytes = Uint8Array.from([...new Array(before).fill(0xc1), ...encoded.flatMap((part) => [...part]), 0xc1]);
    let at = before;
    list.forEach((message, i) => {
      const end = at + encoded[i].length;
      for (let cut = at; cut < end; cut++) assertEquals(scanRequest(bytes, at, cut, view), -1);
      at = scanRequest(bytes, at, bytes.length - 1, view);
      assertEquals(at, end);
      const decoded = decode(encoded[i]) as Record<string, Value>;
      assertEquals(view.action, typeof message.action === "string" ? message.action : "");
      for (const key of Object.keys(message)) assertEquals(view.value(key), decoded[key]);
    });
  }));
});

Deno.test("scanRequest() takes what decode() takes, and nothing else", () => {
  const heads = fc.constantFrom(
    0x81,
    0x82,
    0xa1,
    0xa3,
    0x73,
    0x65,
    0x71,
    0x91,
    0xc0,
    0xc1,
    0xc7,
    0xcc,
    0xd4,
    0xd6,
    0xd9,
    0xde,
    3,
    4,
    6,
  );
  const noise = fc.array(fc.oneof(heads, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 20 });
  const view = new RequestView();
  fc.assert(
    fc.property(fc.constantFrom(0x81, 0x82, 0x80), noise, (first, rest) => {
      const bytes = Uint8Array.from([first, ...rest]);
      let end: number | undefined;
      try {
        end = scanRequest(bytes, 0, bytes.length, view);
      } catch (error) {
        assertInstance(error, ProtocolError);
        assertTrue(error.offset >= 0 && error.offset <= bytes.length);
      }
      if (end !== undefined && end > 0) decode(bytes, 0, end);
      else assertThrows(() => decode(bytes), KvError);
    }),
    { numRuns: 5000 },
  );
});
