/**
 * This server among the others, for its clients: writes that wait for several nodes, members, the status. Also what a server
 * without a network does about conflicts, which come to it in state files.
 *
 * @module
 */

import { RequestError } from "../../wire/errors.ts";
import type { Info, NodeRanges } from "../../wire/message/info.ts";
import type { Value } from "../../wire/value.ts";
import type { AwaitedWrite, Cluster } from "../action/services.ts";
import type { Effect } from "../core/effect.ts";
import type { Store } from "../core/store.ts";
import type { Network } from "./network.ts";
import { Acknowledger, type Reached } from "../replicate/acknowledge.ts";
import { ConflictRecorder, type DropCount } from "../replicate/conflict/recorder.ts";
import { Members } from "../replicate/members.ts";
import type { Peer } from "../replicate/peer.ts";
import { StepTimer } from "./step_timer.ts";

/** What it is given. */
export interface ClusterParts {
  /** The server's name. */
  readonly node: string;
  readonly store: Store;
  /** Runs a change within a turn. */
  readonly turn: (body: () => void) => void;
  readonly report: (line: string) => void;
  /** Default: of this run. */
  readonly drops?: DropCount;
  readonly defect: (error: unknown) => void;
  /** How everything is. */
  readonly status: (cluster: ServerCluster) => { readonly [field: string]: Value };
}

/** See the module. */
export class ServerCluster implements Cluster, Disposable {
  /** The network, once it is open; without one, undefined for ever. */
  #network: Network | undefined;
  #alone: ConflictRecorder | undefined;
  readonly #acknowledger: Acknowledger;
  readonly #stack = new DisposableStack();
  readonly #waits: StepTimer;
  #records: StepTimer | undefined;

  constructor(private readonly parts: ClusterParts) {
    const { store, defect } = parts;
    this.#acknowledger = new Acknowledger({
      store,
      nowMs: () => performance.now(),
      peers: () => this.peers(),
      ask: () => this.#network?.replicator.askForHave(),
      wake: () => this.#waits.arm(),
    });
    this.#waits = this.#stack.use(new StepTimer(() => this.#acknowledger, defect));
  }

  /** When the network was opened. */
  openedMs: number = performance.now();

  /** The state. */
  get store(): Store {
    return this.parts.store;
  }

  /** Writes that wait for other nodes. */
  get waiting(): number {
    return this.#acknowledger.size;
  }

  /** The network, if there is one. */
  get network(): Network | undefined {
    return this.#network;
  }

  /** See {@linkcode Cluster}. */
  get isAlone(): boolean {
    return this.#network === undefined;
  }

  /** Everybody who belongs to the network. */
  get members(): Members {
    return this.#network?.replicator.members ?? new Members(this.parts.store);
  }

  /** The conflicts. */
  get conflicts(): ConflictRecorder | undefined {
    return this.#network?.replicator.conflicts ?? this.#alone;
  }

  /** The other servers that were heard. */
  *peers(): Generator<Peer> {
    for (const peer of this.#network?.replicator.peers.values() ?? []) if (peer.node !== this.parts.node) yield peer;
  }

  /** The state is here. @param network Undefined: this server is alone */
  open(network: Network | undefined): void {
    this.#network = network;
    this.openedMs = performance.now();
    if (network !== undefined) {
      this.#stack.use(network.replicator.watch(({ kind }) => kind === "peer" && this.#acknowledger.told()));
      return;
    }
    const { node, store, turn, report, drops, defect } = this.parts;
    this.#records = this.#stack.use(new StepTimer(() => this.#alone!, defect));
    this.#alone = new ConflictRecorder({
      store,
      node,
      nowMs: () => performance.now(),
      turn,
      report,
      drops,
      present: () => [],
      isQuiet: () => true,
      wake: () => this.#records!.arm(),
    });
    this.#records.arm();
  }

  /** Hears what is logged. */
  committed(effects: readonly Effect[]): void {
    this.#alone?.committed(effects);
  }

  /** See {@linkcode Cluster}. */
  acknowledge(write: AwaitedWrite): Promise<Reached> {
    return new Promise((done, refuse) => {
      try {
        this.#acknowledger.wait({ ...write, done });
      } catch (error) {
        refuse(error instanceof RangeError ? new RequestError("limit", error.message) : error);
      }
    });
  }

  /** See {@linkcode Cluster}. */
  member(name: string): "here" | "away" | "forgotten" | undefined {
    const { members } = this;
    if (!members.names().has(name)) return undefined;
    if (members.isForgotten(name)) return "forgotten";
    const peer = this.#network?.replicator.peers.get(name);
    return peer?.isPresent(performance.now()) ? "here" : "away";
  }

  /** See {@linkcode Cluster}. */
  forget(name: string): void {
    if (this.#network !== undefined) return this.#network.replicator.forget(name);
    new Members(this.parts.store).forget(name);
    this.parts.store.forget(name);
  }

  /** See {@linkcode Cluster}. */
  checkDeleted(ticks: NodeRanges): void {
    this.#network?.compat.checkDeleted(ticks);
  }

  /** See {@linkcode Cluster}. */
  tellOriginals(info: Info): void {
    this.#network?.compat.tell(info);
  }

  /** See {@linkcode Cluster}. */
  status(): { readonly [field: string]: Value } {
    return this.parts.status(this);
  }

  /** Nobody is answered any more. */
  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}
