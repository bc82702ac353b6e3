/**
 * What waits to be sent in the original's form: this node's events, newest per entry; entries that somebody lacks; ticks
 * that are superseded. A paced stream takes from each in turn. What is left out for a newer event is told as superseded.
 *
 * @module
 */

import type { Info } from "../../../wire/message/info.ts";
import type { Update } from "../../../wire/message/update.ts";
import type { ElementKey } from "../../../wire/path/keys.ts";
import type { IncomingChain } from "../../core/chain.ts";
import type { Change } from "../../core/effect.ts";
import type { Entry } from "../../core/entry.ts";
import type { RangeSet } from "../../core/range_set.ts";
import type { Store } from "../../core/store.ts";
import { addRange, addTick, type MutableTicks, partsOf } from "./tick_sets.ts";
import { chainOut, linksTo } from "./chain_out.ts";
import type { Channels } from "./channels.ts";
import { harmOf } from "./harm.ts";
import type { TickMemory } from "./tick_memory.ts";
import type { Pace } from "./pace.ts";

/** Entries that wait; of more, the newest are not sent: originals notice the gap and ask. */
const entriesMax = 20_000;

/** Superseded ticks are collected for so long. */
const knownDelayMs = 200;

/** One in so many withheld events is reported. */
const reportEvery = 1000;

/** Ranges in one message. */
const rangesMax = 500;

/** An own event. */
interface Live {
  readonly writer: string;
  readonly tick: number;
}

/** A tick that somebody lacks. */
interface Wanted {
  readonly writer: string;
  readonly tick: number;
}

/** What it needs. */
export interface OutboxParts {
  readonly store: Store;
  readonly channels: Channels;
  readonly pace: Pace;
  readonly live: TickMemory;
  /** What went out, or was told as superseded. */
  readonly heard: TickMemory;
  /** Whether messages can get through. */
  readonly isAttached: () => boolean;
  /** Links of a live update. */
  readonly links: number;
  /** How many servers of this kind share the pace; 0: nobody is listening, no pace at all. */
  readonly sharers: () => number;
  /** The sender's name and present tick, for messages that are no events. */
  readonly sender: () => { node: string; tick: number | null; tock: number };
  readonly report: (line: string) => void;
}

/** See the module. */
export class Outbox {
  /** Messages sent, entries left out because too many waited, events that would have killed an original. */
  readonly counters: { sent: number; dropped: number; withheld: number } = { sent: 0, dropped: 0, withheld: 0 };
  readonly #live = new Map<Entry, Live>();
  readonly #resend = new Map<Entry, Wanted[]>();
  readonly #infos: Info[] = [];
  #known: MutableTicks = new Map();
  #knownAtMs = Infinity;
  #nextFreeMs = Infinity;
  #turn = 0;

  /** @param parts What it needs */
  constructor(private readonly parts: OutboxParts) {}

  /** When something can be sent; Infinity if nothing waits. */
  get wakeAtMs(): number {
    const isWaiting = this.#live.size + this.#resend.size + this.#infos.length > 0;
    return Math.min(isWaiting ? this.#nextFreeMs : Infinity, this.#knownAtMs);
  }

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.wakeAtMs === Infinity;
  }

  /** An own event happened. */
  changed({ entry, writer, tick }: Change, nowMs: number): void {
    const waiting = this.#live.get(entry);
    if (waiting !== undefined) this.known(waiting.writer, waiting.tick, nowMs);
    else if (this.#live.size >= entriesMax) return void this.counters.dropped++;
    this.#live.set(entry, { writer: writer.name, tick });
    this.#nextFreeMs = Math.min(this.#nextFreeMs, nowMs);
  }

  /** Somebody lacks this tick, which is in the entry's chain. */
  resend(entry: Entry, writer: string, tick: number, nowMs: number): void {
    const wanted = this.#resend.get(entry);
    if (wanted !== undefined) wanted.push({ writer, tick });
    else if (this.#resend.size >= entriesMax) return void this.counters.dropped++;
    else this.#resend.set(entry, [{ writer, tick }]);
    this.#nextFreeMs = Math.min(this.#nextFreeMs, nowMs);
  }

  /** This tick is superseded; told soon, together with others. */
  known(writer: string, tick: number, nowMs: number): void {
    addTick(this.#known, writer, tick);
    this.parts.heard.add(writer, tick);
    this.#knownAtMs = Math.min(this.#knownAtMs, nowMs + knownDelayMs);
  }

  /** These ticks are superseded: in ranges, because there can be more of them than anybody can count. */
  knownAll(writer: string, ticks: RangeSet, nowMs: number): void {
    for (let i = 0; i < ticks.rangeCount; i++) {
      addRange(this.#known, writer, ticks.first(i), ticks.last(i));
      this.parts.heard.addRange(writer, ticks.first(i), ticks.last(i));
    }
    if (!ticks.isEmpty) this.#knownAtMs = Math.min(this.#knownAtMs, nowMs + knownDelayMs);
  }

  /** Facts about ticks that go before anything else. */
  info(info: Info, nowMs: number): void {
    this.#infos.push(info);
    this.#nextFreeMs = Math.min(this.#nextFreeMs, nowMs);
  }

  /** Somebody else has sent this entry, with these links. */
  seen(entry: Entry | undefined, chain: IncomingChain): void {
    const wanted = entry === undefined ? undefined : this.#resend.get(entry);
    if (wanted === undefined) return;
    const left = wanted.filter(({ writer, tick }) => !namesTick(chain, writer, tick));
    if (left.length === 0) this.#resend.delete(entry!);
    else this.#resend.set(entry!, left);
  }

  /** Forgets everything: nobody listens. */
  clear(): void {
    this.#live.clear();
    this.#resend.clear();
    this.#infos.length = 0;
    this.#known = new Map();
    this.#knownAtMs = this.#nextFreeMs = Infinity;
  }

  /** Sends what may be sent now. Values have to be readable, and logged. */
  flush(nowMs: number): void {
    const { pace, sharers, isAttached } = this.parts;
    if (!isAttached()) return;
    if (nowMs >= this.#knownAtMs) this.#collectKnown();
    this.#nextFreeMs = Infinity;
    while (this.#live.size + this.#resend.size + this.#infos.length > 0) {
      const count = sharers();
      if (count > 0) {
        this.#nextFreeMs = pace.freeAtMs(nowMs, count);
        if (this.#nextFreeMs > nowMs) return;
      }
      if (this.#sendOne(nowMs)) {
        pace.sent(nowMs);
        this.counters.sent++;
      }
    }
  }

  /** Sends the next message; false if there was nothing to it. */
  #sendOne(nowMs: number): boolean {
    const info = this.#infos.shift();
    if (info !== undefined) {
      this.parts.channels.info({ ...info, ...this.parts.sender() });
      return true;
    }
    const isResendsTurn = this.#live.size === 0 || this.#resend.size > 0 && ++this.#turn % 2 === 0;
    return isResendsTurn ? this.#sendResent(nowMs) : this.#sendLive(nowMs);
  }

  #sendLive(nowMs: number): boolean {
    const [entry, { writer, tick }] = this.#live.entries().next().value!;
    this.#live.delete(entry);
    const isOvertaken = entry.writer?.name !== writer || entry.tick !== tick;
    const update = isOvertaken ? undefined : this.#update(entry, this.parts.links);
    if (update === undefined) this.known(writer, tick, nowMs);
    else {
      this.parts.heard.add(writer, tick);
      this.parts.channels.live(update);
    }
    return update !== undefined;
  }

  #sendResent(nowMs: number): boolean {
    const [entry, wanted] = this.#resend.entries().next().value!;
    this.#resend.delete(entry);
    const { live } = this.parts;
    let links = 2;
    for (const { writer, tick } of wanted) {
      const needed = entry.writer === null
        ? Infinity
        : linksTo(entry.writer.name, entry.tick, entry.older, writer, tick, live);
      if (needed === Infinity) this.known(writer, tick, nowMs);
      else links = Math.max(links, needed);
    }
    const update = this.#update(entry, links);
    if (update === undefined) { for (const { writer, tick } of wanted) this.known(writer, tick, nowMs); }
    else {
      const { node, tick } = this.parts.sender();
      this.parts.heard.add(entry.writer!.name, entry.tick);
      this.parts.channels.resent({ ...update, sender: { node, tick } });
    }
    return update !== undefined;
  }

  /** An entry's version; undefined if there is none any more, or it must not be sent. */
  #update(entry: Entry, links: number): Update | undefined {
    const { store, live } = this.parts;
    if (entry.writer === null) return undefined;
    const keys: ElementKey[] = [];
    const length = entry.readKeys(keys);
    keys.length = length;
    const value = entry.hasValue ? store.values.view(entry.value) : undefined;
    const harm = harmOf(keys, length, value ?? null, (path) => store.find(path, path.length)?.hasValue === true);
    if (harm !== undefined) {
      if (this.counters.withheld++ % reportEvery === 0) {
        this.parts.report(`Servers of the original do not get ${entry.path()}: they would die of ${harm}`);
      }
      return undefined;
    }
    const { chain, hidden } = chainOut(entry.writer.name, entry.tick, entry.older, links, live);
    return { keys, chain, older: hidden, tock: entry.tock, value };
  }

  /** Turns the superseded ticks into messages. */
  #collectKnown(): void {
    for (const known of partsOf(this.#known, rangesMax)) this.#infos.push({ known });
    this.#known = new Map();
    this.#knownAtMs = Infinity;
  }
}

function namesTick(chain: IncomingChain, writer: string, tick: number): boolean {
  for (let link: IncomingChain | null | undefined = chain; link; link = link.prev) {
    if (link.node === writer) return link.tick === tick;
  }
  return false;
}
