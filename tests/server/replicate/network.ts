/**
 * A network of stores on one bus, with a clock that stands still until a test moves it, and messages that get lost,
 * repeated and late as the test says. Every turn is committed at once.
 *
 * @module
 */

import { Bus, type InProcessBackend } from "../../../server/backend/in_process.ts";
import type { Channel } from "../../../server/backend/backend.ts";
import type { Ticks } from "../../../server/core/claims.ts";
import { Store } from "../../../server/core/store.ts";
import { Replicator, type ReplicatorParts } from "../../../server/replicate/replicator.ts";
import { readSync, type SyncMessage } from "../../../wire/message/sync.ts";
import type { Value } from "../../../wire/value.ts";
import { put, remove, valueAt } from "../core/world.ts";
import { Random } from "../../support/random.ts";

/** What happens to a message on its way to one receiver: the delays after which it arrives. None: it is lost. */
export type Fate = (from: string, to: string, message: SyncMessage | undefined, channel: Channel) => readonly number[];

/** One message that was sent. */
export interface Sent {
  readonly atMs: number;
  readonly from: string;
  readonly bytes: number;
  readonly message: SyncMessage | undefined;
}

/** Changes to the usual parts. */
export interface NodeOptions extends Partial<ReplicatorParts> {
  readonly store?: Store;
  /** The node's name, if it is not the member's. */
  readonly name?: string;
}

/** One server. */
export class Node {
  readonly reports: string[] = [];
  readonly store: Store;
  readonly backend: InProcessBackend;
  readonly replicator: Replicator;
  /** What is on the disk; undefined: all. */
  disk: Ticks | undefined;
  /** Whether nothing can be logged, and how often that was tried. */
  isFull = false;
  failed = 0;
  #depth = 0;

  constructor(private readonly network: Network, readonly member: string, options: NodeOptions) {
    const node = options.name ?? member;
    this.store = options.store ?? makeStore(node, `life of ${member}`);
    this.backend = network.bus.join(member);
    this.replicator = new Replicator({
      store: this.store,
      backend: this.backend,
      root: ["moat", "kv"],
      node,
      processId: `process ${member} ${++network.processes}`,
      nowMs: () => network.nowMs,
      random: () => network.random.next(),
      newWriterName: () => `${node}~${String(++network.processes).padStart(8, "x")}`,
      addresses: () => [`tcp://${member}`],
      onDisk: () => this.disk,
      turn: (body) => this.turn(body),
      report: (line) => this.reports.push(line),
      ...options,
    });
  }

  /** Changes the store and commits. */
  turn(body: () => void): void {
    this.#depth++;
    try {
      body();
    } finally {
      this.#depth--;
    }
    if (this.#depth > 0 || this.store.effects.length === 0) return;
    if (this.isFull) {
      this.failed++;
      return this.store.rollback();
    }
    // What is committed may make the replicator open a turn: it comes after this one.
    this.#depth++;
    this.replicator.committed(this.store.effects);
    this.#depth--;
    this.store.commit();
  }

  put(path: string, value: Value): void {
    this.turn(() => void put(this.store, path, value));
  }
  remove(path: string): void {
    this.turn(() => void remove(this.store, path));
  }
  get(path: string): Value | undefined {
    return valueAt(this.store, path);
  }
}

/** A store with a life id. */
export function makeStore(node: string, life: string): Store {
  const store = new Store({ node });
  store.local.lifeId = life;
  return store;
}

/** Messages arrive after 1 ms. */
export const whole: Fate = (): readonly number[] => [1];

/** See the module. */
export class Network {
  nowMs = 1000;
  processes = 0;
  fate: Fate = whole;
  readonly random: Random;
  readonly bus: Bus;
  readonly nodes: Map<string, Node> = new Map();
  /** Members of another kind that do things in time. */
  readonly others: { readonly wakeAtMs: number; time(): void }[] = [];
  readonly sent: Sent[] = [];
  #cut: ReadonlyMap<string, number> = new Map();
  #queue: { atMs: number; order: number; deliver: () => void }[] = [];
  #order = 0;

  constructor(seed: number = 1) {
    this.random = new Random(seed);
    this.bus = new Bus((from, to, channel, payload, deliver) => {
      const message = readOr(payload);
      if (from === to) this.sent.push({ atMs: this.nowMs, from: from.name, bytes: payload.length, message });
      if (from !== to && this.#side(from.name) !== this.#side(to.name)) return;
      for (const delayMs of from === to ? [1] : this.fate(from.name, to.name, message, channel)) {
        this.#queue.push({ atMs: this.nowMs + delayMs, order: this.#order++, deliver });
      }
    });
  }

  #side(name: string): number {
    return this.#cut.get(name) ?? -1;
  }

  /** A server joins. */
  add(member: string, options: NodeOptions = {}): Node {
    const node = new Node(this, member, options);
    this.nodes.set(member, node);
    node.replicator.start();
    return node;
  }

  /** A server dies without a word. */
  kill(node: Node): void {
    this.nodes.delete(node.member);
    node.backend.detach("killed");
  }

  /** Only members of one group hear each other: `split("a b", "c")`. Those not named are a group, too. */
  split(...groups: string[]): void {
    this.#cut = new Map(groups.flatMap((group, i) => group.split(" ").map((name) => [name, i] as const)));
  }

  /** Everybody hears everybody, and notices that the connection is back. */
  heal(): void {
    this.#cut = new Map();
    for (const node of this.nodes.values()) {
      node.backend.detach("healing");
      node.backend.attach();
    }
  }

  /** Lets time pass. */
  run(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (let steps = 0;; steps++) {
      const next = this.#next();
      if (next.atMs > untilMs) break;
      if (steps > 2_000_000) throw new Error("Too many steps: something is due all the time");
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
    }
    this.nowMs = untilMs;
  }

  /** Lets time pass until `isDone`; returns how long that took. @throws {Error} If it takes longer than `maxMs` */
  until(isDone: () => boolean, maxMs: number): number {
    const startMs = this.nowMs;
    while (!isDone()) {
      if (this.nowMs - startMs >= maxMs) throw new Error(`Not done after ${maxMs} ms`);
      this.run(5);
    }
    return this.nowMs - startMs;
  }

  #next(): { atMs: number; run: () => void } {
    let best: { atMs: number; run: () => void } = { atMs: Infinity, run: () => {} };
    for (const { replicator } of this.nodes.values()) {
      if (replicator.wakeAtMs < best.atMs) best = { atMs: replicator.wakeAtMs, run: () => replicator.time() };
    }
    for (const other of this.others) {
      if (other.wakeAtMs < best.atMs) best = { atMs: other.wakeAtMs, run: () => other.time() };
    }
    let first = -1;
    for (let i = 0; i < this.#queue.length; i++) {
      const { atMs, order } = this.#queue[i];
      const other = this.#queue[first];
      if (first < 0 || atMs < other.atMs || atMs === other.atMs && order < other.order) first = i;
    }
    if (first >= 0 && this.#queue[first].atMs <= best.atMs) {
      return { atMs: this.#queue[first].atMs, run: () => this.#queue.splice(first, 1)[0].deliver() };
    }
    return best;
  }
}

/** Servers that have known each other for half a minute. */
export function familiar(...members: string[]): { network: Network; nodes: Node[] } {
  const network = new Network(7);
  const nodes = members.map((member) => network.add(member));
  network.run(30_000);
  return { network, nodes };
}

function readOr(payload: Uint8Array): SyncMessage | undefined {
  try {
    return readSync(payload.slice());
  } catch {
    return undefined;
  }
}
