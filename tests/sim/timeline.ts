/**
 * Virtual time: events in their order, one after another, and nothing happens between them. Promises that wait for nothing
 * but their turn are run to their end between two events, so one seed gives one history.
 *
 * @module
 */

import { Violation } from "./failure.ts";

/** Something that is going to happen. */
export interface Scheduled {
  readonly atMs: number;
  readonly order: number;
  run: (() => void | Promise<void>) | undefined;
}

/** How many turns promises get: more than the longest chain of them that waits for nothing else. */
const turnsOfPromises = 50;

/** See the module. */
export class Timeline {
  nowMs = 0;
  /** Events so far. */
  events = 0;
  /** More are a storm. */
  eventsMax = 300_000;
  readonly #queue: Scheduled[] = [];
  #order = 0;
  #isStirred = false;

  /** How much is going to happen, whenever. */
  get pending(): number {
    return this.#queue.reduce((sum, { run }) => run === undefined ? sum : sum + 1, 0);
  }

  /** Calls `run` after `ms`; the returned function prevents it. */
  after(ms: number, run: () => void | Promise<void>): () => void {
    const event: Scheduled = { atMs: this.nowMs + Math.max(0, ms), order: this.#order++, run };
    this.#push(event);
    return () => void (event.run = undefined);
  }

  /** A promise that is settled at that time: `body` runs then. Never settled if `isOver()` by then. */
  later<T>(ms: number, body: () => T, isOver: () => boolean): Promise<T> {
    return new Promise((resolve, reject) => {
      this.after(ms, () => {
        if (isOver()) return;
        this.stir();
        try {
          resolve(body());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /** Some promise was settled: whoever waits for it has its turn before the next event. */
  stir(): void {
    this.#isStirred = true;
  }

  /** Lets events happen until that time, or until `isEnough`. */
  async run(untilMs: number, isEnough: () => boolean = () => false): Promise<void> {
    for (let next = this.#queue[0]; next !== undefined && next.atMs <= untilMs; next = this.#queue[0]) {
      this.#pop();
      if (next.run === undefined) continue;
      this.nowMs = next.atMs;
      if (this.events++ >= this.eventsMax) throw new Violation("quiet", `More than ${this.eventsMax} events`);
      const result = next.run();
      if (result !== undefined) await result;
      if (this.#isStirred) await this.settle();
      if (isEnough()) return;
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
  }

  /** Gives promises their turns. */
  async settle(): Promise<void> {
    this.#isStirred = false;
    for (let i = 0; i < turnsOfPromises; i++) await undefined;
  }

  #isBefore(a: Scheduled, b: Scheduled): boolean {
    return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
  }

  #push(event: Scheduled): void {
    const queue = this.#queue;
    let at = queue.push(event) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.#isBefore(event, queue[above])) break;
      queue[at] = queue[above];
      at = above;
    }
    queue[at] = event;
  }

  #pop(): void {
    const queue = this.#queue;
    const last = queue.pop()!;
    if (queue.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= queue.length) break;
      if (below + 1 < queue.length && this.#isBefore(queue[below + 1], queue[below])) below++;
      if (!this.#isBefore(queue[below], last)) break;
      queue[at] = queue[below];
      at = below;
    }
    queue[at] = last;
  }
}
