/**
 * A network of nodes in virtual time, with everything that watches them.
 *
 * @module
 */

import type { Store } from "../../server/core/store.ts";
import type { MemoryDisk } from "../support/memory_disk.ts";
import { Chance } from "./chance.ts";
import { Coverage } from "./coverage.ts";
import { Violation } from "./failure.ts";
import { Ghost } from "./ghost.ts";
import { type Parcel, parcelText } from "./message.ts";
import { MixedChecks } from "./mixed_checks.ts";
import { Network } from "./network.ts";
import { Node } from "./node.ts";
import { type NodeOptions, usualNode } from "./node_options.ts";
import { OriginalPeer } from "./original_peer.ts";
import { StepChecks } from "./step_checks.ts";
import { Levels } from "./levels.ts";
import { Timeline } from "./timeline.ts";
import { Trace } from "./trace.ts";
import type { Watcher } from "./watcher.ts";

/** See the module. */
export class World {
  readonly timeline: Timeline = new Timeline();
  readonly ghost: Ghost = new Ghost();
  readonly coverage: Coverage = new Coverage();
  readonly trace: Trace;
  readonly network: Network;
  readonly checks: StepChecks;
  readonly nodes: Node[] = [];
  readonly watchers: Watcher[] = [];
  readonly originals: OriginalPeer[] = [];
  readonly levels: Levels = new Levels(this);
  /** What originals show at the end that ours do not. */
  disagreement: string | undefined;
  /** Whether nothing goes wrong any more. */
  isHealed = false;

  /** @param seed Of all chance @param isTraced Whether the trace is kept @param isMixed Whether originals may take part */
  constructor(readonly seed: number, isTraced: boolean = false, readonly isMixed: boolean = false) {
    this.trace = new Trace(this.timeline, isTraced);
    this.checks = new (isMixed ? MixedChecks : StepChecks)(this.ghost, (machine) => this.node(machine));
    this.network = new Network({
      timeline: this.timeline,
      chance: Chance.of(seed, "network"),
      coverage: this.coverage,
      published: (from, parcel) => this.#published(from, parcel),
      arrived: (to, from, parcel, deliver) => this.#arrived(to, from, parcel, deliver),
    });
  }

  /** A new machine; its node does not run yet. */
  add(options: Partial<NodeOptions> & { machine: string }, disk?: MemoryDisk): Node {
    const node = new Node(this, { ...usualNode, name: options.machine, ...options }, disk);
    this.nodes.push(node);
    return node;
  }

  /** A server that follows the original's rules comes. */
  addOriginal(machine: string): void {
    const original = new OriginalPeer(machine, this, this.network.join(machine), Chance.of(this.seed, machine));
    this.originals.push(original);
    this.network.sheltered.add(machine);
    original.start();
  }

  #original(machine: string): OriginalPeer | undefined {
    return this.isMixed ? this.originals.find((original) => original.machine === machine) : undefined;
  }

  /** Does something after `ms`, unless everything is healed by then. */
  meanwhile(ms: number, body: () => void | Promise<void>): void {
    this.timeline.after(ms, () => this.isHealed ? undefined : body());
  }

  /** The node on that machine. */
  node(machine: string): Node {
    const found = this.nodes.find((node) => node.machine === machine);
    if (found === undefined) throw new Error(`There is no machine ${machine}`);
    return found;
  }

  /** Those that run. */
  get up(): Node[] {
    return this.nodes.filter((node) => node.isUp);
  }

  /** Those that are not gone for ever. */
  get living(): Node[] {
    return this.nodes.filter((node) => node.state !== "dead");
  }

  /** What all machines but one hold, or held when they were seen last. */
  *stores(except: string): Iterable<Store> {
    for (const node of this.nodes) {
      const store = node.machine === except ? undefined : node.lastStore;
      if (store !== undefined) yield store;
    }
  }

  #published(from: string, parcel: Parcel): void {
    if (this.#original(from) !== undefined) return;
    const node = this.node(from);
    this.trace.add(from, () => `sends ${parcelText(parcel)}`);
    const { life } = node;
    if (life === undefined) throw new Violation("truth", `${from} is gone and sends ${parcel.kind}`);
    for (const fault of node.ails) this.coverage.met(fault, parcel.kind);
    life.point(`sending ${parcel.kind}`);
    this.checks.published(life, parcel);
  }

  #arrived(to: string, from: string, parcel: Parcel, deliver: () => void): void {
    const original = this.#original(to);
    if (original !== undefined) return original.enter(deliver);
    const node = this.node(to);
    if (node.life === undefined) return;
    if (to !== from) {
      this.trace.add(to, () => `${node.life!.isPaused ? "(paused) " : ""}gets ${parcel.kind} of ${from}`);
    }
    for (const fault of node.ails) this.coverage.met(fault, parcel.kind);
    node.life.enter(deliver);
  }
}
