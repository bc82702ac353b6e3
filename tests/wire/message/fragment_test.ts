import fc from "fast-check";
import { KvError, ProtocolError } from "../../../wire/errors.ts";
import { FragmentJoiner } from "../../../wire/message/fragment.ts";
import { encode } from "../../../wire/msgpack/encoder.ts";
import type { Value } from "../../../wire/value.ts";
import { assertEquals, assertSame, assertThrows } from "../../support/assert.ts";

function pieces(message: Uint8Array, count: number, number = 1, node = "n"): Uint8Array[] {
  const size = Math.max(1, Math.ceil(message.length / count));
  const parts = Array.from(
    { length: Math.ceil(message.length / size) },
    (_, i) => message.slice(i * size, (i + 1) * size),
  );
  return parts.map((part, i) => encode({ _p0: [node, number, i === parts.length - 1 ? -i - 1 : i + 1, part] }));
}

function last(joiner: FragmentJoiner, messages: readonly Uint8Array[], nowMs = 0): Uint8Array | undefined {
  return messages.map((message) => joiner.push(message, nowMs)).at(-1);
}

const message = encode({ path: ["a"], value: "x".repeat(1000) });

Deno.test("pieces are joined in any order, mixed with those of other messages", () => {
  const other = encode({ value: "y".repeat(500) });
  const mixed = [
    ...pieces(message, 5).map((piece) => [message, piece] as const),
    ...pieces(other, 3, 2).map((piece) => [other, piece] as const),
    ...pieces(other, 4, 1, "m").map((piece) => [other, piece] as const),
  ];
  fc.assert(fc.property(fc.shuffledSubarray(mixed, { minLength: mixed.length }), (order) => {
    const joiner = new FragmentJoiner();
    const whole = order.map(([, piece]) => joiner.push(piece, 0)).filter((joined) => joined !== undefined);
    assertEquals(whole.length, 3);
    assertEquals(whole.filter((joined) => joined.length === message.length), [message]);
    assertEquals(joiner.pendingCount, 0);
  }));
});

Deno.test("whole messages pass, those with such keys of their own too", () => {
  const joiner = new FragmentJoiner();
  const own = encode({ _p0: "", _p1: 5 });
  for (const whole of [message, own, encode(5), encode({}), encode({ node: "n", _p0: 1 })]) {
    assertSame(joiner.push(whole, 0), whole);
  }
});

Deno.test("a message of one piece is joined at once", () => {
  assertEquals(new FragmentJoiner().push(encode({ _p0: ["n", 1, -1, message] }), 0), message);
});

Deno.test("a sender that starts anew is not mixed with its former life", () => {
  const joiner = new FragmentJoiner();
  const [first, second] = pieces(encode({ value: "old".repeat(200) }), 3);
  joiner.push(first, 0);
  joiner.push(second, 0);
  assertEquals(last(joiner, pieces(message, 3)), message);
  assertEquals(joiner.pendingCount, 0);
  joiner.push(pieces(message, 5)[4], 0); // a last piece, then another last piece
  assertEquals(last(joiner, pieces(message, 3).reverse()), message);
});

Deno.test("pieces of two lives that cannot be told apart give no message", () => {
  const joiner = new FragmentJoiner();
  joiner.push(encode({ _p0: ["n", 1, 3, Uint8Array.of(1)] }), 0);
  assertEquals(joiner.push(encode({ _p0: ["n", 1, -2, Uint8Array.of(1)] }), 0), undefined);
  assertEquals(joiner.pendingCount, 0);
});

Deno.test("incomplete messages are dropped after a while, and when they hold too much", () => {
  const joiner = new FragmentJoiner();
  joiner.push(pieces(message, 3)[0], 0);
  joiner.push(pieces(message, 3, 2)[0], 9_000);
  assertEquals(joiner.pendingCount, 2);
  joiner.push(pieces(message, 3, 3)[0], 12_000);
  assertEquals(joiner.pendingCount, 2);
  assertEquals(last(joiner, pieces(message, 3, 2).slice(1), 12_000), message);
  const big = new Uint8Array(1024 * 1024);
  for (let i = 0; i < 200; i++) joiner.push(encode({ _p0: ["big", i, 1, big] }), 12_000);
  assertEquals(joiner.pendingCount, 63);
});

Deno.test("pieces of a wrong form are refused", () => {
  const wrong: Value[] = [
    5,
    [],
    ["n", 1, 1],
    [1, 1, 1, Uint8Array.of(1)],
    ["n", "x", 1, Uint8Array.of(1)],
    ["n", 1, 0, Uint8Array.of(1)],
    ["n", 1, 1.5, Uint8Array.of(1)],
    ["n", 1, 10 ** 9, Uint8Array.of(1)],
    ["n", 1, 1, "text"],
  ];
  for (const piece of wrong) assertThrows(() => new FragmentJoiner().push(encode({ _p0: piece }), 0), ProtocolError);
  const whole = encode({ _p0: ["n", 1, 1, Uint8Array.of(1)] });
  for (let end = 6; end < whole.length; end++) {
    assertThrows(() => new FragmentJoiner().push(whole.subarray(0, end), 0), KvError);
  }
});
