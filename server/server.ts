/**
 * The composition root: makes the parts from the configuration, ties them together, and takes them apart again.
 *
 * @module
 */

import packageInfo from "../deno.json" with { type: "json" };
import { KvError } from "../wire/errors.ts";
import { encode } from "../wire/msgpack/encoder.ts";
import { fitsPattern } from "./action/topics.ts";
import { InProcessTopics } from "./backend/in_process.ts";
import { probeBroker } from "./backend/probe.ts";
import { CommitCycle } from "./commit.ts";
import { readConfig, type ServerConfig, type ServerOptions } from "./config.ts";
import type { Effect } from "./core/effect.ts";
import { Store } from "./core/store.ts";
import { importStates, type ImportTarget, settleMissing } from "./import_state.ts";
import { decideOrigin } from "./origin_of_state.ts";
import { DenoDisk } from "./persist/disk.ts";
import { newId, newWriterName } from "./persist/identity.ts";
import { Persistence } from "./persist/persistence.ts";
import { StateFiles } from "./persist/state_files.ts";
import { Ports } from "./ports.ts";
import { Fanout } from "./session/fanout.ts";
import type { SessionParts } from "./session/parts.ts";
import { Slicer } from "./session/slicer.ts";
import { TokenIssuer } from "./session/token.ts";
import { denoClock, randomBytes, surroundingsOf } from "./surroundings.ts";

/** How long a broker has to answer. */
const probeMs = 1000;

/** A server that serves. */
export interface Server extends AsyncDisposable {
  /** The node's name. */
  readonly node: string;
  /** Where clients connect: `tcp://127.0.0.1:27586`, one for each port. */
  readonly addresses: readonly string[];
  /** Where HTTP and WebSocket are: `http://127.0.0.1:27590/`. */
  readonly web: string | undefined;
  /** The state directory; undefined: memory only. */
  readonly data: string | undefined;
  /** Ends all connections, writes what there is to write, and closes everything. */
  stop(): Promise<void>;
}

/**
 * Starts a server and resolves when it serves. What its owner should hear goes to `report`, line by line.
 *
 * @example
 * ```ts
 * import { startServer } from "@moat/kv/server";
 *
 * await using server = await startServer({ name: "test1", data: false, listen: [{ port: 0 }], web: false, init: "Test" });
 * console.log(server.addresses); // ["tcp://127.0.0.1:43127"]
 * ```
 * @throws {KvError} If it cannot start: a bad option, a port or a directory in use, an unreadable file
 */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const config = readConfig(options);
  await using stack = new AsyncDisposableStack();
  let setRefusal = (_reason: string | undefined): void => {};
  const persistence = await openState(config, (reason) => setRefusal(reason));
  if (persistence !== undefined) stack.use(persistence);
  const core = new ServerCore(config, persistence);
  setRefusal = (reason) => reason === undefined ? core.cycle.accept() : core.cycle.refuse(reason);
  stack.use(core);
  await core.fill();
  const ports = stack.use(new Ports(config, core.parts));
  ports.open();
  for (const address of ports.addresses) config.report(`Clients: ${address}`);
  if (ports.web !== undefined) config.report(`Web: ${ports.web}`);
  config.report(`Data: ${config.data ?? "none (memory only)"}`);
  config.report(`Node: ${config.name}`);
  return new RunningServer(config, ports, stack.move());
}

/** Opens the state directory. `setRefusal` hears why nothing can be written, and (with undefined) that it can again. */
async function openState(
  config: ServerConfig,
  setRefusal: (reason: string | undefined) => void,
): Promise<Persistence | undefined> {
  if (config.data === undefined) return undefined;
  return await Persistence.open({
    ...surroundingsOf(config.data),
    node: config.name,
    fsync: config.fsync,
    holder: `process ${Deno.pid}`,
    progress: ({ bytes, bytesTotal }) => config.progress(bytes, bytesTotal),
    report: config.report,
    onFailure: ({ message }) => {
      config.report(`Nothing can be written any more: ${message}`);
      setRefusal(message);
    },
    onRecovery: () => {
      config.report("There is room on the disk again: changes are taken");
      setRefusal(undefined);
    },
  });
}

/** See {@linkcode Server}. */
class RunningServer implements Server {
  readonly node: string;
  readonly data: string | undefined;
  readonly addresses: readonly string[];
  readonly web: string | undefined;
  readonly #stack: AsyncDisposableStack;
  #stopped: Promise<void> | undefined;

  constructor(config: ServerConfig, ports: Ports, stack: AsyncDisposableStack) {
    this.node = config.name;
    this.data = config.data;
    this.addresses = ports.addresses;
    this.web = ports.web;
    this.#stack = stack;
  }

  stop(): Promise<void> {
    return this.#stopped ??= this.#stack.disposeAsync();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/** The state, and what keeps it; no connections. */
class ServerCore implements AsyncDisposable {
  readonly cycle: CommitCycle;
  readonly parts: SessionParts;
  readonly #config: ServerConfig;
  readonly #persistence: Persistence | undefined;
  readonly #store: Store;
  readonly #files: StateFiles;

  constructor(config: ServerConfig, persistence: Persistence | undefined) {
    const store = persistence?.store ?? emptyStore(config.name);
    const fanout = new Fanout(store.values);
    this.#config = config;
    this.#persistence = persistence;
    this.#store = store;
    const openDirectory = (path: string) => new DenoDisk(path);
    const files = new StateFiles({ store, clock: denoClock, openDirectory, onFailure: config.report });
    this.#files = files;
    this.cycle = new CommitCycle(store, persistence, config.fsync === "always", (effects) => {
      this.#deliver(effects, fanout);
    });
    const slicer = this.cycle.slicer = new Slicer(() => !this.cycle.isOpen);
    const topics = new InProcessTopics(fitsPattern);
    this.parts = {
      services: { node: config.name, store, turn: this.cycle, topics, files, topicRoot: config.root.split(".") },
      turns: this.cycle,
      slicer,
      fanout,
      tokens: new TokenIssuer(store),
      window: config.window,
      version: packageInfo.version.split(".").map(Number),
      defect: (error) => this.#defect(error),
    };
  }

  #deliver(effects: readonly Effect[], fanout: Fanout): void {
    try {
      this.#files.changed(effects);
      fanout.deliver(effects);
    } catch (error) {
      this.#defect(error);
    }
  }

  #defect(error: unknown): void {
    const text = error instanceof Error ? error.stack ?? error.message : String(error);
    this.#config.report(`Error in the server: ${text}`);
  }

  /** Gets the first state. */
  async fill(): Promise<void> {
    const config = this.#config;
    for (const line of this.#persistence?.remarks ?? []) config.report(line);
    const hasState = this.#persistence?.isNew === false;
    const probe = () => probeBroker(config.broker, probeMs);
    const { origin, lines } = await decideOrigin(config, hasState, probe);
    for (const line of lines) config.report(line);
    if (origin === "files") await this.#load();
    if (origin === "init") this.#begin();
    if (origin === "wait") await waitForPeer(config.signal);
  }

  async #load(): Promise<void> {
    const { report, load, name, progress, authoritative } = this.#config;
    // The files may be older than what this node has told others under its name.
    if (this.#persistence !== undefined) this.#persistence.renewWriter();
    else renewWriter(this.#store, name);
    const target: ImportTarget = { store: this.#store, commit: () => this.#commit(), report, progress };
    await importStates(load, target);
    if (authoritative) settleMissing(target);
  }

  #begin(): void {
    const value = encode(this.#config.init!);
    this.#store.write(this.#store.root, value, 0, value.length);
    this.#commit();
  }

  #commit(): void {
    this.#persistence?.append(this.#store.effects);
    this.#persistence?.commit("memory");
    this.#store.commit();
  }

  /** Ends the log of changes, when everything is said. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.cycle.committed().catch(() => {});
    await this.#files.close();
  }
}

function emptyStore(node: string): Store {
  const store = new Store({ node });
  store.local.lifeId = newId(randomBytes);
  return store;
}

function renewWriter(store: Store, node: string): void {
  store.adoptWriter(newWriterName(node, randomBytes));
  store.local.lifeId = newId(randomBytes);
  store.commit();
}

/** Other servers come with replication; until then this ends only by the signal. */
function waitForPeer(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    // Keeps the process alive.
    const timer = setInterval(() => {}, 60_000);
    const stop = () => {
      clearInterval(timer);
      reject(new KvError("Stopped while waiting for another server", { cause: signal?.reason }));
    };
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true });
  });
}
