/** What every line does, whatever it is made of. */

import { DuplexLine } from "../../../../satellite/gateway/line/duplex.ts";
import type { Line } from "../../../../satellite/gateway/line/line.ts";
import { PipeSource } from "../../../../satellite/gateway/line/pipe.ts";
import { TcpConnectSource, TcpListenSource } from "../../../../satellite/gateway/line/tcp.ts";
import { assertEquals, assertFalse, assertTrue } from "../../../support/assert.ts";

/** Two ends of a line, or one end whose other end echoes. */
interface Ends extends AsyncDisposable {
  readonly near: Line;
  readonly far: Line;
}

async function duplex(): Promise<Ends> {
  const [near, far] = DuplexLine.pair("test");
  return await Promise.resolve({ near, far, [Symbol.asyncDispose]: () => near[Symbol.asyncDispose]() });
}

async function tcp(): Promise<Ends> {
  const stop = new AbortController();
  const listen = new TcpListenSource("127.0.0.1", 0);
  const accepted = listen.lines(stop.signal, fail)[Symbol.asyncIterator]().next();
  const connect = new TcpConnectSource("127.0.0.1", await listen.listening);
  const [{ value: far }, { value: near }] = await Promise.all([
    accepted,
    connect.lines(stop.signal, fail)[Symbol.asyncIterator]().next(),
  ]);
  return {
    near,
    far,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await near[Symbol.asyncDispose]();
      await far[Symbol.asyncDispose]();
    },
  };
}

/** `cat` is both ends. */
async function pipe(): Promise<Ends> {
  const { value: line } = await new PipeSource("cat", []).lines(new AbortController().signal, fail)
    [Symbol.asyncIterator]()
    .next();
  return { near: line, far: line, [Symbol.asyncDispose]: () => line[Symbol.asyncDispose]() };
}

function fail(text: string): void {
  throw new Error(text);
}

async function read(line: Line, count: number): Promise<number[]> {
  const all: number[] = [];
  for await (const chunk of line.received) {
    all.push(...chunk);
    if (all.length >= count) break;
  }
  return all;
}

for (const [name, open] of Object.entries({ duplex, tcp, pipe })) {
  Deno.test(`${name}: a line carries bytes in their order`, async () => {
    await using ends = await open();
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    for (let i = 0; i < 256; i += 32) assertTrue(ends.near.write(bytes.subarray(i, i + 32)));
    assertEquals(await read(ends.far, 256), [...bytes]);
  });

  Deno.test(`${name}: a line that is closed ends what is received, says so, and takes nothing`, async () => {
    await using ends = await open();
    await ends.near[Symbol.asyncDispose]();
    assertEquals(await ends.near.closed, "closed");
    assertEquals(await read(ends.near, 1), []);
    await ends.far.closed;
    assertFalse(ends.near.write(Uint8Array.of(1)));
    assertFalse(ends.far.write(Uint8Array.of(1)));
  });
}

Deno.test("TcpListenSource reports a port that is taken, and takes it when it is free", async () => {
  const stop = new AbortController();
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const source = new TcpListenSource("127.0.0.1", taken.addr.port);
  let reported = "";
  const first = source.lines(stop.signal, (text) => {
    reported = text;
    taken.close();
  })[Symbol.asyncIterator]().next();
  const port = await source.listening;
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const { value: line } = await first;
  assertTrue(reported.includes("in use"), reported);
  stop.abort();
  connection.close();
  await line.closed;
});
