/**
 * The state of a server, what keeps it, and what shares it with other servers; no connections of clients.
 *
 * @module
 */

import packageInfo from "../deno.json" with { type: "json" };
import { KvError } from "../wire/errors.ts";
import { encode } from "../wire/msgpack/encoder.ts";
import type { Value } from "../wire/value.ts";
import { fitsPattern } from "./action/topics.ts";
import { InProcessTopics } from "./backend/in_process.ts";
import { ServerCluster } from "./cluster.ts";
import { CommitCycle } from "./commit.ts";
import type { ServerConfig } from "./config.ts";
import type { Effect } from "./core/effect.ts";
import { Store } from "./core/store.ts";
import { importStates, type ImportTarget, settleMissing } from "./import_state.ts";
import { Join } from "./join.ts";
import { JoinMark } from "./join_mark.ts";
import { Network, noNetwork } from "./network.ts";
import { decideOrigin } from "./origin_of_state.ts";
import { DenoDisk } from "./persist/disk.ts";
import { DurableHave } from "./persist/durable_have.ts";
import { newId, newWriterName } from "./persist/identity.ts";
import type { Persistence } from "./persist/persistence.ts";
import { StateFiles } from "./persist/state_files.ts";
import { Fanout } from "./session/fanout.ts";
import type { SessionParts } from "./session/parts.ts";
import { Slicer } from "./session/slicer.ts";
import { TokenIssuer } from "./session/token.ts";
import { statusOf, type StatusSources } from "./status.ts";
import { denoClock, randomBytes } from "./surroundings.ts";
import { NetworkTopics } from "./topics.ts";

/** How long the backend may take to attach before a server with state serves without having asked around. */
const attachMs = 300;
/** How long another live server of this name has to answer. */
const namesakeMs = 100;
/** How long a first peer has to answer a server that would else begin a new network. */
const firstPeerMs = 500;
/** How long the broker has to take this server in then. */
const firstAttachMs = 1500;

/** The state, and what keeps it; no connections. */
export class ServerCore implements AsyncDisposable {
  readonly cycle: CommitCycle;
  readonly parts: SessionParts;
  readonly #config: ServerConfig;
  readonly #persistence: Persistence | undefined;
  readonly #store: Store;
  readonly #files: StateFiles;
  readonly #stack = new AsyncDisposableStack();
  readonly #durable: DurableHave | undefined;
  readonly #cluster: ServerCluster;
  #network: Network | undefined;
  /** How many clients there are. */
  connections: () => number = () => 0;

  /** @param persistence Undefined: memory only */
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
    const topics = new NetworkTopics(new InProcessTopics(fitsPattern), () => this.#network?.backend);
    this.#durable = persistence && new DurableHave(store, persistence.journal);
    this.#cluster = this.#stack.use(
      new ServerCluster({
        node: config.name,
        store,
        turn: (body) => this.cycle.run(body),
        report: config.report,
        defect: (error) => this.#defect(error),
        status: (cluster) => statusOf(sources, cluster),
      }),
    );
    const sources: StatusSources = {
      config,
      store,
      cycle: this.cycle,
      persistence,
      version: packageInfo.version,
      startedMs: performance.now(),
      onDisk: () => this.#durable?.ticks(),
      watchers: () => fanout.watchers,
      connections: () => this.connections(),
    };
    this.parts = {
      services: {
        node: config.name,
        store,
        turn: this.cycle,
        topics,
        files,
        cluster: this.#cluster,
        topicRoot: config.root.split("."),
      },
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
    this.#network?.committed(effects);
    this.#cluster.committed(effects);
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

  /** Reaches out to others, and gets the first state. @throws {KvError} If it cannot be had, or another bears this name */
  async fill(): Promise<void> {
    const config = this.#config;
    for (const line of this.#persistence?.remarks ?? []) config.report(line);
    if (config.load.length > 0) await this.#load();
    const network = this.#network = await this.#openNetwork();
    this.#cluster.open(network);
    const starting = new AbortController();
    using _watching = network?.replicator.watch((news) => {
      if (news.kind === "clash") starting.abort(new KvError(namesakeText(config.name)));
    });
    const signal = AbortSignal.any([starting.signal, ...(config.signal ? [config.signal] : [])]);
    await this.#begin(signal);
    signal.throwIfAborted();
  }

  async #openNetwork(): Promise<Network | undefined> {
    const { cycle } = this;
    const [store, persistence] = [this.#store, this.#persistence];
    const network = await Network.open(this.#config, {
      store,
      turn: (body) => cycle.run(body),
      onDisk: () => this.#durable?.ticks(),
      syncSoon: () => void persistence?.journal.syncLater(),
      isFromElsewhere: this.#config.load.length > 0 || persistence?.renewedBecause !== undefined,
      defect: (error) => this.#defect(error),
    });
    return network && this.#stack.use(network);
  }

  async #begin(signal: AbortSignal): Promise<void> {
    const { init, report, peers: { from = [] } } = this.#config;
    const network = this.#network;
    const mark = new JoinMark(this.#config.data);
    const hasState = this.#persistence?.isNew === false && !mark.isSet;
    if (await network?.attached(attachMs)) await pause(namesakeMs, signal);
    signal.throwIfAborted();
    if (from.length > 0) return await this.#copy(from, hasState, mark, signal);
    const { origin, lines } = await decideOrigin(
      this.#config,
      hasState,
      async () => await network?.reach() ?? noNetwork,
    );
    for (const line of lines) report(line);
    if (origin !== "try" && origin !== "wait") {
      if (origin === "init") await this.#initialize(init!);
      return mark.clear();
    }
    const join = this.#join(signal);
    const isTry = origin === "try";
    if (isTry) await network!.attached(firstAttachMs);
    const isJoined = await join.fromAnybody(isTry ? firstPeerMs : Infinity, (isUnderWay) => {
      network!.isJoining = isUnderWay;
      if (isUnderWay) mark.set();
    });
    if (!isJoined) {
      report(`New network: ${this.#config.name} is its first server, as no other one answers`);
      await this.#initialize(init!);
    }
    mark.clear();
  }

  async #copy(from: readonly string[], hasState: boolean, mark: JoinMark, signal: AbortSignal): Promise<void> {
    if (!hasState) mark.set();
    try {
      await this.#join(signal).fromNamed(from);
    } catch (error) {
      signal.throwIfAborted();
      if (!hasState) throw error;
      this.#config.report(`${error instanceof Error ? error.message : error}. What is here is served`);
    }
    mark.clear();
  }

  #join(signal: AbortSignal): Join {
    const { report, name, peers } = this.#config;
    const store = this.#store;
    return new Join({
      store,
      replicator: this.#network?.replicator,
      options: peers,
      turn: (body) => this.cycle.run(body),
      committed: () => this.cycle.committed(),
      renew: () => takeNewName(store, name),
      report,
      signal,
    });
  }

  /** From now on others may copy from here. */
  serve(addresses: readonly string[]): void {
    this.#network?.serve(addresses);
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

  async #initialize(init: Value): Promise<void> {
    const value = encode(init);
    this.cycle.run(() => this.#store.write(this.#store.root, value, 0, value.length));
    await this.cycle.committed();
  }

  #commit(): void {
    this.#persistence?.append(this.#store.effects);
    this.#persistence?.commit("memory");
    this.#store.commit();
  }

  /** Ends the log of changes, when everything is said. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.cycle.committed().catch(() => {});
    await this.#stack.disposeAsync();
    await this.#files.close();
  }
}

function emptyStore(node: string): Store {
  const store = new Store({ node });
  store.local.lifeId = newId(randomBytes);
  return store;
}

function renewWriter(store: Store, node: string): void {
  takeNewName(store, node);
  store.commit();
}

function takeNewName(store: Store, node: string): void {
  store.adoptWriter(newWriterName(node, randomBytes));
  store.local.lifeId = newId(randomBytes);
}

function namesakeText(name: string): string {
  return `Another server of the name ${name} is alive in this network: stop it, or give this one another name ` +
    `(server NAME; with --data DIR if its state lies under the old name)`;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
  clearTimeout(timer);
}
