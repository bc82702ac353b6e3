/**
 * The order in which the children of an entry were made: a list of chunks that is appended to. Removed children stay in
 * their chunk, without a parent, until it is swept; sweeping copies a chunk and leaves the old one to whoever iterates over it.
 *
 * @module
 */

import type { Entry } from "./entry.ts";

/** Entries in one chunk. */
const chunkSize = 1024;

/** A part of the order. */
export class Chunk {
  next: Chunk | null = null;
  /** The swept copy of this chunk, and how many entries it had when it was made. */
  successor: Chunk | null = null;
  resumeAt = 0;
  count = 0;
  entries: (Entry | null)[];
  constructor(capacity: number) {
    this.entries = new Array(capacity).fill(null);
  }

  push(entry: Entry): void {
    const { entries, count } = this;
    if (count === entries.length) {
      const grown = Math.min(chunkSize, count < 32 ? count + (count >> 1) + 2 & ~1 : count * 2);
      this.entries = new Array(grown).fill(null);
      for (let i = 0; i < count; i++) this.entries[i] = entries[i];
    }
    this.entries[this.count++] = entry;
  }

  /** A copy without the removed entries, to take this one's place. */
  sweep(): Chunk {
    const live = this.entries.filter((entry) => entry !== null && entry.parent !== null);
    const copy = new Chunk(Math.max(4, live.length));
    for (const entry of live) copy.push(entry!);
    copy.next = this.next;
    this.successor = copy;
    this.resumeAt = copy.count;
    return copy;
  }
}

/** Children in the order of their creation. */
export class EntryOrder {
  /** The first chunk. */
  #head: Chunk = new Chunk(64);
  #tail: Chunk = this.#head;
  #removed = 0;
  /** The chunk before the one that is swept next; null: the first is next. */
  #sweptUpTo: Chunk | null = null;

  /** Appends an entry. */
  push(entry: Entry): void {
    if (this.#tail.count === chunkSize) {
      const chunk = new Chunk(64);
      this.#tail.next = chunk;
      this.#tail = chunk;
    }
    this.#tail.push(entry);
  }

  /** To be called after an entry lost its parent; `left` is how many are still here. */
  removed(left: number): void {
    if (++this.#removed * 2 > left + 16) this.#sweep();
  }

  /** Copies one chunk without its removed entries. */
  #sweep(): void {
    const before = this.#sweptUpTo;
    const old = before === null ? this.#head : before.next!;
    const copy = old.sweep();
    this.#removed -= old.count - copy.count;
    const isLast = old === this.#tail;
    if (isLast) this.#tail = copy;
    const isKept = copy.count > 0 || isLast;
    const kept = isKept ? copy : copy.next!;
    if (before === null) this.#head = kept;
    else before.next = kept;
    this.#sweptUpTo = isLast ? null : isKept ? copy : before;
  }

  /** Starts at the first entry. */
  cursor(): EntryCursor {
    return new EntryCursor(this.#head, 0);
  }

  /** Makes cursors that start behind the last entry of now, at any later time. */
  end(): () => EntryCursor {
    const chunk = this.#tail;
    const { count } = chunk;
    return () => new EntryCursor(chunk, count);
  }
}

/**
 * A place in the order. It stays good while entries are added (they come at the end) and removed (they are left out); it
 * returns none twice.
 */
export class EntryCursor {
  #chunk: Chunk;
  #index: number;

  /** @param chunk Where it starts @param index Entries of it that are passed over */
  constructor(chunk: Chunk, index: number) {
    this.#chunk = chunk;
    this.#index = index;
  }

  /** The next entry; undefined at the end (more may have come when it is asked again). */
  next(): Entry | undefined {
    for (;;) {
      const chunk = this.#chunk;
      while (this.#index < chunk.count) {
        const entry = chunk.entries[this.#index++]!;
        if (entry.parent !== null) return entry;
      }
      if (chunk.successor !== null) {
        this.#chunk = chunk.successor;
        this.#index = chunk.resumeAt;
      } else if (chunk.next !== null) {
        this.#chunk = chunk.next;
        this.#index = 0;
      } else {
        return undefined;
      }
    }
  }
}
