/**
 * A node on its machine: its disk, its lives, and everything that can happen to both.
 *
 * @module
 */

import type { Store } from "../../server/core/store.ts";
import { Crash, MemoryDisk, type PowerCut } from "../support/memory_disk.ts";
import { Ailments } from "./ailments.ts";
import { Chance } from "./chance.ts";
import type { Fault } from "./coverage.ts";
import type { GhostEvent } from "./ghost.ts";
import { Life } from "./life.ts";
import type { NodeOptions } from "./node_options.ts";
import { Opening } from "./opening.ts";
import { afterRestart, type Ending } from "./restart_checks.ts";
import { load, recordsOf } from "./save_and_load.ts";
import { has } from "./step_checks.ts";
import type { World } from "./world.ts";

/** What a node is at. `dead`: for ever, and its disk with it. */
export type NodeState = "down" | "starting" | "up" | "stopping" | "dead";

/** See the module. */
export class Node {
  readonly machine: string;
  readonly name: string;
  state: NodeState = "down";
  life: Life | undefined;
  disk: MemoryDisk;
  /** The highest rank that was purged at a path, since the last loss. */
  readonly purged: Map<string, { tock: number; writer: string; tick: number }> = new Map();
  /** Whether it has its first state, if that has to be copied. */
  isComplete = false;
  /** A state file that its next start takes in. */
  loads: Uint8Array | undefined;
  #loaded: Uint8Array | undefined;
  /** When it lost its disk, or part of it. */
  lostAtMs = -Infinity;
  /** Faults that it suffers from. */
  readonly ails: Ailments;
  readonly #chance: Chance;
  #lives = 0;
  #boots = 1;
  #offsetMs = 0;
  /** Events of another machine that may be in its log, because it is an image of that one's disk. */
  #inherited: readonly GhostEvent[] = [];
  /** How the last life ended. */
  #ending: { kind: Ending; life: Life } | undefined;

  constructor(readonly world: World, readonly options: NodeOptions, disk: MemoryDisk = new MemoryDisk()) {
    this.machine = options.machine;
    this.name = options.name;
    this.#chance = Chance.of(world.seed, "node", this.machine);
    this.disk = disk;
    this.ails = new Ailments(world.timeline);
  }

  /** Whether it runs and is not paused. */
  get isUp(): boolean {
    return this.state === "up" && this.life!.isServing;
  }

  /** What it has, or had when it was seen last; undefined if it never ran, or is gone. */
  get lastStore(): Store | undefined {
    return this.state === "dead" ? undefined : (this.life ?? this.#ending?.life)?.store;
  }

  #nowMs = (): number => this.world.timeline.nowMs + this.#offsetMs;

  // ---- lives

  /** Starts a process. */
  async start(): Promise<void> {
    if (this.state !== "down") return;
    this.state = "starting";
    const { world, machine, options, disk } = this;
    const id = `${machine}#${++this.#lives}`;
    const chance = Chance.of(world.seed, "life", id);
    const bootId = options.hasBootId ? `${machine} boot ${this.#boots}` : undefined;
    const nowMs = this.#nowMs;
    const opening = new Opening({ world, options, disk, chance, id, bootId, nowMs, lifeNow: () => this.life });
    const persistence = await opening.open();
    if (persistence instanceof Error) return this.#cannotStart(persistence);
    // Whoever starts it with a file does so again if it died before anything was written.
    if (!persistence.isNew && this.loads === this.#loaded) this.loads = undefined;
    this.#loaded = this.loads;
    const records = this.loads && await recordsOf(this.loads, (line) => world.trace.add(machine, () => line));
    if (records !== undefined) persistence.renewWriter();
    const isFromElsewhere = records !== undefined || persistence.isFromElsewhere;
    // Until it has compared itself with a peer, it may show what is purged elsewhere.
    if (isFromElsewhere) world.checks.hasReturned = true;
    const life = new Life({
      world,
      machine,
      name: this.name,
      id,
      chance,
      disk,
      backend: world.network.join(machine),
      persistence,
      turnMs: options.turnMs,
      nowMs,
      isAlways: options.fsync === "always",
      isFromElsewhere,
      joiner: options.copies && !this.isComplete ? this : undefined,
      died: () => this.kill("crash point"),
    });
    opening.life = this.life = life;
    this.state = "up";
    world.trace.add(machine, () => `starts as ${life.store.local.name} (${persistence.remarks.join("; ") || "well"})`);
    this.#checkRestart(life);
    if (records !== undefined) load(life, records);
    life.start(options.asksFirst);
  }

  #cannotStart(error: Error): void {
    if (error instanceof Crash) this.disk = this.disk.kill();
    this.state = "down";
  }

  #checkRestart(life: Life): void {
    const ending = this.#ending;
    this.#ending = undefined;
    for (const event of this.#inherited) if (has(life.store, event)) this.world.ghost.logged(event, this.machine);
    this.#inherited = [];
    if (ending !== undefined) afterRestart(this, ending.life, ending.kind, life);
    this.world.checks.all(life.store, this.machine, life.isDamaged);
  }

  #end(kind: Ending): void {
    const { life } = this;
    if (life === undefined) return;
    if (!life.isOver) life.end();
    this.world.network.leave(this.machine);
    this.#ending = { kind: this.#ending?.kind === "lost" ? "lost" : kind, life };
    this.life = undefined;
    this.state = "down";
  }

  // ---- what happens to it

  /** SIGKILL, or it dies by itself: the machine goes on. */
  kill(fault: Fault): void {
    if (this.state !== "up" && this.state !== "stopping") return;
    this.world.trace.add(this.machine, () => `is killed (${fault})`);
    this.suffer(fault);
    this.#end("kill");
    this.disk = this.disk.kill();
  }

  /** The machine loses its power. */
  powerCut(cut: PowerCut, fault: Fault): void {
    if (this.state === "dead" || this.state === "starting") return;
    this.world.trace.add(this.machine, () => `loses its power (${fault})`);
    this.suffer(fault);
    const kind = this.#ending?.kind === "lost" ? "lost" : "power";
    if (this.life) this.#end("power");
    else if (this.#ending) this.#ending.kind = kind;
    this.disk = this.disk.powerCut(cut);
    this.#boots++;
  }

  /** Stops as it should. */
  stop(): void {
    const { life } = this;
    if (life === undefined || this.state !== "up" || life.isPaused) return;
    this.world.trace.add(this.machine, () => "stops");
    this.suffer("clean stop");
    this.state = "stopping";
    this.world.timeline.stir();
    life.stop().then(() => {
      if (this.life === life && this.state === "stopping") this.#end("clean");
    }, (error) => {
      if (!(error instanceof Crash)) throw error;
      if (this.life === life) this.kill("crash point");
    });
  }

  /** Gone for ever, disk and all. */
  die(): void {
    this.world.trace.add(this.machine, () => "dies for ever, and its disk with it");
    this.suffer("death");
    const { life } = this;
    if (life) this.#end("lost");
    if (this.#ending) afterRestart(this, this.#ending.life, "lost", undefined);
    this.#ending = undefined;
    this.disk.crashAt = -1;
    this.state = "dead";
  }

  /** Another disk takes the place of its own: a backup, a copy, or nothing. */
  replaceDisk(disk: MemoryDisk, fault: Fault): void {
    if (this.life) this.kill(fault);
    this.world.trace.add(this.machine, () => `gets another disk (${fault})`);
    this.suffer(fault);
    if (this.#ending) this.#ending.kind = "lost";
    this.disk.crashAt = -1;
    this.disk = disk;
  }

  /** Something on its disk is damaged while it is down. */
  damage(fault: Fault, change: (disk: MemoryDisk) => void): void {
    if (this.state !== "down") return;
    this.suffer(fault);
    if (this.#ending) this.#ending.kind = "lost";
    change(this.disk);
  }

  /** It does nothing for a while. */
  pause(ms: number): void {
    const { life } = this;
    if (life === undefined || this.state !== "up" || life.isPaused) return;
    this.world.trace.add(this.machine, () => `is paused for ${ms.toFixed(0)} ms`);
    life.isPaused = true;
    this.suffer("pause");
    this.world.timeline.after(ms, () => life.resume());
  }

  /** Its clock jumps, as when a laptop slept. */
  jump(ms: number): void {
    this.world.trace.add(this.machine, () => `its clock jumps by ${ms.toFixed(0)} ms`);
    this.#offsetMs += ms;
    this.suffer("clock jump");
    this.life?.look();
  }

  /** From now on, and for a while, whatever it does counts as done under this fault. */
  suffer(fault: Fault, ms?: number): void {
    this.ails.add(fault, ms);
  }

  /** Events of its last life of which nobody knows whether they are in its log. */
  static settle(unsure: readonly GhostEvent[], life: Life | undefined, world: World): void {
    for (const event of unsure) {
      if (life !== undefined && has(life.store, event)) world.ghost.logged(event);
      else if (!event.isSure) world.ghost.forget(event);
    }
  }

  /** Starts from an image of another machine's disk: what may be in the log there may be here, too. */
  takeImageOf(other: Node): void {
    this.#inherited = other.#ending?.life.turns.unsure ?? [];
  }
}
