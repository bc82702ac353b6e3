/**
 * Gives a replicator its clock: calls `time()` when it wants to be woken.
 *
 * @module
 */

import type { Effect } from "../core/effect.ts";
import { Replicator, type ReplicatorParts } from "../replicate/replicator.ts";

/** Timers beyond this are armed anew when they ring. */
const sleepMsMax = 60_000;

/** See the module. */
export class ReplicatorDriver implements Disposable {
  readonly replicator: Replicator;
  readonly #defect: (error: unknown) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #armedAtMs = Infinity;
  #isStopped = false;

  /** @param parts All but the clock @param defect Hears of errors in the replicator */
  constructor(parts: Omit<ReplicatorParts, "nowMs" | "wake">, defect: (error: unknown) => void) {
    this.#defect = defect;
    this.replicator = new Replicator({ ...parts, nowMs: () => performance.now(), wake: () => this.#arm() });
  }

  /** Begins: asks who is there, and says nothing of this server before {@linkcode Replicator.appear}. */
  start(): void {
    this.#step(() => this.replicator.start(true));
  }

  /** Hears what is logged. */
  committed(effects: readonly Effect[]): void {
    if (!this.#isStopped) this.#step(() => this.replicator.committed(effects));
  }

  #step(body: () => void): void {
    try {
      body();
    } catch (error) {
      this.#defect(error);
    }
    this.#arm();
  }

  #arm(): void {
    const atMs = this.replicator.wakeAtMs;
    if (this.#isStopped || atMs >= this.#armedAtMs) return;
    clearTimeout(this.#timer);
    const waitMs = Math.min(atMs - performance.now(), sleepMsMax);
    this.#armedAtMs = atMs;
    this.#timer = setTimeout(this.#ring, Math.max(0, Math.ceil(waitMs)));
  }

  readonly #ring = (): void => {
    this.#armedAtMs = Infinity;
    this.#step(() => {
      if (performance.now() >= this.replicator.wakeAtMs) this.replicator.time();
    });
  };

  /** Says goodbye. */
  [Symbol.dispose](): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    clearTimeout(this.#timer);
    try {
      this.replicator.stop();
    } catch (error) {
      this.#defect(error);
    }
  }
}
