/**
 * Three real servers under write load, and everything that can happen to them and to what lies between them, in random
 * order: SIGKILL and SIGSTOP; beside that, a broker that restarts, is gone or hangs, a line that is cut or lets nothing through (a real one, where the kernel may make networks).
 * Afterwards all trees and sets of ticks are equal, and every acknowledged write is accounted for. In the end one server loses
 * its disk, and gets everything back from the others.
 *
 * `MOAT_CHAOS_SECONDS` (default 45) says for how long in all, `MOAT_SEED` repeats the order of faults.
 */

import { type Client, openClient, Path } from "../../mod.ts";
import { assertEquals, assertTrue } from "../support/assert.ts";
import { LineProxy } from "../support/line_proxy.ts";
import { converged, sees } from "../support/convergence.ts";
import { freePort } from "../support/free_port.ts";
import { hasMosquitto, Mosquitto } from "../support/mosquitto.ts";
import { type Line, NetPlace } from "../support/net_place.ts";
import { Random } from "../support/random.ts";
import { cleanEnv, ServerProcess } from "../support/server_process.ts";
import { WriteLedger } from "../support/write_ledger.ts";

const seconds = Number(Deno.env.get("MOAT_CHAOS_SECONDS") ?? 45);
const nodes = 3;
/** Keys that all write, and keys of each server's own. */
const sharedKeys = 300;
const ownKeys = 50;
/** Requests of one client under way at once, and its pause between two rounds of them. */
const window = 8;
const pauseMs = 20;
/** The longest fault; long runs have longer ones. */
const faultMsMax = seconds > 120 ? 20_000 : 2500;
/** How long the servers have to agree once everything works again. */
const agreeMs = 30_000;

/** How long a fault lasts, and a pause between writes. Nothing is awaited by it: what has to come is waited for as such. */
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** One server, over all its lives. */
class ChaosServer implements AsyncDisposable {
  process: ServerProcess | undefined;
  readonly port = freePort();
  client!: Client;

  constructor(readonly number: number, readonly directory: string, readonly globals: readonly string[]) {}

  get data(): string {
    return `${this.directory}/s${this.number}`;
  }

  async start(...args: string[]): Promise<void> {
    const place = ["--data", this.data, "--bind", `127.0.0.1:${this.port}`, "--web", "none"];
    this.process = ServerProcess.spawn({
      globals: ["kv", ...this.globals],
      args: [...place, ...args, `s${this.number}`],
      env: cleanEnv(this.directory),
    });
    await this.process.running();
    this.client ??= await openClient({
      port: this.port,
      dynamicConfig: false,
      reconnect: { firstMs: 20, maxMs: 200 },
      keepAliveMs: 0,
    });
  }

  async kill(): Promise<void> {
    this.process!.kill("SIGKILL");
    await this.process!.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client?.close();
    await this.process?.[Symbol.asyncDispose]();
  }
}

/** What can go wrong: begins, and is over when it resolves. */
type Fault = (chaos: Chaos, server: ChaosServer, ms: number) => Promise<void>;

const faults: Record<string, Fault> = {
  kill: async (_chaos, server, ms) => {
    await server.kill();
    await sleep(ms / 2);
    await server.start();
  },
  stop: async (_chaos, server, ms) => {
    server.process!.kill("SIGSTOP");
    await sleep(ms);
    server.process!.kill("SIGCONT");
  },
};

const brokerFaults: Record<string, Fault> = {
  brokerRestart: async ({ broker }) => {
    await broker!.stop("SIGKILL");
    await broker!.start();
  },
  brokerGone: async ({ broker }, _server, ms) => {
    await broker!.stop();
    await sleep(ms);
    await broker!.start();
  },
  brokerHangs: async ({ broker }, _server, ms) => {
    broker!.kill("SIGSTOP");
    await sleep(ms);
    broker!.kill("SIGCONT");
  },
  cut: async ({ lines }, { number }, ms) => {
    lines[number].cut();
    await sleep(ms);
    lines[number].open();
  },
  stall: async ({ lines }, { number }, ms) => {
    lines[number].stall();
    await sleep(ms);
    lines[number].open();
  },
};

class Chaos implements AsyncDisposable {
  readonly servers: ChaosServer[] = [];
  readonly ledger = new WriteLedger();
  readonly met = new Map<string, number>();
  #isOver = false;

  private constructor(
    readonly random: Random,
    readonly directory: string,
    readonly broker: Mosquitto | undefined,
    readonly lines: readonly Line[],
    readonly place: AsyncDisposable | undefined,
  ) {}

  static async start(random: Random, kind: Kind): Promise<Chaos> {
    const directory = await Deno.makeTempDir({ prefix: "moat-chaos-" });
    const { broker, lines, place } = await networkOf(kind);
    const chaos = new Chaos(random, directory, broker, lines, place);
    const port = freePort();
    for (let i = 0; i < nodes; i++) {
      const backend = broker ? `kv.server.mqtt.uri=${lines[i].uri}` : `kv.server.mqtt.embedded=${port}`;
      chaos.servers.push(new ChaosServer(i, directory, ["-C", backend]));
      await chaos.servers[i].start(...(i === 0 ? ["-i", "Chaos"] : []));
    }
    return chaos;
  }

  /** Writes until it is over; every server has a client of its own. */
  async #write(server: ChaosServer): Promise<void> {
    const { random, ledger } = this;
    while (!this.#isOver) {
      const round = Array.from({ length: window }, () => {
        const isOwn = random.below(3) === 0;
        const path = isOwn
          ? Path.of("own", server.number, random.below(ownKeys))
          : Path.of("shared", random.below(sharedKeys));
        return ledger.write(server.client, server.number, path, isOwn && random.below(5) === 0);
      });
      await Promise.all(round);
      await sleep(pauseMs);
    }
  }

  /** One kind of faults, one after the other: first each once, in any order. */
  async #disturb(all: Record<string, Fault>, endMs: number): Promise<void> {
    const { random, servers } = this;
    const names = Object.keys(all);
    const due = names.map((name) => ({ name, at: random.next() })).sort((a, b) => a.at - b.at).map(({ name }) => name);
    while (performance.now() < endMs || due.length > 0) {
      const name = due.pop() ?? names[random.below(names.length)];
      this.met.set(name, (this.met.get(name) ?? 0) + 1);
      await all[name](this, servers[random.below(nodes)], 100 + random.below(faultMsMax));
      await sleep(random.below(500));
    }
  }

  /** Disturbs and writes for a while, then waits until all agree, and looks for what was lost. */
  async run(ms: number): Promise<string> {
    const writing = this.servers.map((server) => this.#write(server));
    const endMs = performance.now() + ms;
    await Promise.all([this.#disturb(faults, endMs), this.broker && this.#disturb(brokerFaults, endMs)]);
    this.#isOver = true;
    await Promise.all(writing);
    const clients = this.servers.map(({ client }) => client);
    const healedMs = performance.now();
    const { tree } = await converged(clients, agreeMs);
    const agreedMs = performance.now() - healedMs;
    let lost: string[];
    while ((lost = await this.ledger.lost(clients[0])).length > 0 && performance.now() - healedMs < agreeMs) {
      await sleep(200);
    }
    assertEquals(lost.slice(0, 10), [], `${lost.length} acknowledged writes are lost`);
    await this.#renew(this.servers[this.random.below(nodes)]);
    await converged(clients, agreeMs);
    for (const { process } of this.servers) assertEquals((await process!.stop()).code, 0);
    const { acknowledged, account } = this.ledger;
    const { present, replaced, conflicts, doubtful } = account;
    assertTrue(doubtful * 10 < acknowledged, `${doubtful} writes cannot be judged`);
    const met = [...this.met].map(([name, count]) => `${name} ${count}`).join(", ");
    return `${acknowledged} acknowledged writes (${present} there, ${replaced} replaced, ${conflicts} conflicts, ` +
      `${doubtful} not known), ${tree.size} entries, agreed after ${agreedMs.toFixed(0)} ms; ${met}`;
  }

  /** A server loses its disk, and comes back under its name. */
  async #renew(server: ChaosServer): Promise<void> {
    await server.kill();
    await Deno.remove(server.data, { recursive: true });
    await server.start();
    await sees(server.client, Path.root, "Chaos");
  }

  /** What the servers said, for whoever looks for the reason of a failure. */
  get reports(): string {
    return this.servers.map(({ number, process }) => `s${number}:\n${process?.stderr}`).join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    for (const line of this.lines) line.open();
    for (const server of this.servers) {
      try {
        server.process?.kill("SIGCONT");
      } catch { /* it has ended */ }
      await server[Symbol.asyncDispose]();
    }
    for (const line of this.lines) await line[Symbol.asyncDispose]();
    await this.broker?.[Symbol.asyncDispose]();
    await this.place?.[Symbol.asyncDispose]();
    await Deno.remove(this.directory, { recursive: true });
  }
}

/** What the servers meet by. `cable`: a mosquitto behind lines of the kernel's; without them, behind proxies. */
type Kind = "cable" | "proxy" | "embedded";

interface ChaosNetwork {
  readonly broker?: Mosquitto;
  readonly lines: readonly Line[];
  readonly place?: AsyncDisposable;
}

async function networkOf(kind: Kind): Promise<ChaosNetwork> {
  if (kind === "embedded") return { lines: [] };
  const place = kind === "cable" ? await NetPlace.make(nodes) : "it was not asked for";
  if (typeof place !== "string") return { broker: place.broker, lines: place.lines, place };
  if (kind === "cable") console.log(`Lines are cut by proxies, because no network can be made here: ${place}`);
  const broker = await Mosquitto.start();
  return { broker, lines: Array.from({ length: nodes }, () => new LineProxy(broker.port)) };
}

/** In tenths of the whole time. */
const shares: Readonly<Record<Kind, number>> = { cable: 4, proxy: 3, embedded: 3 };

for (const kind of ["cable", "proxy", "embedded"] as const) {
  Deno.test({
    name: `three servers whose network and processes are disturbed lose nothing and agree (${kind})`,
    ignore: kind !== "embedded" && !hasMosquitto,
    fn: async () => {
      const random = Random.fromEnvironment();
      await using chaos = await Chaos.start(random, kind);
      try {
        console.log(`${await chaos.run(seconds * 100 * shares[kind])}; seed ${random.seed}`);
      } catch (error) {
        throw new Error(`seed ${random.seed}: ${(error as Error).message}\n${chaos.reports}`, { cause: error });
      }
    },
  });
}
