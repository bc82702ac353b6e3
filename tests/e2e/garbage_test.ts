/**
 * Sends the real server a few hundred thousand messages that are wrong, by TCP and by WebSocket: it goes on, nothing of
 * it counts as its own defect, it stays small, and what was stored before is there afterwards, also after SIGKILL.
 * `MOAT_GARBAGE` (default 200000) says how many, `MOAT_SEED` repeats a run.
 */

import { MessageReader } from "../../wire/msgpack/chunks.ts";
import { decode } from "../../wire/msgpack/decoder.ts";
import { encode } from "../../wire/msgpack/encoder.ts";
import { Path } from "../../wire/path/path.ts";
import type { Value } from "../../wire/value.ts";
import { assertEquals, assertTrue } from "../support/assert.ts";
import { Garbage } from "../support/garbage.ts";
import { Random } from "../support/random.ts";
import { type Message, RawConnection } from "../support/raw_connection.ts";
import { cleanEnv, ServerProcess } from "../support/server_process.ts";

const count = Number(Deno.env.get("MOAT_GARBAGE") ?? 200_000);
/** Messages of one connection, unless one ends it before. */
const perConnection = 400;
const residentBytesMax = 700 * 2 ** 20;

const keepsakes = Array.from({ length: 50 }, (_, i) => [Path.of("keepsake", i), { number: i }] as const);

/** Counts replies by their code. */
class Replies {
  readonly codes = new Map<string, number>();
  readonly defects: Message[] = [];

  see(bytes: Uint8Array, reader: MessageReader): void {
    reader.push(bytes);
    while (reader.next()) {
      const reply = decode(reader.bytes, reader.start, reader.end) as Message;
      const code = String(reply.etype ?? "answered");
      this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
      if (code === "internal") this.defects.push(reply);
    }
  }
}

const own = (bytes: Uint8Array) => Uint8Array.from(bytes);

/** What one connection sends: its own root, so that nobody reads what all others left; then garbage. */
function batch(garbage: Garbage, index: number): Uint8Array<ArrayBuffer>[] {
  const messages: Uint8Array[] = index < 5
    ? []
    : [encode({ seq: 1000, action: "root", path: Path.of("garbage", index) })];
  for (let n = 0; n < perConnection; n++) {
    const { bytes, isWhole } = garbage.next();
    if (isWhole) messages.push(bytes);
    else if (garbage.random.below(20) === 0) return [...messages, bytes].map(own); // what follows would not be looked at
  }
  return messages.map(own);
}

async function overTcp(port: number, messages: readonly Uint8Array[], replies: Replies): Promise<void> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const sent = (async () => {
    const bytes = new Uint8Array(await new Blob(messages as Uint8Array<ArrayBuffer>[]).arrayBuffer());
    for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
    await connection.closeWrite();
  })().catch(() => {}); // the server may close before all is sent
  const reader = new MessageReader();
  try {
    for await (const bytes of connection.readable) replies.see(bytes, reader);
  } catch { /* closed with bytes of ours unread */ }
  await sent;
}

async function overWebSocket(
  url: string,
  messages: readonly Uint8Array<ArrayBuffer>[],
  replies: Replies,
): Promise<void> {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  const reader = new MessageReader();
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.onmessage = ({ data }) => replies.see(new Uint8Array(data), reader);
  await new Promise((resolve, reject) => (socket.onopen = resolve, socket.onerror = reject));
  socket.onerror = null;
  for (const bytes of messages) if (socket.readyState === WebSocket.OPEN) socket.send(bytes);
  socket.close();
  await closed;
}

async function keep(port: number): Promise<void> {
  using connection = await RawConnection.open(port);
  await connection.receive();
  await connection.send(keepsakes.map(([path, value], seq) => ({ seq: seq + 1, action: "set_value", path, value })));
  for (const _ of keepsakes) assertEquals((await connection.receive())?.error, undefined);
}

/** Compares what was kept; the server answers. `false`: some message demanded logins, as anybody may who is let in. */
async function look(port: number): Promise<boolean> {
  using connection = await RawConnection.open(port);
  const auth = (await connection.receive())?.auth as Value[] | undefined;
  if (typeof auth?.[0] === "string") return false;
  await connection.send(keepsakes.map(([path], seq) => ({ seq: seq + 1, action: "get_value", path })));
  for (const [, value] of keepsakes) assertEquals((await connection.receive())?.value, value);
  return true;
}

function residentBytes(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

Deno.test("garbage by TCP and WebSocket leaves the server running, small, and its data as they were", async () => {
  const directory = await Deno.makeTempDir({ prefix: "moat-garbage-" });
  const garbage = new Garbage(Random.fromEnvironment());
  const start = (...more: string[]) =>
    ServerProcess.start({
      args: [
        ...more,
        "--alone",
        "-i",
        "Testing",
        "--data",
        `${directory}/data`,
        "--bind",
        "127.0.0.1:0",
        "--web",
        "127.0.0.1:0",
        "test1",
      ],
      env: cleanEnv(directory),
    });
  const replies = new Replies();
  try {
    {
      await using server = await start();
      await keep(server.port);
      for (let index = 0, sent = 0; sent < count; index++) {
        const messages = batch(garbage, index);
        sent += messages.length;
        if (index % 4 === 0) await overWebSocket(`ws://127.0.0.1:${server.webPort}/`, messages, replies);
        else await overTcp(server.port, messages, replies);
        if (replies.defects.length > 0) throw new Error(`Not foreseen: ${Deno.inspect(replies.defects[0])}`);
      }
      await look(server.port);
      if (Deno.build.os === "linux") {
        assertTrue(residentBytes(server.pid) < residentBytesMax, `${residentBytes(server.pid)}`);
      }
      server.kill("SIGKILL");
      await server.status;
    }
    await using again = await start("--unlock");
    assertTrue(await look(again.port), "it was unlocked");
    assertEquals((await again.stop()).code, 0);
  } catch (error) {
    throw new Error(`Seed ${garbage.random.seed}: ${(error as Error).message}`, { cause: error });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
  console.log(`${count} messages: ${[...replies.codes].map(([code, n]) => `${n} ${code}`).join(", ")}`);
});
