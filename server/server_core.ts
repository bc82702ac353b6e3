/**
 * The state of a server, what keeps it, and what shares it with other servers; no connections of clients.
 *
 * @module
 */

import packageInfo from "../deno.json" with { type: "json" };
import { KvError } from "../wire/errors.ts";
import { fitsPattern } from "./action/topics.ts";
import { Auth } from "./auth/auth.ts";
import { LocalTopics } from "./backend/local_topics.ts";
import { ServerCluster } from "./network/cluster.ts";
import { CommitCycle } from "./commit.ts";
import type { ServerConfig } from "./config.ts";
import type { Effect } from "./core/effect.ts";
import { Store } from "./core/store.ts";
import { getFirstState } from "./start/first_state.ts";
import { importStates, type ImportTarget, settleMissing } from "./start/import_state.ts";
import { Meta } from "./meta/meta.ts";
import { Sandbox } from "./meta/sandbox/sandbox.ts";
import { KeptDropCount } from "./network/drop_count.ts";
import { NamesakeWatch } from "./network/namesake_watch.ts";
import type { Network } from "./network/network.ts";
import { DenoDisk } from "./persist/disk.ts";
import { DurableHave } from "./persist/durable_have.ts";
import { newId, newWriterName } from "./persist/identity.ts";
import type { Persistence } from "./persist/persistence.ts";
import { StateFiles } from "./persist/state_files.ts";
import { Fanout } from "./session/fanout.ts";
import type { SessionParts } from "./session/parts.ts";
import { Slicer } from "./session/slicer.ts";
import { TokenIssuer } from "./session/token.ts";
import { statusOf, type StatusSources } from "./status/status.ts";
import { denoClock, randomBytes, wallClock } from "./surroundings.ts";
import { NetworkTopics } from "./network/topics.ts";

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
  readonly #drops: KeptDropCount;
  readonly #cluster: ServerCluster;
  readonly #meta: Meta;
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
    const sandbox = this.#stack.use(new Sandbox({ report: config.report }));
    this.#meta = new Meta(store, { sandbox, report: config.report, clock: wallClock });
    const auth = this.#stack.use(
      new Auth({
        store,
        meta: this.#meta,
        clock: wallClock,
        random: randomBytes,
        change: (body) => this.cycle.run(body),
        isReadOnly: () => this.cycle.refusal !== undefined,
      }),
    );
    const slicer = this.cycle.slicer = new Slicer(() => !this.cycle.isOpen);
    const topics = new NetworkTopics(new LocalTopics(fitsPattern), () => this.#network?.backend);
    this.#stack.defer(() => this.#meta.acls.close());
    this.#durable = persistence && new DurableHave(store, persistence.journal);
    this.#drops = new KeptDropCount(config.data);
    this.#cluster = this.#stack.use(
      new ServerCluster({
        node: config.name,
        store,
        turn: (body) => this.cycle.run(body),
        report: config.report,
        drops: this.#drops,
        defect: (error) => this.#defect(error),
        status: (cluster) => statusOf(sources, cluster),
      }),
    );
    const sources: StatusSources = {
      config,
      store,
      meta: this.#meta,
      auth,
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
        meta: this.#meta,
        auth,
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
      this.#meta.committed(effects);
      this.#files.changed(effects);
      fanout.deliver(effects);
      this.parts.tokens.committed();
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
    const found = () => starting.abort(new KvError(namesakeText(config.name)));
    using namesake = network && new NamesakeWatch(network.replicator, found);
    const signal = AbortSignal.any([starting.signal, ...(config.signal ? [config.signal] : [])]);
    await getFirstState({
      config,
      store: this.#store,
      isNew: this.#persistence?.isNew ?? true,
      network,
      mayHaveNamesake: () => namesake?.isSuspicious ?? false,
      turn: (body) => this.cycle.run(body),
      committed: () => this.cycle.committed(),
      renew: () => takeNewName(this.#store, config.name),
    }, signal);
    signal.throwIfAborted();
  }

  async #openNetwork(): Promise<Network | undefined> {
    if (this.#config.network.kind === "none") return undefined;
    const { cycle } = this;
    const [store, persistence] = [this.#store, this.#persistence];
    const { Network } = await import("./network/network.ts");
    const network = await Network.open(this.#config, {
      store,
      turn: (body) => cycle.run(body),
      onDisk: () => this.#durable?.ticks(),
      drops: this.#drops,
      syncSoon: () => void persistence?.journal.syncLater(),
      isFromElsewhere: this.#config.load.length > 0 || persistence?.isFromElsewhere === true,
      defect: (error) => this.#defect(error),
    });
    return network && this.#stack.use(network);
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
    this.#meta.reload();
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
