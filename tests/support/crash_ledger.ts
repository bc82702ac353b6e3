/**
 * What one connection has written, to be compared with what a server still has after it was killed.
 *
 * Each operation has a number. The server executes a connection's operations in order, so after a crash it must have
 * exactly the first P of them, for some P from the last one that it acknowledged to the last one that was sent.
 */

import type { Value } from "../../wire/value.ts";
import type { Random } from "./random.ts";

/** One operation. */
export interface Operation {
  readonly number: number;
  readonly key: number;
  /** `undefined`: the entry is deleted */
  readonly value: Value | undefined;
}

/** The operations of one connection over all lives of the server. */
export class CrashLedger {
  /** Values as they must be: after every operation that was acknowledged, or found to be there after a crash. */
  readonly state = new Map<number, Operation>();
  /** Sent, and not acknowledged. */
  #pending: Operation[] = [];
  #last = 0;

  constructor(readonly random: Random, readonly keys: number) {}

  /** The next operation; it counts as sent. */
  next(): Operation {
    const number = ++this.#last;
    const isDeletion = this.random.below(8) === 0;
    const padding = "x".repeat(this.random.below(20) === 0 ? this.random.below(5000) : this.random.below(40));
    const operation: Operation = {
      number,
      key: this.random.below(this.keys),
      value: isDeletion ? undefined : [number, padding],
    };
    this.#pending.push(operation);
    return operation;
  }

  /** The oldest operation without an answer was acknowledged. */
  acknowledge(): Operation {
    const operation = this.#pending.shift();
    if (!operation) throw new Error("An answer to nothing");
    this.#apply(operation);
    return operation;
  }

  /**
   * Compares with what the server has now, and goes on from there.
   * @param found Number of the operation that wrote each key's value
   * @throws {Error} If an acknowledged operation is missing, or one is there without those before it
   */
  settle(found: ReadonlyMap<number, number>): void {
    const pending = this.#pending;
    this.#pending = [];
    if (this.#fits(found)) return;
    for (const operation of pending) {
      this.#apply(operation);
      if (this.#fits(found)) return;
    }
    const wanted = [...this.state].map(([key, { number, value }]) => `${key}: ${value === undefined ? "-" : number}`);
    throw new Error(`No prefix of the operations gives what is there.\nWanted: ${wanted}\nFound: ${[...found]}`);
  }

  #apply(operation: Operation): void {
    this.state.set(operation.key, operation);
  }

  #fits(found: ReadonlyMap<number, number>): boolean {
    let present = 0;
    for (const [key, { number, value }] of this.state) {
      if (value === undefined) continue;
      if (found.get(key) !== number) return false;
      present++;
    }
    return present === found.size;
  }
}

/** Every event that was seen, by writer and tick: a tick must never stand for two of them. */
export class TickLedger {
  readonly #seen = new Map<string, Map<number, string>>();

  /** @throws {Error} If this tick was another event before */
  see(writer: string, tick: number, event: string): void {
    let ticks = this.#seen.get(writer);
    if (!ticks) this.#seen.set(writer, ticks = new Map());
    const before = ticks.get(tick);
    if (before === undefined) ticks.set(tick, event);
    else if (before !== event) throw new Error(`Tick ${writer}:${tick} was ${before} and is ${event} now`);
  }

  get writers(): string[] {
    return [...this.#seen.keys()];
  }

  get count(): number {
    return [...this.#seen.values()].reduce((sum, ticks) => sum + ticks.size, 0);
  }
}
