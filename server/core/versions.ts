/**
 * The versions of entries, and what is derived from them: which ticks are present, which are tombstones, how many entries
 * have a value, the digest. Every change of a version goes through here, also when it is taken back.
 *
 * @module
 */

import type { Link } from "./chain.ts";
import type { Entry } from "./entry.ts";
import { hashNumber, mix } from "./key_hash.ts";
import { NO_VALUE } from "./values.ts";
import type { Writer } from "./writer.ts";

/** Sets the versions of entries. */
export class Versions {
  /** Entries that have a value. */
  live = 0;
  /** The sum of a hash of (path, head) over all entries that have a value. */
  #low = 0;
  #high = 0;

  /** Equal for equal sets of (path, head); tombstones do not count, as nodes purge them at different times. 16 hex digits. */
  get digest(): string {
    return hex(this.#high) + hex(this.#low);
  }

  /** Gives an entry a version; `writer` null takes its version away. */
  set(entry: Entry, value: number, writer: Writer | null, tick: number, older: Link | null, tock: number): void {
    const former = entry.writer;
    const sameOlder = older === entry.older;
    if (former !== null) this.#leave(entry, former);
    if (!sameOlder) {
      for (let link = entry.older; link !== null; link = link.prev) link.writer.index.remove(link.tick, entry);
    }
    entry.value = value;
    entry.writer = writer;
    entry.tick = tick;
    entry.older = older;
    entry.tock = tock;
    if (writer !== null) this.#enter(entry, writer);
    if (!sameOlder) { for (let link = older; link !== null; link = link.prev) link.writer.index.add(link.tick, entry); }
  }

  /** Forgets what was counted, before `restored` counts all entries. */
  recount(): void {
    this.live = 0;
    this.#low = 0;
    this.#high = 0;
  }

  /** Counts an entry that was given its version by the restorer, which enters its ticks into the indexes itself. */
  restored(entry: Entry): void {
    if (entry.value === NO_VALUE) return;
    this.live++;
    this.#count(entry, entry.writer!, 1);
  }

  #leave(entry: Entry, writer: Writer): void {
    writer.index.remove(entry.tick, entry);
    if (entry.value !== NO_VALUE) {
      this.live--;
      this.#count(entry, writer, -1);
    } else if (!writer.entries(entry.tick).some((other) => other.isTombstone && other.writer === writer)) {
      writer.tombstones.remove(entry.tick);
    }
  }

  #enter(entry: Entry, writer: Writer): void {
    writer.index.add(entry.tick, entry);
    if (entry.value !== NO_VALUE) {
      this.live++;
      this.#count(entry, writer, 1);
    } else {
      writer.tombstones.add(entry.tick);
    }
  }

  #count(entry: Entry, writer: Writer, sign: number): void {
    let hash = writer.hash ^ hashNumber(entry.tick);
    for (let at: Entry | null = entry; at !== null; at = at.parent) {
      hash = Math.imul(hash ^ hash >>> 15 ^ at.hash, 0x9e3779b1);
    }
    const low = mix(hash);
    this.#low = this.#low + sign * low | 0;
    this.#high = this.#high + sign * mix(low ^ Math.imul(hash, 0x85ebca6b)) | 0;
  }
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
