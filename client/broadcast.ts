/**
 * One source, many readers: each gets every event from the moment it subscribes.
 *
 * @module
 */

import { ItemQueue } from "./queue.ts";

/** Events that a reader may be behind. If it is further behind, the oldest are dropped: the newest tells the state. */
const eventsWaitingMax = 100;

/** Hands events to any number of readers; none of them holds it back. */
export class Broadcast<T> {
  readonly #readers = new Set<ItemQueue<T>>();
  #isClosed = false;

  /** Tells everybody. */
  send(event: T): void {
    for (const queue of this.#readers) {
      while (!queue.push(event)) queue.next(); // an item waits, so this takes the oldest
    }
  }

  /** Ends every reader, after what it has not read yet. */
  close(): void {
    this.#isClosed = true;
    for (const queue of this.#readers) queue.close();
    this.#readers.clear();
  }

  /** The events from now on, after those in `first`. `break` or `signal` ends it. */
  subscribe(first: readonly T[] = [], signal?: AbortSignal): AsyncIterableIterator<T> {
    const queue = new ItemQueue<T>(eventsWaitingMax);
    for (const event of first) queue.push(event);
    if (this.#isClosed) queue.close();
    else this.#readers.add(queue);
    return new Reader(queue, () => this.#readers.delete(queue), signal);
  }
}

class Reader<T> implements AsyncIterableIterator<T> {
  readonly #queue: ItemQueue<T>;
  readonly #leave: () => void;
  readonly #signal: AbortSignal | undefined;

  constructor(queue: ItemQueue<T>, leave: () => void, signal: AbortSignal | undefined) {
    this.#queue = queue;
    this.#leave = leave;
    this.#signal = signal;
    if (signal?.aborted) this.#abort();
    else signal?.addEventListener("abort", this.#abort, { once: true });
  }

  readonly #abort = () => {
    this.#queue.clear();
    this.#end(this.#signal?.reason);
  };

  #end(error?: unknown): void {
    this.#leave();
    this.#queue.close(error);
    this.#signal?.removeEventListener("abort", this.#abort);
  }

  next(): Promise<IteratorResult<T>> {
    return this.#queue.next();
  }

  return(): Promise<IteratorResult<T>> {
    this.#queue.clear();
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
