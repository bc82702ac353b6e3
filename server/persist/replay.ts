/**
 * Records to state: puts what a log or snapshot says into a store.
 *
 * @module
 */

import { decode } from "../../wire/msgpack/decoder.ts";
import { skip } from "../../wire/msgpack/skip.ts";
import { internText } from "../../wire/path/interned_text.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import { Link } from "../core/chain.ts";
import type { Entry } from "../core/entry.ts";
import { decide, type Version } from "../core/merge.ts";
import { RangeSet } from "../core/range_set.ts";
import type { Store } from "../core/store.ts";
import type { Writer } from "../core/writer.ts";
import { PlaceReader } from "./place_reader.ts";
import { Kind } from "./record.ts";

/**
 * Which version stays when an entry comes twice. `last`: nothing is missing, so the order of the records is what happened.
 * `rank`: something is missing; what outranks the other is kept, wherever it was found.
 */
export type ReplayOrder = "last" | "rank";

/** Replays records into one store. */
export class Replay {
  /** What the `end` record said, NaN if none came. */
  framesSaid = NaN;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  readonly #places: PlaceReader;
  /** The writer of the last record: mostly that of the next. */
  #writer: Writer | undefined;
  #writerName = "";

  /** @param store Where they go @param order Which version stays @param bytesTotal Of all files */
  constructor(private readonly store: Store, private readonly order: ReplayOrder, bytesTotal: number) {
    this.#places = new PlaceReader(store, bytesTotal);
  }

  /**
   * Replays the records of one frame, whose payload is `bytes[start … end)`.
   * @throws {KvError} If a record is not of its form, which an intact frame never holds
   */
  frame(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    while (this.#at < end) {
      const from = this.#at;
      const elements = bytes[this.#at++] & 15;
      const known = this.#record(this.#uint());
      if (this.#at === end && known >= elements) return;
      // More elements than this program knows: they end where the array does.
      this.#at = skip(bytes, from, end);
    }
  }

  /** Replays one record; returns how many elements it looked at. */
  #record(kind: number): number {
    switch (kind) {
      case Kind.set:
        return this.#version(true);
      case Kind.deleted:
        return this.#version(false);
      case Kind.lost:
        return this.#lost(true);
      case Kind.lostDeletion:
        return this.#lost(false);
      case Kind.superseded:
        this.store.restoreHave(this.#name(), RangeSet.range(this.#uint(), this.#uint()));
        return 4;
      case Kind.believed:
        this.store.restoreHave(this.#name(), this.#ranges());
        return 3;
      case Kind.gaveUp:
        this.#name().givenUp.addAll(this.#ranges());
        return 3;
      case Kind.purged:
        return this.#purged();
      case Kind.heard: {
        const writer = this.#name();
        writer.tick = Math.max(writer.tick, this.#uint());
        return 3;
      }
      case Kind.life:
        this.#life(this.#name());
        return 3;
      case Kind.dropped:
        return this.#dropped();
      case Kind.settled:
        this.store.conflicts.settle(this.#name(), this.#uint());
        return 3;
      case Kind.clock:
        this.store.hearTock(this.#uint());
        return 2;
      case Kind.writer:
        return this.#state();
      case Kind.end:
        this.framesSaid = this.#uint();
        return 2;
    }
    return 0;
  }

  #version(hasValue: boolean): number {
    const tock = this.#uint();
    const writer = this.#name();
    const tick = this.#uint();
    const older = this.#older();
    const entry = this.#places.entry(this.#bytes, this.#at, this.#end);
    const start = this.#at = this.#places.at;
    if (hasValue) this.#at = skip(this.#bytes, start, this.#end);
    if (this.order === "rank" && isOutranked({ writer, tick, older, tock }, entry)) {
      writer.have.add(tick);
      for (let link = older; link !== null; link = link.prev) link.writer.have.add(link.tick);
    } else {
      const bytes = hasValue ? this.#bytes : null;
      this.store.restoreVersion(entry, writer, tick, older, tock, bytes, start, this.#at);
    }
    return hasValue ? 7 : 6;
  }

  #lost(hasValue: boolean): number {
    const tock = this.#uint();
    const writer = this.#name();
    const tick = this.#uint();
    const path = this.#path().slice();
    const start = this.#at;
    if (hasValue) this.#at = skip(this.#bytes, start, this.#end);
    const value = hasValue ? this.#bytes.slice(start, this.#at) : null;
    // Whether it is had, another record says: after a loss, what it lost against may not be here.
    seen(writer, tick, tock);
    this.store.conflicts.restore({ kind: "conflict", path, value, writer, tick, tock });
    return hasValue ? 6 : 5;
  }

  #purged(): number {
    const writer = this.#name();
    const tick = this.#uint();
    const keys = this.#path();
    this.store.restorePurge(keys, keys.length, writer, tick);
    return 4;
  }

  #dropped(): number {
    const writer = this.#name();
    this.#writer = undefined;
    this.store.restoreDrop(writer);
    return 2;
  }

  #state(): number {
    const writer = this.#name();
    this.#life(writer);
    writer.tick = Math.max(writer.tick, this.#uint());
    this.store.restoreHave(writer, this.#ranges());
    writer.givenUp.addAll(this.#ranges());
    writer.remoteMissing.addAll(this.#ranges());
    seen(writer, this.#uint(), this.#uint());
    writer.purgedUpTo = Math.max(writer.purgedUpTo, this.#uint());
    return 10;
  }

  #life(writer: Writer): void {
    const lifeId = this.#value();
    if (typeof lifeId === "string") writer.lifeId = lifeId;
  }

  #path(): ElementKey[] {
    const keys = this.#places.path(this.#bytes, this.#at, this.#end);
    this.#at = this.#places.at;
    return keys;
  }

  #older(): Link | null {
    const links = this.#bytes[this.#at];
    if (links === 0x90) return this.#at++, null;
    const list = this.#value() as (string | number)[];
    let older: Link | null = null;
    for (let i = list.length - 2; i >= 0; i -= 2) {
      older = new Link(this.store.writer(list[i] as string), list[i + 1] as number, older);
    }
    return older;
  }

  #name(): Writer {
    const length = this.#bytes[this.#at] & 31;
    const isShort = (this.#bytes[this.#at] & 0xe0) === 0xa0;
    const start = this.#at + 1;
    const name = isShort ? internText(this.#bytes, start, this.#at = start + length) : this.#value() as string;
    if (this.#writer === undefined || name !== this.#writerName) {
      this.#writer = this.store.writer(name);
      this.#writerName = name;
    }
    return this.#writer;
  }

  #ranges(): RangeSet {
    return RangeSet.fromWire(this.#value());
  }

  #value(): ReturnType<typeof decode> {
    const start = this.#at;
    this.#at = skip(this.#bytes, start, this.#end);
    return decode(this.#bytes, start, this.#at);
  }

  #uint(): number {
    const bytes = this.#bytes;
    const at = this.#at;
    const first = bytes[at];
    if (first < 0x80) return this.#at = at + 1, first;
    if (first === 0xcc) return this.#at = at + 2, bytes[at + 1];
    if (first === 0xcd) return this.#at = at + 3, bytes[at + 1] << 8 | bytes[at + 2];
    const low = (bytes[at + 1] << 24 | bytes[at + 2] << 16 | bytes[at + 3] << 8 | bytes[at + 4]) >>> 0;
    if (first === 0xce) return this.#at = at + 5, low;
    return this.#value() as number;
  }
}

/** Whether what an entry has is of a higher rank than `version`. */
function isOutranked(version: Version, entry: Entry): boolean {
  if (entry.writer === null) return false;
  if (entry.writer === version.writer && entry.tick === version.tick) return version.tock < entry.tock;
  return decide(entry, version).startsWith("stale");
}

/** The event with this tick and tock was here. */
function seen(writer: Writer, tick: number, tock: number): void {
  if (tick < writer.topTick || (tick === writer.topTick && tock <= writer.topTock)) return;
  writer.topTick = tick;
  writer.topTock = tock;
}
