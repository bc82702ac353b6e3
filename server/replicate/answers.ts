/**
 * Answers to `want`: events again, and a claim for what is superseded.
 *
 * Of the ticks that somebody wants, those that head an entry are sent, with their whole chain, each entry once. All others
 * that are had here are superseded for this purpose, also those behind the head of a chain: what superseded them is here. When
 * all of them were looked at, the claim says them, and all that is had here at that moment (the pair rule: claims.ts of
 * the core). A slice at a time, so that neither this server nor its receivers choke.
 *
 * @module
 */

import { ticksField } from "../../wire/message/sync.ts";
import type { Ticks } from "../core/claims.ts";
import type { Entry } from "../core/entry.ts";
import { RangeSet } from "../core/range_set.ts";
import type { Writer } from "../core/writer.ts";
import { Batch, type BatchFields } from "./batch.ts";
import type { Outbox } from "./outbox.ts";
import type { ReplicatorParts } from "./parts.ts";
import { addTo, both, haveOf, type MutableTicks, splitTicks } from "./ticks.ts";

/** What a slice may send, and how many ticks it may look at. */
const sliceBytes = 64 * 1024;
const sliceTicks = 10_000;
/** From one slice to the next. */
const sliceMs = 2;
/** What was sent is not sent again within this time: another server has lost the same message. */
const recentMs = 150;
const recentMax = 20_000;
/** Ranges of one part of a claim. */
const partRanges = 20_000;

/** Somebody who wants something. */
interface Request {
  readonly todo: MutableTicks;
  readonly known: MutableTicks;
}

/** See the module. */
export class Answers {
  /** When the next slice is due. */
  dueMs = Infinity;
  /** Events and claims that were sent. */
  events = 0;
  claims = 0;
  readonly #batch: Batch;
  readonly #requests = new Map<string, Request>();
  /** Entries sent lately, and the tick of the head that they had. */
  readonly #recent = new Map<Entry, { readonly tick: number; readonly atMs: number }>();
  #nr = 0;

  constructor(
    private readonly parts: ReplicatorParts,
    private readonly outbox: Outbox,
    private readonly fields: () => BatchFields,
    /** Whether what is here may be shared. */
    private readonly isAllowed: () => boolean,
  ) {
    this.#batch = new Batch(outbox, parts.store.values);
  }

  /** `node` wants these ticks. */
  want(node: string, ticks: Ticks): void {
    const here = both(ticks, haveOf(this.parts.store));
    if (here.size === 0 || !this.isAllowed()) return;
    const request = this.#requests.get(node) ?? { todo: new Map(), known: new Map() };
    addTo(request.todo, here);
    this.#requests.set(node, request);
    this.dueMs = Math.min(this.dueMs, this.parts.nowMs());
  }

  /** `node` is gone. */
  forget(node: string): void {
    this.#requests.delete(node);
  }

  /** Forgets all requests: those who still want something will say so. */
  clear(): void {
    this.#requests.clear();
    this.dueMs = Infinity;
  }

  /** Sends a slice. */
  time(): void {
    if (!this.isAllowed()) return this.clear();
    const nowMs = this.parts.nowMs();
    this.#forgetRecent(nowMs);
    const slice = { bytes: sliceBytes, ticks: sliceTicks };
    for (const [node, request] of this.#requests) {
      const isDone = this.#work(request, slice);
      if (!this.#batch.flush({ ...this.fields(), re: true })) return this.clear();
      if (!isDone) break;
      this.#requests.delete(node);
      this.#claim(node, request.known);
    }
    this.events = this.#batch.sent;
    this.dueMs = this.#requests.size > 0 ? nowMs + sliceMs : Infinity;
  }

  #forgetRecent(nowMs: number): void {
    for (const [entry, { atMs }] of this.#recent) {
      if (nowMs - atMs < recentMs && this.#recent.size <= recentMax) return;
      this.#recent.delete(entry);
    }
  }

  /** Works on a request until the slice is used up; returns whether it is done. */
  #work(request: Request, slice: { bytes: number; ticks: number }): boolean {
    for (const [name, set] of request.todo) {
      const writer = this.parts.store.writers.get(name);
      while (!set.isEmpty) {
        if (slice.bytes <= 0 || slice.ticks <= 0) return false;
        const [first, last] = [set.first(0), set.last(0)];
        const upTo = writer === undefined ? last : this.#range(writer, first, last, request.known, slice);
        set.removeRange(first, upTo);
      }
      request.todo.delete(name);
    }
    return true;
  }

  /** Sends the heads among `first … last`, notes the others; returns how far it came. */
  #range(
    writer: Writer,
    first: number,
    last: number,
    known: MutableTicks,
    slice: { bytes: number; ticks: number },
  ): number {
    const others = known.get(writer.name) ?? new RangeSet();
    known.set(writer.name, others);
    let done = first - 1;
    let isCut = false;
    writer.index.forEach((tick, slot) => {
      if (tick > last) return true;
      if (slice.bytes <= 0 || slice.ticks <= 0) return isCut = true;
      slice.ticks--;
      const heads = (Array.isArray(slot) ? slot : [slot]).filter((each) =>
        each.writer === writer && each.tick === tick
      );
      for (const entry of heads) slice.bytes -= this.#send(entry);
      others.addRange(done + 1, heads.length > 0 ? tick - 1 : tick);
      done = tick;
    }, first);
    if (isCut) return done;
    slice.ticks--;
    others.addRange(done + 1, last);
    return last;
  }

  #send(entry: Entry): number {
    const nowMs = this.parts.nowMs();
    const recent = this.#recent.get(entry);
    if (recent !== undefined && recent.tick === entry.tick && nowMs - recent.atMs < recentMs) return 0;
    this.#recent.delete(entry);
    this.#recent.set(entry, { tick: entry.tick, atMs: nowMs });
    const before = this.#batch.bytes;
    this.#batch.addEntry(entry, { ...this.fields(), re: true });
    return Math.max(64, this.#batch.bytes - before);
  }

  /** Says what is superseded here. */
  #claim(node: string, known: Ticks): void {
    const parts = splitTicks(known, partRanges);
    if (parts.length === 0) return;
    const nr = ++this.#nr;
    this.claims++;
    parts.forEach((part, i) => {
      const have = i === parts.length - 1 ? ticksField(haveOf(this.parts.store)) : undefined;
      this.outbox.send("claim", { for: node, nr, part: i, known: ticksField(part), have });
    });
  }
}
