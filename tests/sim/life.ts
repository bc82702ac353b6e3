/**
 * One process of a node, from its start to its death: the real core, persistence and replicator, and what ties them
 * together as the server does. It can die at any point.
 *
 * @module
 */

import type { InProcessBackend } from "../../server/backend/in_process.ts";
import { newWriterName } from "../../server/persist/identity.ts";
import { DurableHave } from "../../server/persist/durable_have.ts";
import type { Persistence } from "../../server/persist/persistence.ts";
import { compatWith } from "../../server/replicate/compat/compat.ts";
import { Replicator } from "../../server/replicate/replicator.ts";
import { Crash, type MemoryDisk } from "../support/memory_disk.ts";
import { askerOf } from "../support/original_asker.ts";
import type { OriginalRules } from "../support/original_rules.ts";
import type { Chance } from "./chance.ts";
import { Violation } from "./failure.ts";
import { Joining } from "./joining.ts";
import type { Node } from "./node.ts";
import { Services } from "./services.ts";
import { type Request, Turns } from "./turns.ts";
import type { World } from "./world.ts";

/** What a life is given. */
export interface LifeParts {
  readonly world: World;
  /** `A`: where it runs. */
  readonly machine: string;
  /** The node's name; two machines may have the same. */
  readonly name: string;
  /** `A#3` */
  readonly id: string;
  readonly chance: Chance;
  readonly disk: MemoryDisk;
  readonly backend: InProcessBackend;
  readonly persistence: Persistence;
  /** Later commits, as when many clients share one sync; 0: at the end of each event. */
  readonly turnMs: number;
  readonly nowMs: () => number;
  /** Whether every reply waits for the disk. */
  readonly isAlways: boolean;
  readonly isFromElsewhere: boolean;
  /** Who still has to get its first state from others. */
  readonly joiner: Node | undefined;
  /** It died by itself. */
  readonly died: () => void;
}

function liveOriginal({ originals }: World, name: string): OriginalRules | undefined {
  const rules = originals.find(({ machine }) => machine === name)?.rules;
  return rules?.death === undefined ? rules : undefined;
}

/** Bodies that a paused process may have waiting. */
const backlogMax = 200;

/** How long it asks. */
const askingMs = 100;

/** See the module. */
export class Life {
  readonly store: Persistence["store"];
  readonly replicator: Replicator;
  readonly durable: DurableHave;
  readonly turns: Turns;
  /** What clients use. */
  readonly services: Services;
  /** How it gets its first state; undefined: it has one, or gets it by the backend. */
  readonly joining: Joining | undefined;
  /** Whether it is gone, or on its way out. */
  isOver = false;
  isPaused = false;
  /** Points until it dies by itself. */
  fuse = Infinity;
  /** What it said last of its disk. */
  saidOnDisk: ReadonlyMap<string, readonly (readonly [number, number])[]> = new Map();
  /** How much it has of each writer, at the last commit. */
  readonly haveSizes: Map<string, number> = new Map();
  #backlog: (() => void)[] = [];
  #depth = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(readonly parts: LifeParts) {
    const { persistence } = parts;
    this.store = persistence.store;
    this.durable = new DurableHave(this.store, persistence.journal);
    this.turns = new Turns(this);
    this.joining = parts.joiner && new Joining(parts.joiner, this);
    this.replicator = this.#makeReplicator(parts);
    this.services = new Services(this);
  }

  #makeReplicator({ world, machine, name, id, backend, nowMs, chance, isFromElsewhere }: LifeParts): Replicator {
    return new Replicator({
      store: this.store,
      backend,
      root: ["moat", "kv"],
      node: name,
      processId: id,
      nowMs,
      random: () => chance.next(),
      newWriterName: () => newWriterName(name, (n) => chance.bytes(n)),
      addresses: () => [`tcp://${machine}:27586`],
      onDisk: () => this.durable.ticks(),
      turn: (body) => this.turn(body),
      report: (line) => world.trace.add(machine, () => `says: ${line}`),
      wake: () => {},
      isFromElsewhere,
      isReady: () => this.joining?.isDone ?? true,
      isJoining: () => this.joining?.isCopying ?? false,
      ...world.isMixed ? { compat: compatWith({ ask: askerOf((node) => liveOriginal(world, node)) }) } : {},
    });
  }

  /** Whether it serves clients. */
  get isServing(): boolean {
    return !this.isPaused && !this.replicator.isProbing && (this.joining?.isDone ?? true);
  }

  /** Whether something of its state was lost when it was loaded: then only the heads that are left are had. */
  get isDamaged(): boolean {
    return this.parts.persistence.findings.some((finding) => finding.isLoss);
  }

  /** Connects. @param asksFirst Says nothing of itself for a moment */
  start(asksFirst: boolean): void {
    this.enter(() => this.replicator.start(asksFirst));
    if (asksFirst) this.after(askingMs, () => this.replicator.appear());
    this.joining?.start();
  }

  /** Whether its disk died under it. */
  get #isDead(): boolean {
    return this.parts.disk.isDead;
  }

  /** Runs something inside the process: a message, a timer, a request. */
  enter(body: () => void): void {
    if (this.isOver) return;
    if (this.isPaused) {
      if (this.#backlog.length < backlogMax) this.#backlog.push(body);
      return;
    }
    this.#depth++;
    try {
      if (this.#isDead) throw new Crash("The disk died");
      body();
      if (this.#depth === 1) this.turns.end();
    } catch (error) {
      this.#caught(error);
    } finally {
      this.#depth--;
    }
    if (!this.isOver && this.#depth === 0) this.#arm();
  }

  #caught(error: unknown): void {
    if (error instanceof Violation) throw error;
    if (!(error instanceof Crash)) {
      const text = error instanceof Error ? error.stack ?? error.message : String(error);
      throw new Violation("error", `${this.parts.machine}: ${text}`, { cause: error });
    }
    if (this.isOver) return;
    this.parts.world.trace.add(this.parts.machine, () => `dies: ${error.message}`);
    this.parts.died();
  }

  /** Goes on after a pause. */
  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    const backlog = this.#backlog;
    this.#backlog = [];
    for (const body of backlog) this.enter(body);
    this.enter(() => {});
  }

  /** A point at which it may die by itself. */
  point(where: string): void {
    if (this.fuse-- <= 0) throw new Crash(`Died at: ${where}`);
  }

  /** Runs what changes the store; it is logged at the end of the turn. */
  turn(body: () => void): void {
    if (this.isOver || this.turns.putOff(body)) return;
    if (this.#depth === 0) return this.enter(body);
    body();
  }

  /** A client's request. */
  request(request: Request): void {
    this.enter(() => this.turn(() => this.turns.request(request)));
  }

  /** Calls `run` within the process after a while; the returned function prevents it. */
  after(ms: number, run: () => void): () => void {
    return this.parts.world.timeline.after(ms, () => this.enter(run));
  }

  #arm(): void {
    this.#cancelTimer?.();
    const wakeAtMs = Math.min(this.replicator.wakeAtMs, this.services.dueMs);
    if (wakeAtMs === Infinity) return;
    this.#cancelTimer = this.after(Math.max(0.01, wakeAtMs - this.parts.nowMs()), () => {
      this.replicator.time();
      this.services.time();
    });
  }

  /** The clock jumped, or the process was woken. */
  look(): void {
    this.enter(() => {});
  }

  /** It is gone: nothing that it still tries has any effect. What was not logged is taken back. */
  end(): void {
    if (this.isOver) return;
    this.#over();
    this.store.rollback();
  }

  #over(): void {
    this.isOver = true;
    this.#cancelTimer?.();
    this.services.end();
  }

  /** Stops as a server does that is told to. */
  async stop(): Promise<void> {
    this.enter(() => {
      this.turns.commitAll();
      this.replicator.stop();
    });
    if (this.isOver) return;
    this.#over();
    await this.parts.persistence[Symbol.asyncDispose]();
  }
}
