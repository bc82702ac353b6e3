/** Client libraries side by side, and small programs measured from outside. */

import { openClient } from "../../client/mod.ts";
import { Path } from "../../wire/mod.ts";
import { moat, redis } from "./peers.ts";

const PUTS = 60_000;
const AT_ONCE = 64;

/** Puts per second of our client library, and of others whose server and package can be had. */
export async function npmClients(): Promise<{ ours: number; theirs: Record<string, number> }> {
  const theirs: Record<string, number> = {};
  const rate = await ioredisPuts().catch((error) => void console.log(`bench: ioredis is left out: ${error.message}`));
  if (rate) theirs["ioredis and Redis"] = rate;
  const kv = await natsPuts().catch((error) => void console.log(`bench: nats is left out: ${error.message}`));
  if (kv) theirs["nats KV, memory"] = kv;
  const etcd = await etcdPuts().catch((error) => void console.log(`bench: etcd is left out: ${error.message}`));
  if (etcd) theirs["etcd, HTTP gateway"] = etcd;
  return { ours: await ourPuts(), theirs };
}

/** Keeps `AT_ONCE` calls of `put` under way; returns calls per second after a warm-up. */
async function rateOf(put: (n: number) => Promise<unknown>, puts: number = PUTS): Promise<number> {
  let next = 0, started = 0;
  const warm = Math.floor(puts / 6);
  const worker = async () => {
    while (next < puts) {
      if (next === warm) started = performance.now();
      await put(next++);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return (puts - warm) / (performance.now() - started) * 1000;
}

async function ourPuts(): Promise<number> {
  await using server = (await moat("memory")())!;
  await using client = await openClient({ host: "127.0.0.1", port: server.port });
  const value = "x".repeat(100);
  const paths = Array.from({ length: 1000 }, (_, n) => Path.of("bench", n));
  return await rateOf((n) => client.set(paths[n % 1000], value));
}

/** A package that only the benchmark uses: not among the project's dependencies. */
function foreign(name: string): Promise<Record<string, never>> {
  return import(`npm:${name}`);
}

interface RedisClient {
  set(key: string, value: string): Promise<unknown>;
  disconnect(): void;
}

async function ioredisPuts(): Promise<number | undefined> {
  const server = await redis("memory")();
  if (!server) return undefined;
  await using _ = server;
  const { Redis } = await foreign("ioredis@5") as unknown as { Redis: new (port: number, host: string) => RedisClient };
  const client = new Redis(server.port, "127.0.0.1");
  const value = "x".repeat(100);
  try {
    return await rateOf((n) => client.set(`bench.${n % 1000}`, value));
  } finally {
    client.disconnect();
  }
}

interface NatsConnection {
  jetstream(): {
    views: { kv(name: string, options: object): Promise<{ put(key: string, value: Uint8Array): Promise<number> }> };
  };
  close(): Promise<void>;
}

async function natsPuts(): Promise<number | undefined> {
  const folder = await Deno.makeTempDir({ prefix: "moat-kv-bench-" });
  const port = freePort();
  const server = await spawn("nats-server", ["-js", "-a", "127.0.0.1", "-p", String(port), "-sd", folder], port);
  if (!server) return undefined;
  await using _ = server;
  const { connect, StorageType } = await foreign("nats@2") as unknown as {
    connect(options: object): Promise<NatsConnection>;
    StorageType: { Memory: unknown };
  };
  const connection = await connect({ servers: `127.0.0.1:${port}` });
  const kv = await connection.jetstream().views.kv("bench", { storage: StorageType.Memory });
  const value = new Uint8Array(100);
  try {
    return await rateOf((n) => kv.put(`bench.${n % 1000}`, value), 20_000);
  } finally {
    await connection.close();
    await Deno.remove(folder, { recursive: true });
  }
}

async function etcdPuts(): Promise<number | undefined> {
  const folder = await Deno.makeTempDir({ prefix: "moat-kv-bench-" });
  const port = freePort(), peerPort = freePort();
  const urls = (n: number) => `http://127.0.0.1:${n}`;
  const client = ["--listen-client-urls", urls(port), "--advertise-client-urls", urls(port)];
  const args = ["--data-dir", folder, ...client, "--listen-peer-urls", urls(peerPort), "--log-level", "error"];
  const server = await spawn("etcd", args, port);
  if (!server) return undefined;
  await using _ = server;
  const value = btoa("x".repeat(100));
  try {
    return await rateOf(async (n) => {
      const body = JSON.stringify({ key: btoa(`bench.${n % 1000}`), value });
      await (await fetch(`${urls(port)}/v3/kv/put`, { method: "POST", body })).body?.cancel();
    }, 6000);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

/** Starts a server and waits until its port answers; undefined if it is not installed. */
async function spawn(program: string, args: string[], port: number): Promise<AsyncDisposable | undefined> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
  } catch {
    return undefined;
  }
  for (let tries = 0; tries < 200; tries++) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      break;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}

/** How long one run of deno with these arguments takes, in milliseconds. */
export async function runDeno(args: string[]): Promise<number> {
  const started = performance.now();
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, stdin: "null" }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return performance.now() - started;
}

/** Writes per second of a bare loop of write and fdatasync, on the same processor as the servers. */
export async function fdatasyncLoop(): Promise<number> {
  const script = new URL("./fdatasync.ts", import.meta.url).pathname;
  const command = new Deno.Command("taskset", { args: ["-c", "0", Deno.execPath(), "run", "-A", script] });
  return Number(new TextDecoder().decode((await command.output()).stdout));
}
