/**
 * Writes that wait until several nodes have them on their disks. A step machine without clock or timers.
 *
 * What counts is what servers of this kind say of their disks; one without a disk counts with what it has. A node where the
 * write has lost counts, too: it knows of it, and the reply says so. Servers of the original never count.
 *
 * Nothing else waits for these writes, and a time-out takes nothing back.
 *
 * @module
 */

import { recordKeys } from "../core/conflicts.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import type { Store } from "../core/store.ts";
import type { Peer } from "./peer.ts";

/** The others are asked after this time, then after twice as long, and so on. */
const askMinMs = 10;
const askMaxMs = 250;
/** So many writes may wait. */
export const waitingMax = 10_000;

/** What a write has reached. */
export interface Reached {
  /** Nodes that have it on their disks, this one included. */
  readonly nodes: number;
  /** Whether it lost somewhere against a write that did not know it. */
  readonly isLost: boolean;
}

/** A write that waits. */
export interface Waiting {
  /** Where. */
  readonly path: readonly ElementKey[];
  /** The event. */
  readonly writer: string;
  readonly tick: number;
  /** How many nodes it waits for, this one included. */
  readonly nodes: number;
  readonly timeoutMs: number;
  /** Whether nobody wants to know any more. */
  readonly isGone?: () => boolean;
  /** Called once. */
  readonly done: (reached: Reached) => void;
}

/** What an acknowledger is given. */
export interface AcknowledgerParts {
  readonly store: Store;
  readonly nowMs: () => number;
  /** The other servers. */
  readonly peers: () => Iterable<Peer>;
  /** Asks all of them to say what they have. */
  readonly ask: () => void;
  /** Called when `dueMs` has become earlier. */
  readonly wake?: () => void;
}

interface Open extends Waiting {
  readonly untilMs: number;
}

/** See the module. */
export class Acknowledger {
  /** When `time()` has to be called; Infinity: never. */
  dueMs = Infinity;
  #open: Open[] = [];
  #askMs = askMinMs;

  constructor(private readonly parts: AcknowledgerParts) {}

  /** How many wait. */
  get size(): number {
    return this.#open.length;
  }

  /** Waits. The write has to be on this node's own disk. @throws {RangeError} If too many wait */
  wait(waiting: Waiting): void {
    const reached = this.#reached(waiting);
    if (reached.nodes >= waiting.nodes || waiting.timeoutMs <= 0) return waiting.done(reached);
    if (this.#open.length >= waitingMax) throw new RangeError("Too many writes wait for other nodes");
    const nowMs = this.parts.nowMs();
    this.#open.push({ ...waiting, untilMs: nowMs + waiting.timeoutMs });
    this.#askMs = askMinMs;
    this.#by(nowMs);
  }

  #by(atMs: number): void {
    if (atMs >= this.dueMs) return;
    this.dueMs = atMs;
    this.parts.wake?.();
  }

  /** A peer said what it has. */
  told(): void {
    if (this.#open.length > 0) this.#settle();
  }

  /** Ends what is over, and asks again. */
  time(): void {
    const nowMs = this.parts.nowMs();
    if (nowMs < this.dueMs) return;
    this.dueMs = Infinity;
    this.#settle();
    if (this.#open.length === 0) return;
    this.parts.ask();
    const nextMs = Math.min(nowMs + this.#askMs, ...this.#open.map(({ untilMs }) => untilMs));
    this.#askMs = Math.min(askMaxMs, 2 * this.#askMs);
    this.#by(nextMs);
  }

  #settle(): void {
    const nowMs = this.parts.nowMs();
    const open = this.#open;
    this.#open = [];
    const done: (() => void)[] = [];
    for (const waiting of open) {
      if (waiting.isGone?.()) continue;
      const reached = this.#reached(waiting);
      if (reached.nodes < waiting.nodes && nowMs < waiting.untilMs) this.#open.push(waiting);
      else done.push(() => waiting.done(reached));
    }
    for (const each of done) each();
  }

  #reached({ path, writer, tick }: Waiting): Reached {
    let nodes = 1;
    let isLost = this.#isLostHere(path, writer, tick);
    for (const peer of this.parts.peers()) {
      const onDisk = peer.isMemoryOnly ? peer.have : peer.onDisk;
      if (!peer.isOurs || !onDisk?.get(writer)?.has(tick)) continue;
      nodes++;
      if (peer.lost.get(writer)?.has(tick)) isLost = true;
    }
    return { nodes, isLost };
  }

  #isLostHere(path: readonly ElementKey[], writer: string, tick: number): boolean {
    const { store } = this.parts;
    if (store.conflicts.get(writer, tick) !== undefined) return true;
    const keys = recordKeys({ path, writer: { name: writer }, tick });
    const record = store.find(keys, keys.length);
    return record !== undefined && record.writer !== null;
  }
}
