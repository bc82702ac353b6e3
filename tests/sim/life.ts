/**
 * One process of a node, from its start to its death: the real core, persistence and replicator, and the turns that tie them
 * together as the server does. It can die at any point.
 *
 * @module
 */

import type { InProcessBackend } from "../../server/backend/in_process.ts";
import { Change, type Effect } from "../../server/core/effect.ts";
import { newWriterName } from "../../server/persist/identity.ts";
import { DurableHave } from "../../server/persist/durable_have.ts";
import { DiskError } from "../../server/persist/file_system.ts";
import type { Persistence } from "../../server/persist/persistence.ts";
import { Replicator } from "../../server/replicate/replicator.ts";
import { Crash, type MemoryDisk } from "../support/memory_disk.ts";
import type { Chance } from "./chance.ts";
import { Violation } from "./failure.ts";
import type { GhostEvent } from "./ghost.ts";
import { countMeetings } from "./step_checks.ts";
import type { World } from "./world.ts";

/** What a client wants to hear. */
export interface Reply {
  /** The events of its request, once they are made. */
  events: GhostEvent[];
  readonly changes: readonly Change[];
  readonly level: "memory" | "disk";
  /** Whether the reply gets lost. */
  readonly isLost: boolean;
}

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
  /** It died by itself. */
  readonly died: () => void;
}

/** Bodies that a paused process may have waiting. */
const backlogMax = 200;

/** See the module. */
export class Life {
  readonly store: Persistence["store"];
  readonly replicator: Replicator;
  readonly durable: DurableHave;
  /** Whether it is gone, or on its way out. */
  isOver = false;
  isPaused = false;
  /** Why its log takes nothing any more. */
  refusal: string | undefined;
  /** Points until it dies by itself. */
  fuse = Infinity;
  /** Whether it died while it wrote its log. */
  isTorn = false;
  /** Events of which nobody knows whether they are in the log. */
  readonly unsure: GhostEvent[] = [];
  /** What it said last of its disk. */
  saidOnDisk: ReadonlyMap<string, readonly (readonly [number, number])[]> = new Map();
  /** How much it has of each writer, at the last commit. */
  readonly haveSizes: Map<string, number> = new Map();
  #replies: Reply[] = [];
  #needsDisk = false;
  #backlog: (() => void)[] = [];
  #depth = 0;
  #isCommitting = false;
  #waiting: (() => void)[] = [];
  #isEndDue = false;
  #cancelTimer: (() => void) | undefined;

  constructor(readonly parts: LifeParts) {
    const { world, persistence, backend, chance, name, id, nowMs, isFromElsewhere } = parts;
    this.store = persistence.store;
    this.durable = new DurableHave(this.store, persistence.journal);
    this.replicator = new Replicator({
      store: this.store,
      backend,
      root: ["moat", "kv"],
      node: name,
      processId: id,
      nowMs,
      random: () => chance.next(),
      newWriterName: () => newWriterName(name, (n) => chance.bytes(n)),
      addresses: () => [`tcp://${parts.machine}:27586`],
      onDisk: () => this.durable.ticks(),
      turn: (body) => this.turn(body),
      report: (line) => world.trace.add(parts.machine, () => `says: ${line}`),
      wake: () => {},
      isFromElsewhere,
    });
  }

  /** Whether something of its state was lost when it was loaded: then only the heads that are left are had. */
  get isDamaged(): boolean {
    return this.parts.persistence.findings.some((finding) => finding.isLoss);
  }

  /** Connects. */
  start(): void {
    this.enter(() => this.replicator.start());
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
      if (this.#depth === 1) this.#endTurn();
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

  // ---- turns

  /** Runs what changes the store; it is logged at the end of the turn. */
  turn(body: () => void): void {
    if (this.isOver) return;
    if (this.#isCommitting) return void this.#waiting.push(body);
    if (this.#depth === 0) return this.enter(body);
    body();
  }

  /** A client's request. */
  request(body: () => Omit<Reply, "events"> | undefined): void {
    this.enter(() =>
      this.turn(() => {
        if (this.refusal !== undefined) return;
        const reply = body();
        if (reply === undefined) return;
        this.#replies.push({ ...reply, events: [] });
        if (reply.level === "disk") this.#needsDisk = true;
      })
    );
  }

  #endTurn(): void {
    if (this.store.effects.length === 0 && !this.#needsDisk) return void this.store.commit();
    const { turnMs, world } = this.parts;
    if (turnMs === 0) return this.#commitAll();
    if (this.#isEndDue) return;
    this.#isEndDue = true;
    world.timeline.after(turnMs, () => {
      this.#isEndDue = false;
      this.enter(() => this.#commitAll());
    });
  }

  #commitAll(): void {
    this.#commit();
    while (this.#waiting.length > 0 && !this.isOver) {
      for (const body of this.#waiting.splice(0)) body();
      this.#commit();
    }
  }

  #commit(): void {
    const { effects } = this.store;
    const replies = this.#replies;
    this.#replies = [];
    if (effects.length > 0 || this.#needsDisk) {
      if (!this.#log(effects, replies)) return;
      this.#deliver(effects);
    }
    this.#needsDisk = false;
    this.store.commit();
    this.#answer(replies);
  }

  /** Logs what the turn has changed; takes it back if that fails. */
  #log(effects: readonly Effect[], replies: readonly Reply[]): boolean {
    const { world, machine, persistence } = this.parts;
    const made = new Map<Change, GhostEvent>();
    for (const effect of effects) {
      if (!(effect instanceof Change) || !effect.local) continue;
      made.set(effect, world.ghost.made(effect, this.store, machine, world.timeline.nowMs));
    }
    const wasRefused = this.refusal !== undefined;
    try {
      if (wasRefused) throw new DiskError("io", this.refusal!);
      persistence.append(effects);
      persistence.commit(this.#needsDisk ? "disk" : "memory");
    } catch (error) {
      // If it died, or could not take back what it wrote, that may be there after the next start.
      const isOpen = !(error instanceof DiskError) || !persistence.journal.isWhole && !wasRefused;
      if (isOpen) this.unsure.push(...made.values());
      else for (const event of made.values()) world.ghost.forget(event);
      this.isTorn ||= isOpen;
      if (!(error instanceof DiskError)) throw error;
      this.#refuse(error);
      return false;
    }
    for (const event of made.values()) world.ghost.logged(event);
    for (const reply of replies) reply.events = reply.changes.map((change) => made.get(change)!);
    world.checks.logged(this, effects);
    for (const fault of world.node(machine).ailments()) countMeetings(world.coverage, fault, effects);
    return true;
  }

  #refuse(error: DiskError): void {
    const { world, machine } = this.parts;
    this.refusal ??= error.message;
    this.store.rollback();
    this.#needsDisk = false;
    world.trace.add(machine, () => `cannot log: ${error.message}`);
  }

  #deliver(effects: readonly Effect[]): void {
    this.#isCommitting = true;
    try {
      this.point("logged, nothing sent");
      this.replicator.committed(effects);
      this.point("sent, not answered");
    } catch (error) {
      // What is logged is logged.
      if (error instanceof Crash) this.store.commit();
      throw error;
    } finally {
      this.#isCommitting = false;
    }
  }

  #answer(replies: readonly Reply[]): void {
    const { world, isAlways } = this.parts;
    for (const { events, level, isLost } of replies) {
      if (isLost) world.coverage.met("lost reply", "write");
      else for (const event of events) world.ghost.acknowledge(event, isAlways ? "disk" : level);
    }
  }

  // ---- time

  #arm(): void {
    this.#cancelTimer?.();
    const { world, nowMs } = this.parts;
    const { wakeAtMs } = this.replicator;
    if (wakeAtMs === Infinity) return;
    this.#cancelTimer = world.timeline.after(Math.max(0.01, wakeAtMs - nowMs()), () => {
      this.enter(() => this.replicator.time());
    });
  }

  /** The clock jumped, or the process was woken. */
  look(): void {
    this.enter(() => {});
  }

  /** It is gone: nothing that it still tries has any effect. What was not logged is taken back. */
  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#cancelTimer?.();
    this.store.rollback();
  }

  /** Stops as a server does that is told to. */
  async stop(): Promise<void> {
    this.enter(() => {
      this.#commitAll();
      this.replicator.stop();
    });
    if (this.isOver) return;
    this.isOver = true;
    this.#cancelTimer?.();
    await this.parts.persistence[Symbol.asyncDispose]();
  }
}
