/**
 * Kills the real server with SIGKILL, again and again, under load, and compares what it has afterwards with what it
 * acknowledged. `MOAT_CRASH_SECONDS` (default 45) says for how long, `MOAT_SEED` repeats a run.
 */

import { Path } from "../../wire/path/path.ts";
import { assertEquals, assertTrue } from "../support/assert.ts";
import { CrashLedger, type Operation, TickLedger } from "../support/crash_ledger.ts";
import { Random } from "../support/random.ts";
import { type Message, RawConnection } from "../support/raw_connection.ts";
import { cleanEnv, ServerProcess } from "../support/server_process.ts";

const seconds = Number(Deno.env.get("MOAT_CRASH_SECONDS") ?? 45);
const connections = 4;
/** Requests of one connection under way at once. */
const window = 64;
const keys = 40;
const node = "crash";

class CrashRun {
  readonly #ledgers: CrashLedger[];
  readonly #ticks = new TickLedger();
  #acknowledged = 0;
  lives = 0;
  writes = 0;

  constructor(readonly random: Random, readonly directory: string, readonly fsync: string) {
    this.#ledgers = Array.from({ length: connections }, () => new CrashLedger(random, keys));
  }

  spawn(): ServerProcess {
    const where = ["--data", `${this.directory}/data`, "--bind", "127.0.0.1:0", "--web", "none"];
    return ServerProcess.spawn({
      args: ["--alone", "--fsync", this.fsync, ...where, node],
      env: cleanEnv(this.directory),
    });
  }

  /** One life: look what is there, write until it is killed. */
  async live(): Promise<void> {
    await using server = this.spawn();
    if (this.random.below(10) === 0) {
      // Killed while it starts.
      return await new Promise((resolve) => setTimeout(resolve, this.random.below(300)));
    }
    await server.running();
    await this.check(server.port);
    const target = 1 + this.random.below(1 + this.random.below(1500));
    const goal = this.#acknowledged + target;
    const killed = Promise.withResolvers<void>();
    const work = this.#ledgers.map(async (ledger, index) => {
      using connection = await RawConnection.open(server.port);
      await this.#write(connection, ledger, index, () => {
        if (++this.#acknowledged === goal) server.kill("SIGKILL"), killed.resolve();
      });
    });
    await Promise.all([killed.promise, ...work]);
    await server.status;
    this.writes += target;
    this.lives++;
  }

  /** Writes until the server is gone; answers that are under way count. */
  async #write(connection: RawConnection, ledger: CrashLedger, index: number, answered: () => void): Promise<void> {
    await connection.receive(); // the greeting
    let seq = 0;
    const request = () => requestOf(++seq, index, ledger.next());
    await connection.send(Array.from({ length: window }, request)).catch(() => {});
    for (let reply; (reply = await connection.receive());) {
      if (reply.error !== undefined) throw new Error(`Refused: ${reply.error}`);
      const operation = ledger.acknowledge();
      this.#see(reply, index, operation.number);
      answered();
      await connection.send([request()]).catch(() => {});
    }
  }

  #see(record: Message, index: number, number: number): void {
    const { node, tick } = record.chain as { node: string; tick: number };
    this.#ticks.see(node, tick, `${index}/${number}`);
  }

  /** Compares the whole tree with the ledgers. */
  async check(port: number): Promise<void> {
    using connection = await RawConnection.open(port);
    await connection.receive();
    const found = Array.from({ length: connections }, () => new Map<number, number>());
    await connection.send([{ seq: 1, action: "get_tree", path: Path.of("crash"), nchain: 1 }]);
    let place: (string | number)[] = [];
    for (let item; (item = await connection.receive()) && item.state !== "end";) {
      if (item.path === undefined) continue;
      place = [...place.slice(0, item.depth as number), ...(item.path as Iterable<number>)];
      if (!Array.isArray(item.value)) continue;
      const [index, key] = place as number[];
      found[index].set(key, item.value[0] as number);
      this.#see(item, index, item.value[0] as number);
    }
    this.#ledgers.forEach((ledger, index) => ledger.settle(found[index]));
  }

  get summary(): string {
    return `${this.lives} kills, ${this.writes} acknowledged writes, ${this.#ticks.count} ticks, seed ${this.random.seed}`;
  }

  get writers(): string[] {
    return this.#ticks.writers;
  }
}

function requestOf(seq: number, index: number, { key, value }: Operation): Message {
  const path = Path.of("crash", index, key);
  return value === undefined ? { seq, action: "delete_value", path } : { seq, action: "set_value", path, value };
}

for (const [fsync, share] of [["everysec", 0.75], ["always", 0.25]] as const) {
  Deno.test(`killed at any moment (fsync ${fsync}), a server has everything that it acknowledged`, async () => {
    const directory = await Deno.makeTempDir({ prefix: "moat-crash-" });
    const run = new CrashRun(Random.fromEnvironment(), directory, fsync);
    const end = performance.now() + seconds * share * 1000;
    try {
      while (performance.now() < end || run.lives < 3) await run.live();
      const server = run.spawn();
      await using _ = server;
      await server.running();
      await run.check(server.port);
      assertEquals((await server.stop()).code, 0);
      assertEquals(run.writers, [node], "the writer name is kept: nothing that was sent can be missing");
      assertTrue(run.writes > 0);
    } catch (error) {
      throw new Error(`${run.summary}: ${(error as Error).message}`, { cause: error });
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
    console.log(run.summary);
  });
}
