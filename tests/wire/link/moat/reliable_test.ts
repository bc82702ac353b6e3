import { Reliable, type ReliableSettings } from "../../../../wire/link/moat/reliable.ts";
import { encode } from "../../../../wire/msgpack/encoder.ts";
import type { Value } from "../../../../wire/value.ts";
import { assertEquals, assertTrue } from "../../../support/assert.ts";
import { Random } from "../../../support/random.ts";

/** One end, and what it said. */
class End {
  sent: Value[] = [];
  delivered: Value[] = [];
  downs: string[] = [];
  readonly reliable: Reliable;

  constructor(settings: Partial<ReliableSettings> = {}) {
    this.reliable = new Reliable({
      settings,
      transmit: (message) => void this.sent.push(message),
      deliver: (payload) => void this.delivered.push(payload),
      up: () => {},
      down: (reason) => void this.downs.push(reason),
    });
  }

  /** Hands what was said to the other end. */
  flush(to: End, nowMs = 0): void {
    for (const message of this.sent.splice(0)) to.reliable.receive(message, nowMs);
  }

  get hex(): string[] {
    return this.sent.map((message) => encode(message).toHex());
  }
}

Deno.test("Reliable: the handshake is the original's, byte for byte", () => {
  const a = new End({ timeoutMs: 300, window: 8 });
  const b = new End({ timeoutMs: 200, window: 6 });
  b.reliable.start(0);
  assertEquals(b.hex, ["83a161a172a16e01a16382a174ccc8a16d06"]);
  a.reliable.start(0);
  assertEquals(a.hex, ["83a161a172a16e01a16382a174cd012ca16d08"]);
  const [fromA, fromB] = [a.sent.splice(0), b.sent.splice(0)];
  for (const message of fromB) a.reliable.receive(message, 1);
  for (const message of fromA) b.reliable.receive(message, 1);
  const agreed = { t: 300, m: 6 };
  assertEquals([a.sent, b.sent], [[{ a: "r", n: 2, c: agreed }], [{ a: "r", n: 2, c: agreed }]]);
  a.flush(b, 2);
  b.flush(a, 2);
  assertTrue(a.reliable.isUp && b.reliable.isUp);
});

function connected(settings: Partial<ReliableSettings> = {}): [End, End] {
  const [a, b] = [new End(settings), new End(settings)];
  a.reliable.start(0);
  b.reliable.start(0);
  for (let i = 0; i < 4; i++) a.flush(b), b.flush(a);
  assertTrue(a.reliable.isUp && b.reliable.isUp);
  return [a, b];
}

Deno.test("Reliable: data and its ack look like the original's, and an ack is not acknowledged", () => {
  const [a, b] = connected();
  a.reliable.send({ a: ["f", "stat"], d: { p: "x" }, i: 2 }, 0);
  assertEquals(a.sent, [{ s: 0, d: { a: ["f", "stat"], d: { p: "x" }, i: 2 }, r: 0 }]);
  a.flush(b);
  assertEquals(b.hex, ["82a17300a17201"]);
  b.flush(a);
  assertEquals(a.sent, []);
  assertEquals(b.delivered.length, 1);
});

Deno.test("Reliable: no more than half the window is on its way; the rest waits", () => {
  const [a, b] = connected({ window: 8 });
  for (let i = 0; i < 10; i++) a.reliable.send(i, 0);
  assertEquals([a.sent.length, a.reliable.waiting], [4, 6]);
  for (let i = 0; i < 10; i++) a.flush(b), b.flush(a);
  assertEquals(b.delivered, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

Deno.test("Reliable: what came early is kept and told, and what is lost comes again", () => {
  const [a, b] = connected();
  for (let i = 0; i < 3; i++) a.reliable.send(i, 0);
  const [, second, third] = a.sent.splice(0);
  b.reliable.receive(second, 1);
  b.reliable.receive(third, 1);
  assertEquals([b.delivered, b.sent.at(-1)], [[], { s: 0, r: 0, x: [1, 2] }]);
  b.flush(a, 1);
  a.reliable.time(1000);
  assertEquals(a.sent, [{ s: 0, d: 0, r: 0 }]);
  a.flush(b, 1001);
  assertEquals(b.delivered, [0, 1, 2]);
});

Deno.test("Reliable: a restart of the other end is told, and what was not acknowledged goes again", () => {
  const [a, b] = connected();
  a.reliable.send("x", 0);
  a.sent.length = 0;
  const again = new End();
  again.reliable.start(10);
  again.flush(a, 10);
  assertEquals(a.downs, ["the other end began anew"]);
  for (let i = 0; i < 4; i++) a.flush(again, 11), again.flush(a, 11);
  assertEquals(again.delivered, ["x"]);
  assertEquals(b.delivered, []);
});

Deno.test("Reliable: without an answer it gives up after its retries", () => {
  const end = new End({ timeoutMs: 100, retries: 3 });
  end.reliable.start(0);
  for (let ms = 0; ms <= 1000; ms += 50) end.reliable.time(ms);
  assertEquals([end.sent.length, end.downs], [4, ["the other end does not answer"]]);
});

Deno.test("Reliable: exactly once and in order over 2,000 lossy lines", () => {
  let delivered = 0, again = 0;
  for (let seed = 0; seed < 2000; seed++) {
    const random = new Random(seed);
    const [a, b] = [new End({ timeoutMs: 50, retries: 1000 }), new End({ timeoutMs: 50, retries: 1000 })];
    a.reliable.start(0);
    b.reliable.start(0);
    const carry = (from: End, to: End, nowMs: number, loss: number) => {
      for (const message of from.sent.splice(0)) if (random.next() >= loss) to.reliable.receive(message, nowMs);
    };
    const loss = random.next() * 0.5;
    let sent = 0;
    for (let ms = 0; ms < 20_000; ms += 10) {
      const isNoisy = ms < 3000;
      if (isNoisy && random.below(4) === 0) a.reliable.send(sent++, ms);
      a.reliable.time(ms);
      b.reliable.time(ms);
      carry(a, b, ms, isNoisy ? loss : 0);
      carry(b, a, ms, isNoisy ? loss : 0);
      if (!isNoisy && b.delivered.length === sent) break;
    }
    // Only a restart may repeat, and nobody restarted.
    assertEquals(b.delivered, Array.from({ length: sent }, (_, i) => i), `seed ${seed}`);
    delivered += sent;
    again += a.reliable.retransmitted;
  }
  assertTrue(delivered > 100_000 && again > 10_000, `${delivered} delivered, ${again} sent again`);
});
