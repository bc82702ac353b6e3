/**
 * Effects and state to records, straight into one buffer: no object per record.
 *
 * @module
 */

import type { Encoder } from "../../wire/msgpack/encoder.ts";
import { type ElementKey, encodeKey } from "../../wire/path/keys.ts";
import type { Link } from "../core/chain.ts";
import type { Change, Conflict, Effect } from "../core/effect.ts";
import type { Entry } from "../core/entry.ts";
import { NO_VALUE, type ValueArena } from "../core/values.ts";
import type { Writer } from "../core/writer.ts";
import { Kind } from "./record.ts";

/** Appends records to an encoder; frames are the caller's. */
export class RecordWriter {
  readonly #keys: ElementKey[] = [];

  constructor(private readonly encoder: Encoder, private readonly values: ValueArena) {}

  /** Appends what happened. Returns false if it leaves no trace: alarms, and a new name (the identity file has it). */
  effect(effect: Effect): boolean {
    switch (effect.kind) {
      case "change":
        this.#version(effect.entry, effect);
        return true;
      case "conflict":
        this.lost(effect);
        return true;
      case "superseded":
        this.#begin(3, Kind.superseded, effect.writer.name);
        this.encoder.int(effect.first);
        this.encoder.int(effect.last);
        return true;
      case "believed":
        this.#begin(2, Kind.believed, effect.writer.name);
        effect.ticks.encode(this.encoder);
        return true;
      case "gave_up":
        this.#begin(2, Kind.gaveUp, effect.writer.name);
        effect.ticks.encode(this.encoder);
        return true;
      case "purged":
        this.#begin(3, Kind.purged, effect.writer.name);
        this.encoder.int(effect.tick);
        this.#pathOf(effect.entry);
        return true;
      case "heard":
        this.#begin(2, Kind.heard, effect.writer.name);
        this.encoder.int(effect.tick);
        return true;
      case "life":
        this.#begin(2, Kind.life, effect.writer.name);
        this.encoder.str(effect.writer.lifeId ?? "");
        return true;
      case "dropped":
        this.#begin(1, Kind.dropped, effect.writer.name);
        return true;
      case "conflict_settled":
        this.#begin(2, Kind.settled, effect.writer.name);
        this.encoder.int(effect.tick);
        return true;
      case "renamed":
      case "alarm":
        return false;
    }
  }

  /** Appends an entry as it is, which must have been written. */
  entry(entry: Entry): void {
    this.#version(entry, entry);
  }

  /** Appends the loser of a conflict. */
  lost(conflict: Conflict): void {
    const { encoder } = this;
    const hasValue = conflict.value !== null;
    encoder.arrayHeader(hasValue ? 6 : 5);
    encoder.int(hasValue ? Kind.lost : Kind.lostDeletion);
    this.#head(conflict.tock, conflict.writer, conflict.tick);
    this.#path(conflict.path, conflict.path.length);
    if (conflict.value !== null) encoder.raw(conflict.value);
  }

  /** Appends what is known of a writer. */
  writer(writer: Writer): void {
    const { encoder } = this;
    this.#begin(9, Kind.writer, writer.name);
    if (writer.lifeId === null) encoder.nil();
    else encoder.str(writer.lifeId);
    encoder.int(writer.tick);
    writer.have.encode(encoder);
    writer.givenUp.encode(encoder);
    writer.remoteMissing.encode(encoder);
    encoder.int(writer.topTick);
    encoder.int(writer.topTock);
    encoder.int(writer.purgedUpTo);
  }

  /** Appends the clock. */
  clock(tock: number): void {
    this.encoder.arrayHeader(2);
    this.encoder.int(Kind.clock);
    this.encoder.int(tock);
  }

  /** Appends the end of a snapshot. */
  end(frames: number): void {
    this.encoder.arrayHeader(2);
    this.encoder.int(Kind.end);
    this.encoder.int(frames);
  }

  #version(entry: Entry, version: Change | Entry): void {
    const { encoder } = this;
    const hasValue = version.value !== NO_VALUE;
    encoder.arrayHeader(hasValue ? 7 : 6);
    encoder.int(hasValue ? Kind.set : Kind.deleted);
    this.#head(version.tock, version.writer!, version.tick);
    this.#older(version.older);
    this.#pathOf(entry);
    if (hasValue) this.values.copyTo(version.value, encoder);
  }

  #head(tock: number, writer: Writer, tick: number): void {
    this.encoder.int(tock);
    this.encoder.str(writer.name);
    this.encoder.int(tick);
  }

  #older(first: Link | null): void {
    let links = 0;
    for (let link = first; link !== null; link = link.prev) links++;
    this.encoder.arrayHeader(2 * links);
    for (let link = first; link !== null; link = link.prev) {
      this.encoder.str(link.writer.name);
      this.encoder.int(link.tick);
    }
  }

  #pathOf(entry: Entry): void {
    this.#path(this.#keys, entry.readKeys(this.#keys));
  }

  #path(keys: readonly ElementKey[], count: number): void {
    this.encoder.arrayHeader(count);
    for (let i = 0; i < count; i++) encodeKey(this.encoder, keys[i]);
  }

  #begin(elements: number, kind: number, writer: string): void {
    this.encoder.arrayHeader(elements + 1);
    this.encoder.int(kind);
    this.encoder.str(writer);
  }
}
