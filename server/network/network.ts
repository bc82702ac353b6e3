/**
 * What a server has to do with others: the backend that was chosen, and the replicator on top of it.
 *
 * | configured | backend |
 * | --- | --- |
 * | a broker | MQTT there; it is waited for for ever |
 * | a Serf agent | Serf |
 * | nothing | MQTT at this machine's broker: the one that is there, else one of the servers offers it (embedded.ts) |
 * | `alone` | none: there is no network |
 *
 * A backend that goes away costs nothing but replication.
 *
 * @module
 */

import type { Backend } from "../backend/backend.ts";
import { EmbeddedBroker, stuckText } from "../backend/embedded.ts";
import { MqttBackend } from "../backend/mqtt.ts";
import { probeBroker } from "../backend/probe.ts";
import { SerfBackend } from "../backend/serf.ts";
import type { ServerConfig } from "../config.ts";
import type { Effect } from "../core/effect.ts";
import type { Ticks } from "../core/claims.ts";
import type { Store } from "../core/store.ts";
import { Originals } from "./originals.ts";
import { newId, newWriterName } from "../persist/identity.ts";
import { Places } from "./places.ts";
import { compatWith, type OriginalsCompat } from "../replicate/compat/compat.ts";
import type { DropCount } from "../replicate/conflict/recorder.ts";
import type { Replicator } from "../replicate/replicator.ts";
import { clientAddresses } from "./client_addresses.ts";
import { noNetwork, type Reach } from "./reach.ts";
import { ReplicatorDriver } from "./replicator_driver.ts";
import { randomBytes } from "../surroundings.ts";

/** How long a broker has to answer. */
const probeMs = 1000;

/** What a network needs of its server. */
export interface NetworkParts {
  readonly store: Store;
  /** Runs a change within a turn. */
  readonly turn: (body: () => void) => void;
  readonly onDisk: () => Ticks | undefined;
  /** Brings what is here to the disk, soon. */
  readonly syncSoon: () => void;
  readonly drops: DropCount;
  /** Whether the state is from a backup, a copy or a file. */
  readonly isFromElsewhere: boolean;
  readonly defect: (error: unknown) => void;
}

/** See the module. */
export class Network implements AsyncDisposable {
  readonly #config: ServerConfig;
  readonly #backend: Backend;
  readonly #broker: EmbeddedBroker | undefined;
  readonly #driver: ReplicatorDriver;
  readonly #originals: Originals;
  #compat: OriginalsCompat | undefined;
  readonly #watching: Disposable;
  #listening: readonly string[] = [];
  #isReady = false;
  /** Whether the first state is being copied. */
  isJoining = false;

  private constructor(
    config: ServerConfig,
    parts: NetworkParts,
    backend: Backend,
    broker: EmbeddedBroker | undefined,
  ) {
    this.#config = config;
    this.#backend = backend;
    this.#broker = broker;
    const { store, turn, onDisk, syncSoon, drops, isFromElsewhere, defect } = parts;
    const places = new Places(store, () => this.#driver.replicator.peers, config.peers);
    this.#originals = new Originals(places, config.report);
    const speak = compatWith({
      ...config.originals,
      cutsMessages: config.network.kind === "serf",
      ask: this.#originals,
    });
    this.#driver = new ReplicatorDriver({
      store,
      backend,
      root: config.root.split("."),
      node: config.name,
      processId: newId(randomBytes),
      random: Math.random,
      newWriterName: () => newWriterName(config.name, randomBytes),
      addresses: () => this.#listening,
      onDisk,
      syncSoon,
      drops,
      isMemoryOnly: config.data === undefined,
      turn,
      report: config.report,
      isReady: () => this.#isReady,
      isJoining: () => this.isJoining,
      isFromElsewhere,
      compat: (host) => this.#compat = speak(host),
    }, defect);
    let isLost = false;
    this.#watching = backend.watch((event) => {
      const { description, counters } = backend;
      if (event.kind === "detached") config.report(`No connection to the ${description}: ${event.reason}`);
      else if (isLost) config.report(`The ${description} is there${counters.connects > 1 ? " again" : ""}`);
      isLost = event.kind === "detached";
    });
    this.#driver.start();
  }

  /** Opens what is configured; undefined if there is to be no network. It need not be connected yet. */
  static async open(config: ServerConfig, parts: NetworkParts): Promise<Network | undefined> {
    const { network, report } = config;
    switch (network.kind) {
      case "none":
        return undefined;
      case "mqtt":
        return new Network(config, parts, await MqttBackend.open(network.broker), undefined);
      case "serf":
        return new Network(config, parts, SerfBackend.open(network), undefined);
      case "embedded": {
        const broker = new EmbeddedBroker(network.port, report);
        await broker.secure();
        let isFirst = true;
        const beforeConnect = async () => {
          if (!isFirst) await broker.secure();
          isFirst = false;
        };
        return new Network(config, parts, await MqttBackend.open({ uri: broker.uri, beforeConnect }), broker);
      }
    }
  }

  /** The replicator. */
  get replicator(): Replicator {
    return this.#driver.replicator;
  }

  /** What speaks to servers of the original. */
  get compat(): OriginalsCompat {
    return this.#compat!;
  }

  /** The connection to everybody. */
  get backend(): Backend {
    return this.#backend;
  }

  /** The broker of this machine, if that is the one. */
  get broker(): EmbeddedBroker | undefined {
    return this.#broker;
  }

  /** Whether others can be there. */
  async reach(): Promise<Reach> {
    const { network } = this.#config;
    if (network.kind === "mqtt") {
      const { uri, ca } = network.broker;
      let answer: Reach["answer"] = this.#backend.isAttached ? "answers" : await probeBroker(uri, probeMs);
      // Without the authority's certificate it cannot be asked.
      if (answer === "silent" && ca !== undefined) answer = "unknown";
      return { where: `The broker at ${withoutSecrets(uri)}`, answer };
    }
    if (network.kind === "serf") {
      return { where: `The Serf agent at ${network.host}:${network.port}`, answer: "unknown" };
    }
    if (network.kind === "none") return noNetwork;
    const answer = ({ own: "own", other: "answers", stuck: "stuck" } as const)[this.#broker!.owner ?? "stuck"];
    return { where: answer === "stuck" ? stuckText(network.port) : `The broker at ${this.#broker!.uri}`, answer };
  }

  /** Resolves when the backend is attached, after `waitMs`, or when `signal` says so. Returns whether it is attached. */
  async attached(waitMs: number, signal: AbortSignal): Promise<boolean> {
    if (this.#backend.isAttached || signal.aborted) return this.#backend.isAttached;
    const { promise, resolve } = Promise.withResolvers<void>();
    using _watching = this.#backend.watch((event) => event.kind === "attached" && resolve());
    const timer = waitMs < Infinity ? setTimeout(resolve, waitMs) : undefined;
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
    return this.#backend.isAttached;
  }

  /** Hears what is logged. */
  committed(effects: readonly Effect[]): void {
    this.#driver.committed(effects);
  }

  /** From now on others may copy from here. @param addresses Where clients connect */
  serve(addresses: readonly string[]): void {
    this.replicator.appear();
    this.#listening = clientAddresses(addresses, this.#config.peers.announce);
    this.#isReady = true;
    this.replicator.askForHave();
  }

  /** Leaves. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#watching[Symbol.dispose]();
    this.#originals[Symbol.dispose]();
    this.#driver[Symbol.dispose]();
    await this.#backend[Symbol.asyncDispose]();
    await this.#broker?.[Symbol.asyncDispose]();
  }
}

function withoutSecrets(uri: string): string {
  return uri.replace(/\/\/[^@/]*@/, "//");
}
