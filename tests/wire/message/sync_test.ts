import { KvError } from "../../../wire/errors.ts";
import {
  encodeSync,
  readSync,
  sentBy,
  type SyncField,
  type SyncMessage,
  ticksField,
} from "../../../wire/message/sync.ts";
import { encodeHead } from "../../../wire/message/sync_heads.ts";
import { encodeSyncEvent, type LinkOut } from "../../../wire/message/sync_update.ts";
import { encode, Encoder } from "../../../wire/msgpack/encoder.ts";
import { keysOf } from "../../../wire/path/keys.ts";
import { parsePath } from "../../../wire/path/parse.ts";
import type { Value } from "../../../wire/value.ts";
import { assertEquals, assertThrows, assertTrue } from "../../support/assert.ts";

const sender = { node: "a", id: "process 1" };

function bytesOf(t: SyncMessage["t"], fields: { readonly [key: string]: SyncField } = {}): Uint8Array {
  const out = new Encoder();
  encodeSync(out, t, sender, fields);
  return out.take();
}

function ticks(sets: { [writer: string]: [number, number][] }): SyncField {
  return ticksField(
    new Map(
      Object.entries(sets).map(([writer, ranges]) => [writer, {
        encode(out: Encoder) {
          out.arrayHeader(ranges.length);
          for (const [first, last] of ranges) {
            out.arrayHeader(2);
            out.int(first);
            out.int(last + 1);
          }
        },
      }]),
    ),
  );
}

function link(...pairs: [string, number][]): LinkOut {
  return pairs.reduceRight<LinkOut | null>((prev, [name, tick]) => ({ writer: { name }, tick, prev }), null)!;
}

function eventBytes(path: string, tock: number, head: LinkOut, replaces?: number[], value?: Value): Uint8Array {
  const out = new Encoder();
  const keys = keysOf(parsePath(path));
  encodeSyncEvent(out, keys, keys.length, tock, head, replaces, value !== undefined);
  if (value !== undefined) out.value(value);
  return out.take();
}

function update(...events: Uint8Array[]): Uint8Array {
  return bytesOf("update", {
    tock: 9,
    events: (out) => {
      out.arrayHeader(events.length);
      for (const event of events) out.raw(event);
    },
  });
}

/** One of every kind. */
const messages: Uint8Array[] = [
  bytesOf("have", {
    writer: "a~abcdefgh",
    lives: { a: "x", "a~abcdefgh": "y" },
    have: ticks({ a: [[1, 5], [7, 7]], b: [[1, 1]] }),
    disk: ticks({ a: [[1, 3]] }),
    members: ["a", "b"],
    forgotten: ["c"],
    at: ["tcp://10.0.0.5:27586"],
    digest: "0123",
    ready: true,
    quiet: true,
    wanted: true,
    back: 2,
    memory: true,
    silent: true,
    was: ["a"],
  }),
  update(
    eventBytes("x:1.y", 8, link(["a", 7], ["b", 3]), [5, 6], { any: [1, null] }),
    eventBytes(":n.member.a", 9, link(["a", 8])),
  ),
  bytesOf("want", { to: "b", ticks: ticks({ a: [[2, 9]] }) }),
  bytesOf("claim", { for: "b", known: ticks({ a: [[1, 1]] }), have: ticks({ a: [[1, 2]] }), nr: 3, part: 0 }),
  bytesOf("heads", {
    to: "b",
    at: "process 2",
    nr: 1,
    why: "digest",
    last: true,
    have: ticks({ a: [[1, 7]] }),
    heads: (out) => {
      out.arrayHeader(1);
      encodeHead(out, keysOf(parsePath("x.y")), 4, link(["a", 7], ["b", 3]));
    },
  }),
  bytesOf("gone", { for: "b", nr: 1, why: "resync", gone: [], have: ticks({}) }),
  bytesOf("bye"),
  bytesOf("ask"),
];

Deno.test("readSync() reads what encodeSync() writes", () => {
  const [have, changes, want, claim, heads, gone, bye, ask] = messages.map((bytes) => readSync(bytes));
  assertEquals(have, {
    t: "have",
    ...sender,
    writer: "a~abcdefgh",
    lives: new Map([["a", "x"], ["a~abcdefgh", "y"]]),
    have: new Map([["a", [[1, 5], [7, 7]]], ["b", [[1, 1]]]]) as never,
    disk: new Map([["a", [[1, 3]]]]) as never,
    lost: new Map(),
    members: ["a", "b"],
    forgotten: ["c"],
    at: ["tcp://10.0.0.5:27586"],
    digest: "0123",
    isReady: true,
    isQuiet: true,
    isWanted: true,
    back: 2,
    isMemoryOnly: true,
    isSilent: true,
    was: ["a"],
    nr: 0,
    part: 0,
    parts: 1,
  });
  assertTrue(changes?.t === "update");
  const [first, second] = changes.events;
  assertEquals([first.keys, first.tock, first.chain, first.replaces], [
    ["x", 1, "y"],
    8,
    { node: "a", tick: 7, prev: { node: "b", tick: 3, prev: null } },
    [5, 6],
  ]);
  assertEquals(first.bytes!.slice(first.start, first.end), encode({ any: [1, null] }));
  assertEquals([second.keys, second.bytes, second.replaces], [[null, "member", "a"], null, undefined]);
  assertEquals(want, { t: "want", ...sender, to: "b", ticks: new Map([["a", [[2, 9]]]]) as never });
  assertTrue(claim?.t === "claim" && claim.nr === 3 && claim.part === 0 && claim.have !== undefined);
  assertTrue(heads?.t === "heads" && heads.isLast && heads.heads[0].links.length === 2);
  assertTrue(gone?.t === "gone" && gone.have.size === 0);
  assertEquals(bye, { t: "bye", ...sender });
  assertEquals(ask, { t: "ask", ...sender });
});

Deno.test("sentBy() knows a sender's own messages by name and process", () => {
  const isOwn = sentBy(sender);
  assertEquals(isOwn(bytesOf("bye")), true);
  assertEquals(isOwn(bytesOf("want", { to: null, ticks: ticks({ b: [[1, 2]] }) })), true);
  const bye = bytesOf("bye");
  for (let at = 0; at < bye.length; at++) assertEquals(isOwn(bye.slice(0, at)), false, String(at));
  for (const other of [{ node: "a", id: "process 2" }, { node: "b", id: "process 1" }]) {
    const out = new Encoder();
    encodeSync(out, "bye", other, {});
    assertEquals(isOwn(out.take()), false);
  }
});

Deno.test("readSync() ignores kinds and fields that it does not know", () => {
  assertEquals(readSync(bytesOf("news" as never, { x: 1 })), undefined);
  assertEquals(readSync(bytesOf("bye", { later: { a: [1] } })), { t: "bye", ...sender });
});

Deno.test("readSync() refuses every truncation and every message that is no map", () => {
  for (const bytes of messages) {
    for (let end = 0; end < bytes.length; end++) {
      assertThrows(() => readSync(bytes.slice(0, end)), KvError);
    }
    assertThrows(() => readSync(Uint8Array.of(...bytes, 0xc0)), KvError);
  }
  for (const value of [null, 1, "have", [], new Uint8Array(3)]) assertThrows(() => readSync(encode(value)), KvError);
});

Deno.test("readSync() throws nothing but errors of its own, whatever byte is changed", () => {
  for (const bytes of messages) {
    for (let at = 0; at < bytes.length; at++) {
      for (const change of [0x01, 0x80, 0xff, 0x10]) {
        const broken = bytes.slice();
        broken[at] ^= change;
        try {
          readSync(broken);
        } catch (error) {
          assertTrue(error instanceof KvError, String(error));
        }
      }
    }
  }
});

Deno.test("readSync() checks every field", () => {
  const have = { writer: "a", have: ticks({}), members: [], forgotten: [], at: [], digest: "", lives: {} };
  const bad: [SyncMessage["t"], { [key: string]: SyncField }][] = [
    ["have", { ...have, writer: "" }],
    ["have", { ...have, writer: 7 }],
    ["have", { ...have, writer: "x".repeat(300) }],
    ["have", { ...have, have: [] }],
    ["have", { ...have, have: { a: "1" } }],
    ["have", { ...have, have: { a: [0] } }],
    ["have", { ...have, have: { a: [-1] } }],
    ["have", { ...have, have: { a: [[5, 3]] } }],
    ["have", { ...have, have: { a: [2 ** 53] } }],
    ["have", { ...have, have: { a: [[1, 2 ** 53 - 1], 2 ** 53 - 1] } }],
    ["have", { ...have, have: undefined }],
    ["have", { ...have, disk: 1 }],
    ["have", { ...have, members: "a" }],
    ["have", { ...have, members: [1] }],
    ["have", { ...have, lives: { a: 1 } }],
    ["have", { ...have, back: -1 }],
    ["update", { tock: "x", events: [] }],
    ["update", { tock: 1 }],
    ["update", { tock: 1, events: {} }],
    ["want", { to: 1, ticks: ticks({}) }],
    ["want", { to: "b" }],
    ["claim", { for: "b", known: ticks({}), nr: 1 }],
    ["claim", { for: null, known: ticks({}), nr: 1, part: 0 }],
    ["heads", { to: "b", at: "x", nr: 1, why: "fun", heads: [], have: ticks({}) }],
    ["heads", { to: "b", at: "x", nr: 1, why: "digest", heads: [[1, 2, "a", 3]], have: ticks({}) }],
    ["heads", { to: "b", at: "x", nr: 1, why: "digest", heads: [["x"]], have: ticks({}) }],
    ["gone", { for: "b", nr: 1, why: "digest", gone: {}, have: ticks({}) }],
  ];
  for (const [t, fields] of bad) assertThrows(() => readSync(bytesOf(t, fields)), KvError);
  assertThrows(() => readSync(encode({ t: "bye", node: "a" })), KvError);
  assertThrows(() => readSync(encode({ t: "bye", node: 1, id: "x" })), KvError);
});

Deno.test("readSync() leaves out events that are none, and keeps the others", () => {
  const good = eventBytes("p", 1, link(["a", 1]), undefined, 1);
  const long = link(...Array.from({ length: 65 }, (_, i): [string, number] => [`n${i}`, 1]));
  const bad: Uint8Array[] = [
    encode(1),
    encode([]),
    encode(["p", 1, ["a", 1], null]),
    encode([{ p: 1 }, 1, ["a", 1], null]),
    encode([["p"], 1, [], null]),
    encode([["p"], 1, ["a"], null]),
    encode([["p"], 1, [1, 1], null]),
    encode([["p"], 1, { a: 1 }, null]),
    encode([["p"], 1, ["a", 1], 3]),
    eventBytes("p", 1, long),
  ];
  const message = readSync(update(...bad, good, ...bad));
  assertTrue(message?.t === "update");
  assertEquals(message.events.length, 1);
  assertEquals(message.events.at(-1)!.keys, ["p"]);
  assertEquals(message.refused.length, 2 * bad.length);
});
