/**
 * Takes events from elsewhere into a store. Which event stays is decided in merge.ts; here is what follows from it.
 *
 * @module
 */

import { equalValues } from "../../wire/msgpack/deep_equal.ts";
import { chainLinksStored } from "../../wire/limits.ts";
import { countLinks, firstLinks, type IncomingChain, Link, tickIn } from "./chain.ts";
import { isWithoutConflicts, recordKeys } from "./conflicts.ts";
import type { Alarm, Change } from "./effect.ts";
import type { Entry } from "./entry.ts";
import { sameButForFloatWidth } from "./float_width.ts";
import { type Incoming, refusal } from "./incoming.ts";
import type { Ledger } from "./ledger.ts";
import { decide, knewOf, names, type Version } from "./merge.ts";
import type { LocalStore } from "./local_store.ts";
import type { Turn } from "./turn.ts";
import { NO_VALUE } from "./values.ts";
import type { Writer } from "./writer.ts";

/**
 * What became of an event.
 *
 * | outcome | |
 * | --- | --- |
 * | `applied` | it is the entry's version now |
 * | `stale` | the entry's version stays |
 * | `refreshed` | it was the entry's version already; something about it (chain, tock, bytes) is better known now |
 * | `same` | it was the entry's version already |
 * | `had` | its tick is had, elsewhere or as superseded: dropped |
 * | `refused` | it is malformed; nothing changed, `reason` says why |
 */
export interface MergeResult {
  readonly outcome: "applied" | "stale" | "refreshed" | "same" | "had" | "refused";
  /** Why it was refused. */
  readonly reason?: string;
  /** The entry's new version, if it has one. */
  readonly change?: Change;
  /** Whether one of the two lost without being known to the other. */
  readonly conflict?: boolean;
}

/** An event, its writers found. */
interface Event extends Version {
  readonly writer: Writer;
  readonly incoming: Incoming;
}

/** Merges into one store. */
export class Merger {
  constructor(private readonly store: LocalStore, private readonly ledger: Ledger, private readonly turn: Turn) {}

  /** Takes one event. */
  merge(incoming: Incoming): MergeResult {
    const reason = refusal(incoming, this.store.clock);
    if (reason !== undefined) return { outcome: "refused", reason };
    const event = this.#hear(incoming);
    const entry = this.store.find(incoming.keys, incoming.length);
    const result = this.#take(event, entry);
    for (const tick of incoming.replaces ?? []) this.ledger.supersede(event.writer, tick);
    return result;
  }

  #take(event: Event, entry: Entry | undefined): MergeResult {
    const { writer, tick } = event;
    if (entry !== undefined && entry.writer === writer && entry.tick === tick) return this.#refresh(event, entry);
    if (writer.have.has(tick)) {
      if (!this.#isReset(event, entry)) return this.#drop(event);
      this.#alarm("reset", event);
    } else if (writer === this.store.local) {
      this.#alarm("name_taken", event);
    }
    return this.#compare(event, entry ?? this.store.ensure(event.incoming.keys, event.incoming.length));
  }

  /** Of an event that is had only what it says of others' ticks is kept. */
  #drop({ writer, tick, older }: Event): MergeResult {
    for (let link: Link | null = new Link(writer, tick, older); link !== null; link = link.prev) {
      const { writer, tick } = link;
      if (tick === writer.tick && tick > writer.have.max) this.turn.note({ kind: "heard", writer, tick });
    }
    return { outcome: "had" };
  }

  /** Raises the clock and what was heard of. */
  #hear(incoming: Incoming): Event {
    const { chain, tock } = incoming;
    this.store.hearTock(tock);
    const [writer, tick] = this.#heard(chain);
    return { writer, tick, older: this.#links(chain.prev), tock, incoming };
  }

  #heard(chain: IncomingChain): [Writer, number] {
    const writer = this.ledger.writer(chain.node);
    this.ledger.hear(writer, chain.tick);
    return [writer, chain.tick];
  }

  #links(chain: IncomingChain | null | undefined): Link | null {
    return chain ? new Link(...this.#heard(chain), this.#links(chain.prev)) : null;
  }

  /**
   * Whether an original was reset and uses ticks a second time: its tick is not newer, yet its tock is. Not those of ours
   * (they have life ids), nor an event whose time is not known to be wrong, nor one that is plainly superseded.
   */
  #isReset(event: Event, entry: Entry | undefined): boolean {
    const { writer, tick, tock } = event;
    return writer.lifeId === null && tick <= writer.topTick && tock > writer.topTock &&
      !(entry !== undefined && names(entry, event));
  }

  #alarm(reason: Alarm["reason"], { writer, tick, incoming }: Event): void {
    this.turn.note({ kind: "alarm", reason, path: incoming.keys.slice(0, incoming.length), writer, tick });
  }

  /** The entry's own event once more: what is better known stays. */
  #refresh(event: Event, entry: Entry): MergeResult {
    const { incoming, tock, older } = event;
    const isSame = this.#sameBytes(entry, incoming);
    if (!isSame && !this.#differsInWidth(entry, incoming)) this.#alarm("twice", event);
    const isBetter = tock > entry.tock || (tock === entry.tock && !isSame && this.#isGreater(incoming, entry));
    const isLonger = countLinks(older) > countLinks(entry.older);
    let change: Change | undefined;
    if (isBetter || isLonger) {
      const value = isBetter && !isSame ? this.#put(incoming) : entry.value;
      const links = isLonger ? firstLinks(older, chainLinksStored - 1) : entry.older;
      change = this.store.change(entry, false, value, event.writer, event.tick, links, isBetter ? tock : entry.tock);
      this.ledger.seen(event.writer, event.tick, change.tock);
    }
    this.#haveLinks(event, change);
    return { outcome: change === undefined ? "same" : "refreshed", change };
  }

  /** Two different events at one entry. */
  #compare(event: Event, entry: Entry): MergeResult {
    const { incoming, writer, tick, older, tock } = event;
    const verdict = decide(entry, event);
    const isApplied = verdict === "apply" || verdict === "apply-exact";
    const isConflict = (verdict === "apply" || verdict === "stale") && this.#isConflict(event, entry, isApplied);
    if (isConflict) this.#noteConflict(event, entry, isApplied);
    this.ledger.seen(writer, tick, tock);
    let change: Change | undefined;
    if (isApplied) {
      const links = firstLinks(older, chainLinksStored - 1);
      change = this.store.change(entry, false, this.#put(incoming), writer, tick, links, tock);
    }
    this.#haveLinks(event, change);
    return { outcome: isApplied ? "applied" : "stale", change, conflict: isConflict };
  }

  #isConflict(event: Event, entry: Entry, isApplied: boolean): boolean {
    const { incoming } = event;
    const [winner, loser] = isApplied ? [event, entry] : [entry, event];
    return !knewOf(winner, loser) && !isWithoutConflicts(incoming.keys, incoming.length) &&
      !this.#sameValue(entry, incoming);
  }

  #noteConflict(event: Event, entry: Entry, isApplied: boolean): void {
    const { incoming } = event;
    const { writer, tick, tock } = isApplied ? entry : event;
    if (this.#isRecorded(incoming, writer!, tick)) return;
    const isDeletion = isApplied ? !entry.hasValue : incoming.bytes === null;
    const value = isDeletion
      ? null
      : isApplied
      ? this.store.values.read(entry.value)
      : incoming.bytes!.slice(incoming.start, incoming.end);
    const path = incoming.keys.slice(0, incoming.length);
    this.store.conflicts.add({ kind: "conflict", path, value, writer: writer!, tick, tock });
  }

  /**
   * Whether the record of a conflict is here, or its tombstone, which may be purged before this node's turn comes: somebody
   * has decided then, or can.
   */
  #isRecorded({ keys, length }: Incoming, writer: Writer, tick: number): boolean {
    const record = recordKeys({ path: keys.slice(0, length), writer, tick });
    return (this.store.find(record, record.length)?.writer ?? null) !== null;
  }

  /** All links of an event are had; those that are not in the chain of its change are superseded. */
  #haveLinks(event: Event, change: Change | undefined): void {
    this.#haveLink(event.writer, event.tick, change);
    for (let link = event.older; link !== null; link = link.prev) this.#haveLink(link.writer, link.tick, change);
  }

  #haveLink(writer: Writer, tick: number, change: Change | undefined): void {
    if (change !== undefined && tickIn(change.writer, change.tick, change.older, writer) === tick) {
      this.ledger.addHave(writer, tick);
    } else {
      this.ledger.supersede(writer, tick);
    }
  }

  #put({ bytes, start, end }: Incoming): number {
    return bytes === null ? NO_VALUE : this.store.values.put(bytes, start, end);
  }

  #sameBytes(entry: Entry, { bytes, start, end }: Incoming): boolean {
    if (bytes === null || !entry.hasValue) return bytes === null && !entry.hasValue;
    return this.store.values.sameBytes(entry.value, bytes, start, end);
  }

  #sameValue(entry: Entry, { bytes, start, end }: Incoming): boolean {
    if (bytes === null || !entry.hasValue) return bytes === null && !entry.hasValue;
    const { values } = this.store;
    values.locate(entry.value);
    return equalValues(values.bytes, values.start, values.end, bytes, start, end);
  }

  #differsInWidth(entry: Entry, { bytes, start, end }: Incoming): boolean {
    if (bytes === null || !entry.hasValue) return false;
    const { values } = this.store;
    values.locate(entry.value);
    return sameButForFloatWidth(values.bytes, values.start, values.end, bytes, start, end);
  }

  /** Whether the incoming bytes are longer, or as long and greater. */
  #isGreater({ bytes, start, end }: Incoming, entry: Entry): boolean {
    if (bytes === null) return false;
    const { values } = this.store;
    values.locate(entry.value);
    const length = values.end - values.start;
    if (end - start !== length) return end - start > length;
    for (let i = start, j = values.start; i < end; i++, j++) {
      if (bytes[i] !== values.bytes[j]) return bytes[i] > values.bytes[j];
    }
    return false;
  }
}
