/**
 * The turns of one process, as the server has them: whatever changes the store within a turn is logged at its end, then
 * sent, shown to those who watch, and answered.
 *
 * @module
 */

import { Change, type Effect } from "../../server/core/effect.ts";
import { DiskError } from "../../server/persist/file_system.ts";
import { Crash } from "../support/memory_disk.ts";
import { effectText } from "./effect_text.ts";
import type { GhostEvent } from "./ghost.ts";
import type { Life } from "./life.ts";
import { countMeetings } from "./step_checks.ts";

/** What a client wants to hear. */
export interface Reply {
  /** The events of its request, once they are made. */
  events: GhostEvent[];
  readonly changes: readonly Change[];
  readonly level: "memory" | "disk";
  /** How many nodes are to have it on their disks, this one included. */
  readonly nodes?: number;
  /** Whether the reply gets lost. */
  readonly isLost: boolean;
}

/** A client's request: changes the store. */
export type Request = () => Omit<Reply, "events"> | undefined;

/** See the module. */
export class Turns {
  /** Why the log takes nothing any more. */
  refusal: string | undefined;
  /** Whether the process died while it wrote its log. */
  isTorn = false;
  /** Events of which nobody knows whether they are in the log. */
  readonly unsure: GhostEvent[] = [];
  #isCommitting = false;
  #replies: Reply[] = [];
  #needsDisk = false;
  #isEndDue = false;
  #waiting: (() => void)[] = [];

  constructor(private readonly life: Life) {}

  /** Puts off what wants to change the store while it is being committed. Returns whether it did. */
  putOff(body: () => void): boolean {
    if (this.#isCommitting) this.#waiting.push(body);
    return this.#isCommitting;
  }

  /** A client's request. */
  request(request: Request): void {
    if (this.refusal !== undefined) return;
    const reply = request();
    if (reply === undefined) return;
    this.#replies.push({ ...reply, events: [] });
    if (reply.level === "disk") this.#needsDisk = true;
  }

  /** Ends the turn, now or soon. */
  end(): void {
    const { store, parts } = this.life;
    if (store.effects.length === 0 && !this.#needsDisk) return void store.commit();
    if (parts.turnMs === 0) return this.commitAll();
    if (this.#isEndDue) return;
    this.#isEndDue = true;
    parts.world.timeline.after(parts.turnMs, () => {
      this.#isEndDue = false;
      this.life.enter(() => this.commitAll());
    });
  }

  /** Ends the turn, and those that it gives rise to. */
  commitAll(): void {
    this.#commit();
    while (this.#waiting.length > 0 && !this.life.isOver) {
      for (const body of this.#waiting.splice(0)) body();
      this.#commit();
    }
  }

  #commit(): void {
    const { store } = this.life;
    const { effects } = store;
    const replies = this.#replies;
    this.#replies = [];
    if (effects.length > 0 || this.#needsDisk) {
      if (!this.#log(effects, replies)) return;
      this.#deliver(effects);
    }
    this.#needsDisk = false;
    store.commit();
    this.#answer(replies);
  }

  /** Logs what the turn has changed; takes it back if that fails. */
  #log(effects: readonly Effect[], replies: readonly Reply[]): boolean {
    const { world, machine, persistence } = this.life.parts;
    const made = this.#made(effects);
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
    for (const effect of effects) world.trace.add(machine, () => effectText(effect, this.life.store));
    for (const event of made.values()) world.ghost.logged(event);
    for (const reply of replies) reply.events = reply.changes.map((change) => made.get(change)!);
    world.checks.logged(this.life, effects);
    for (const fault of world.node(machine).ails) countMeetings(world.coverage, fault, effects);
    return true;
  }

  #made(effects: readonly Effect[]): Map<Change, GhostEvent> {
    const { parts: { world, machine }, store } = this.life;
    const made = new Map<Change, GhostEvent>();
    for (const effect of effects) {
      if (!(effect instanceof Change) || !effect.local) continue;
      made.set(effect, world.ghost.made(effect, store, machine, world.timeline.nowMs));
    }
    return made;
  }

  #refuse(error: DiskError): void {
    const { world, machine } = this.life.parts;
    this.refusal ??= error.message;
    this.life.store.rollback();
    this.#needsDisk = false;
    world.trace.add(machine, () => `cannot log: ${error.message}`);
  }

  #deliver(effects: readonly Effect[]): void {
    const { life } = this;
    this.#isCommitting = true;
    try {
      life.point("logged, nothing sent");
      life.replicator.committed(effects);
      life.services.committed(effects);
      life.point("sent, not answered");
    } catch (error) {
      // What is logged is logged.
      if (error instanceof Crash) life.store.commit();
      throw error;
    } finally {
      this.#isCommitting = false;
    }
  }

  #answer(replies: readonly Reply[]): void {
    const { world, isAlways } = this.life.parts;
    for (const { events, level, nodes, isLost } of replies) {
      if (isLost) world.coverage.met("lost reply", "write");
      else if (nodes !== undefined) { for (const event of events) this.life.services.awaitNodes(event, nodes); }
      else for (const event of events) world.ghost.acknowledge(event, isAlways ? "disk" : level);
    }
  }
}
