import type { Line } from "../../../../satellite/gateway/line/line.ts";
import { openSerial, SerialSource } from "../../../../satellite/gateway/line/serial.ts";
import { assertEquals, assertThrows, assertTrue } from "../../../support/assert.ts";
import { hasSocat, PtyPair } from "../../../support/pty_pair.ts";
import { Random } from "../../../support/random.ts";

if (!hasSocat) console.log("serial lines are not tested: there is no socat here");

function test(name: string, body: (folder: string) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !hasSocat,
    fn: async () => {
      const folder = await Deno.makeTempDir({ prefix: "moat-pty-" });
      try {
        await body(folder);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

/** The next bytes, as many as are wanted. */
async function read(line: Line, count: number): Promise<Uint8Array> {
  const all: number[] = [];
  for await (const chunk of line.received) {
    all.push(...chunk);
    if (all.length >= count) break;
  }
  return Uint8Array.from(all);
}

test("openSerial() carries every byte value both ways", async (folder) => {
  await using pair = await PtyPair.plug(folder);
  await using a = openSerial(pair.a);
  await using b = openSerial(pair.b, { baud: 9600, rts: true, dtr: false });
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  assertTrue(a.write(bytes));
  assertEquals(await read(b, 256), bytes);
  assertTrue(b.write(bytes.toReversed()));
  assertEquals(await read(a, 256), bytes.toReversed());
});

test("openSerial() keeps the order of a megabyte and drops only what it says", async (folder) => {
  await using pair = await PtyPair.plug(folder);
  await using a = openSerial(pair.a);
  await using b = openSerial(pair.b);
  const random = new Random(1);
  const chunk = () => Uint8Array.from({ length: 1 + random.below(200) }, () => random.below(256));
  const sent: number[] = [];
  const received: number[] = [];
  let isSent = false;
  const receiving = (async () => {
    for await (const bytes of b.received) {
      for (const byte of bytes) received.push(byte);
      if (isSent && received.length >= sent.length) break;
    }
  })();
  while (sent.length < 1_000_000) {
    const bytes = chunk();
    if (a.write(bytes)) { for (const byte of bytes) sent.push(byte); }
    else await new Promise((resolve) => setTimeout(resolve, 1)); // the line is full
  }
  isSent = true;
  while (!a.write(Uint8Array.of(7))) await new Promise((resolve) => setTimeout(resolve, 1));
  sent.push(7);
  await receiving;
  assertTrue(received.every((byte, i) => byte === sent[i]) && received.length === sent.length);
});

test("SerialSource opens a line again that was unplugged, and says why it ended", async (folder) => {
  const reports: string[] = [];
  const stop = new AbortController();
  const lines = new SerialSource(`${folder}/a`).lines(stop.signal, (text) => reports.push(text))
    [Symbol.asyncIterator]();
  const next = lines.next();
  {
    await using pair = await PtyPair.plug(folder);
    const { value: line } = await next;
    await using other = openSerial(pair.b);
    other.write(Uint8Array.of(1, 2, 3));
    assertEquals(await read(line, 3), Uint8Array.of(1, 2, 3));
  }
  const again = lines.next();
  await using pair = await PtyPair.plug(folder);
  const { value: line } = await again;
  await using other = openSerial(pair.b);
  other.write(Uint8Array.of(4));
  assertEquals(await read(line, 1), Uint8Array.of(4));
  assertTrue(reports.some((text) => text.includes("unplugged")), reports.join("\n"));
  stop.abort();
  await line[Symbol.asyncDispose]();
  assertTrue((await lines.next()).done);
});

Deno.test({
  name: "openSerial() says what is wrong",
  ignore: Deno.build.os !== "linux",
  fn: () => {
    assertThrows(() => openSerial("/nowhere/tty"), Error, "/nowhere/tty: No such file or directory");
    assertThrows(() => openSerial("/dev/null"), Error, "/dev/null is no serial line");
    assertThrows(() => openSerial("/dev/null", { baud: 115 }), Error, "115 baud is none of 1200");
  },
});
