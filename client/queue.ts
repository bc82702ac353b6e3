/**
 * A bounded queue between what delivers items and the one task that takes them.
 *
 * @module
 */

/** Holds at most `capacity` items. Whoever pushes is told when it is full and decides what that means. */
export class ItemQueue<T> {
  #items: T[] = [];
  #head = 0;
  #waiting: { resolve(result: IteratorResult<T>): void; reject(error: unknown): void } | undefined;
  #isClosed = false;
  #error: unknown;

  /** @param capacity How many items wait at most */
  constructor(readonly capacity: number) {}

  /** How many items wait. */
  get length(): number {
    return this.#items.length - this.#head;
  }

  /** Whether no more items are accepted. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Appends an item, or hands it to the waiting taker. False, and nothing done, if there is no room. */
  push(item: T): boolean {
    if (this.#isClosed) return true;
    if (this.#waiting) {
      this.#waiting.resolve({ done: false, value: item });
      this.#waiting = undefined;
      return true;
    }
    if (this.length >= this.capacity) return false;
    this.#items.push(item);
    return true;
  }

  /** The next item; waits for it. `done` once closed and empty. @throws {unknown} The error it was closed with, once */
  next(): Promise<IteratorResult<T>> {
    if (this.#head < this.#items.length) return Promise.resolve({ done: false, value: this.#take() });
    if (this.#isClosed) return this.#last();
    if (this.#waiting) return Promise.reject(new TypeError("Only one task may take items of this iterator at a time"));
    return new Promise((resolve, reject) => this.#waiting = { resolve, reject });
  }

  #take(): T {
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined as T;
    if (this.#head === this.#items.length || this.#head > 1000) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
    return item;
  }

  #last(): Promise<IteratorResult<T>> {
    const error = this.#error;
    this.#error = undefined;
    return error === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(error);
  }

  /** Accepts no more items. Those that wait are still taken; `error`, if there is one, is thrown after them. */
  close(error?: unknown): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#error = error;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) this.#last().then(waiting.resolve, waiting.reject);
  }

  /** Forgets what waits. */
  clear(): void {
    this.#items = [];
    this.#head = 0;
  }
}
