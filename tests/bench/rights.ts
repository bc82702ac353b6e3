/**
 * The rows of the benchmark about access rules: what a client that is bound by an ACL can read and write in a second, beside
 * one that is not, and with a thousand rules beside ten. All speak to one server, in turn; the load is made here, from
 * requests that are encoded beforehand.
 */

import { openClient } from "../../client/mod.ts";
import { decode, encode, MessageReader, Path, type Value } from "../../wire/mod.ts";
import { moat } from "./peers.ts";
import { median, type Result } from "./result.ts";

const keys = 1000;
const inFlight = 64;
/** Requests of one piece: half of what is in flight, so that the server never waits. */
const batch = inFlight / 2;
const requests = 40_000;
const rounds = 21;

/** One connection, logged in, that keeps requests in flight. */
class Driver implements AsyncDisposable {
  readonly #reader = new MessageReader();

  private constructor(readonly connection: Deno.TcpConn) {}

  static async open(port: number, ident: string): Promise<Driver> {
    const driver = new Driver(await Deno.connect({ hostname: "127.0.0.1", port }));
    await driver.#take(1);
    await driver.#send(encode({ action: "auth", seq: 1, typ: "_test", ident, state: "start" }));
    await driver.#take(2);
    return driver;
  }

  async #send(bytes: Uint8Array): Promise<void> {
    while (bytes.length > 0) bytes = bytes.subarray(await this.connection.write(bytes));
  }

  async #take(count: number): Promise<void> {
    while (count > 0) {
      if (this.#reader.next()) {
        count--;
        continue;
      }
      const room = this.#reader.writable();
      const read = await this.connection.read(room);
      if (read === null) throw new Error("The server has left");
      this.#reader.advance(read);
    }
  }

  /** Whether the server does what is asked. */
  async check(request: Value): Promise<void> {
    await this.#send(encode(request));
    await this.#take(1);
    const reply = decode(this.#reader.bytes, this.#reader.start, this.#reader.end) as { error?: Value };
    if (reply.error !== undefined) throw new Error(String(reply.error));
  }

  /** Requests a second. */
  async run(pieces: readonly Uint8Array[]): Promise<number> {
    await this.#send(pieces[0]);
    const started = performance.now();
    for (let sent = 1; sent <= requests / batch; sent++) {
      await this.#send(pieces[sent % pieces.length]);
      await this.#take(batch);
    }
    const seconds = (performance.now() - started) / 1000;
    await this.#take(batch);
    return requests / seconds;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.connection.close();
    return Promise.resolve();
  }
}

/** The same requests, some at a time. */
function piecesOf(request: (n: number) => Value): Uint8Array[] {
  return Array.from({ length: keys / batch }, (_, i) => {
    const parts = Array.from({ length: batch }, (_, k) => encode(request(i * batch + k)));
    return new Uint8Array(parts.flatMap((part) => [...part]));
  });
}

const value = "x".repeat(100);
const read = (n: number) => ({ action: "get_value", path: Path.of("bench", `k${n}`), seq: 2 + n % 50 });
const write = (n: number) => ({ ...read(n), action: "set_value", value });
const reads = piecesOf(read);
const writes = piecesOf(write);

/** Rules like those of a house: most of them for other places. */
function rulesOf(count: number): [pattern: Path, letters: string][] {
  const others = Array.from({ length: count - 2 }, (_, i): [Path, string] => [
    i % 3 === 0
      ? Path.of("house", `room${i}`, "#")
      : i % 3 === 1
      ? Path.of("bench", `other${i}`)
      : Path.of("+", "+", `t${i}`),
    "rx",
  ]);
  return [[Path.of("bench"), "rex"], [Path.of("bench", "#"), "rwcex"], ...others];
}

async function prepare(port: number): Promise<void> {
  await using client = await openClient({ host: "127.0.0.1", port });
  for (const count of [10, 1000]) {
    for (const [pattern, letters] of rulesOf(count)) {
      await client.request("set_internal", { path: Path.of("acl", `a${count}`).concat(pattern), value: letters });
    }
    await client.request("auth_set", { typ: "_test", ident: `u${count}`, chain: null, data: {}, acl: `a${count}` });
  }
  await client.request("auth_set", { typ: "_test", ident: "free", chain: null, data: {} });
  for (let n = 0; n < keys; n++) await client.set(Path.of("bench", `k${n}`), value);
  await client.request("set_auth_typ", { typ: "_test" });
}

/** Rounds of each driver, in turn. */
async function measure(drivers: readonly Driver[], pieces: readonly Uint8Array[]): Promise<number[][]> {
  const rates: number[][] = drivers.map(() => []);
  for (const driver of drivers) await driver.run(pieces);
  for (let round = 0; round < rounds; round++) {
    for (const [i, driver] of drivers.entries()) rates[i].push(await driver.run(pieces));
  }
  return rates;
}

function result(name: string, ours: number[], theirs: number[], theirName: string, least: number): Result {
  const ratios = ours.map((rate, i) => rate / theirs[i]);
  return {
    name,
    ours: median(ours),
    theirs: median(theirs),
    theirName,
    unit: "/s",
    ratio: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
    goal: [">=", least, "ratio"],
  };
}

/** Bound beside unbound, and many rules beside few. */
export async function bound(): Promise<Result[]> {
  await using server = (await moat("memory")())!;
  await prepare(server.port);
  await using stack = new AsyncDisposableStack();
  const drivers: Driver[] = [];
  for (const ident of ["free", "u10", "u1000"]) drivers.push(stack.use(await Driver.open(server.port, ident)));
  for (const driver of drivers) for (const request of [read(0), write(0)]) await driver.check(request);
  const found: Result[] = [];
  for (const [verb, pieces] of [["GET", reads], ["SET", writes]] as const) {
    const [free, few, many] = await measure(drivers, pieces);
    found.push(result(`${verb}, 64 in flight, bound by an ACL of 10 rules`, few, free, "no ACL", 0.8));
    found.push(result(`${verb}, 64 in flight, bound by an ACL of 1,000 rules`, many, few, "10 rules", 0.9));
  }
  return found;
}
