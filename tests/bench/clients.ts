/** Client libraries side by side, and small programs measured from outside. */

import { openClient } from "../../client/mod.ts";
import { Path } from "../../wire/mod.ts";
import { moat, redis } from "./peers.ts";

const AT_ONCE = 64;
const ROUNDS = 5;

/** A client of some server, ready to put. */
interface Contender extends AsyncDisposable {
  readonly name: string;
  /** Puts in one round: so many that it takes about a second. */
  readonly puts: number;
  readonly put: (n: number) => Promise<unknown>;
}

/** Puts per second of our client library in each round, and in the same rounds of others that can be had. */
export async function npmClients(): Promise<{ ours: number[]; theirs: Record<string, number[]> }> {
  await using stack = new AsyncDisposableStack();
  const ours = stack.use(await openOurs());
  const others: Contender[] = [];
  for (const open of [openIoredis, openNats, openEtcd]) {
    const other = await open().catch((error) => void console.log(`bench: ${open.name} fails: ${error.message}`));
    if (other) others.push(stack.use(other));
  }
  const rates = new Map<Contender, number[]>();
  for (const each of [ours, ...others]) await rateOf(each); // warm
  for (let round = 0; round < ROUNDS; round++) {
    const order = round % 2 ? [...others, ours] : [ours, ...others];
    for (const each of order) rates.set(each, [...rates.get(each) ?? [], await rateOf(each)]);
  }
  return { ours: rates.get(ours)!, theirs: Object.fromEntries(others.map((each) => [each.name, rates.get(each)!])) };
}

/** Keeps `AT_ONCE` calls of `put` under way; returns calls per second. */
async function rateOf({ put, puts }: Contender): Promise<number> {
  let next = 0;
  const worker = async () => {
    while (next < puts) await put(next++);
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return puts / (performance.now() - started) * 1000;
}

async function openOurs(): Promise<Contender> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use((await moat("memory")())!);
  const client = stack.use(await openClient({ host: "127.0.0.1", port: server.port }));
  const value = "x".repeat(100);
  const paths = Array.from({ length: 1000 }, (_, n) => Path.of("bench", n));
  return contender("ours", 60_000, (n) => client.set(paths[n % 1000], value), stack.move());
}

function contender(name: string, puts: number, put: Contender["put"], owned: AsyncDisposable): Contender {
  return { name, puts, put, [Symbol.asyncDispose]: () => Promise.resolve(owned[Symbol.asyncDispose]()) };
}

/** A package that only the benchmark uses: not among the project's dependencies. */
function foreign(name: string): Promise<Record<string, never>> {
  return import(`npm:${name}`);
}

interface RedisClient {
  set(key: string, value: string): Promise<unknown>;
  disconnect(): void;
}

async function openIoredis(): Promise<Contender | undefined> {
  await using stack = new AsyncDisposableStack();
  const server = await redis("memory")();
  if (!server) return undefined;
  stack.use(server);
  const { Redis } = await foreign("ioredis@5") as unknown as { Redis: new (port: number, host: string) => RedisClient };
  const client = stack.adopt(new Redis(server.port, "127.0.0.1"), (client) => client.disconnect());
  const value = "x".repeat(100);
  return contender("ioredis and Redis", 60_000, (n) => client.set(`bench.${n % 1000}`, value), stack.move());
}

interface NatsConnection {
  jetstream(): {
    views: { kv(name: string, options: object): Promise<{ put(key: string, value: Uint8Array): Promise<number> }> };
  };
  close(): Promise<void>;
}

async function openNats(): Promise<Contender | undefined> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.adopt(await Deno.makeTempDir({ prefix: "moat-kv-bench-" }), removeFolder);
  const port = freePort();
  const server = await spawn("nats-server", ["-js", "-a", "127.0.0.1", "-p", String(port), "-sd", folder], port);
  if (!server) return undefined;
  stack.use(server);
  const { connect, StorageType } = await foreign("nats@2") as unknown as {
    connect(options: object): Promise<NatsConnection>;
    StorageType: { Memory: unknown };
  };
  const connection = stack.adopt(await connect({ servers: `127.0.0.1:${port}` }), (each) => each.close());
  const kv = await connection.jetstream().views.kv("bench", { storage: StorageType.Memory });
  const value = new Uint8Array(100);
  return contender("nats KV, memory", 20_000, (n) => kv.put(`bench.${n % 1000}`, value), stack.move());
}

async function openEtcd(): Promise<Contender | undefined> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.adopt(await Deno.makeTempDir({ prefix: "moat-kv-bench-" }), removeFolder);
  const port = freePort(), peerPort = freePort();
  const urls = (n: number) => `http://127.0.0.1:${n}`;
  const client = ["--listen-client-urls", urls(port), "--advertise-client-urls", urls(port)];
  const args = ["--data-dir", folder, ...client, "--listen-peer-urls", urls(peerPort), "--log-level", "error"];
  const server = await spawn("etcd", args, port);
  if (!server) return undefined;
  stack.use(server);
  const value = btoa("x".repeat(100));
  const put = async (n: number) => {
    const body = JSON.stringify({ key: btoa(`bench.${n % 1000}`), value });
    await (await fetch(`${urls(port)}/v3/kv/put`, { method: "POST", body })).body?.cancel();
  };
  return contender("etcd, HTTP gateway", 3000, put, stack.move());
}

function removeFolder(folder: string): Promise<void> {
  return Deno.remove(folder, { recursive: true });
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
