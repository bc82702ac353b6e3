/**
 * What comes in on `ROOT/update` and `ROOT/info`. Nothing is sent from here.
 *
 * @module
 */

import { KvError } from "../../../wire/errors.ts";
import type { Info, NodeRanges } from "../../../wire/message/info.ts";
import type { IncomingChain } from "../../core/chain.ts";
import { tockRefusal } from "../../core/incoming.ts";
import { nodeOf } from "../../core/writer.ts";
import type { CompatHost } from "../seam.ts";
import type { Audit } from "./audit.ts";
import type { Assertions } from "./assertions.ts";
import type { Facts } from "./facts.ts";
import type { Hints } from "./hints.ts";
import type { Outbox } from "./outbox.ts";
import type { Pace } from "./pace.ts";
import type { Presence } from "./presence.ts";
import { type HeardUpdate, Reader } from "./reader.ts";
import type { Recoveries } from "./recovery.ts";
import type { Requests } from "./requests.ts";
import type { Resets } from "./resets.ts";
import type { TickMemory } from "./tick_memory.ts";

/** What hears of it. */
export interface ReceptionParts {
  readonly host: CompatHost;
  readonly presence: Presence;
  readonly pace: Pace;
  readonly requests: Requests;
  readonly outbox: Outbox;
  readonly hints: Hints;
  readonly facts: Facts;
  readonly recoveries: Recoveries;
  /** What went over the channels of the original. */
  readonly heard: TickMemory;
  readonly assertions: Assertions;
  readonly audit: Audit;
  readonly resets: Resets;
  /** Events known to have a value. */
  readonly live: TickMemory;
  /** How long a winner waits before it is written again. */
  readonly assertMs: number;
  /** How long this server waits before it answers what somebody lacks. */
  readonly answerDelayMs: () => number;
}

/** Ticks of one message that are looked up. */
const ticksMax = 1000;

/** See the module. */
export class Reception {
  /** Updates and facts of others that were understood. */
  count = 0;
  readonly #reader = new Reader();

  constructor(private readonly parts: ReceptionParts) {}

  /** A message on either channel; a malformed one is refused. */
  receive(word: "update" | "info", payload: Uint8Array, nowMs: number): void {
    try {
      if (word === "update") this.#update(this.#reader.update(payload, nowMs), nowMs);
      else this.#info(this.#reader.info(payload, nowMs), nowMs);
    } catch (error) {
      if (!(error instanceof KvError)) throw error;
      this.parts.host.refuse(error.message, `somebody on ROOT/${word}`);
    }
  }

  #update(heard: HeardUpdate | undefined, nowMs: number): void {
    if (heard === undefined) return;
    const { host, presence, pace, requests, outbox, resets, heard: channel } = this.parts;
    const { store, node } = host.parts;
    const { event, sender } = heard;
    const from = sender ?? nodeOf(event.chain.node);
    const isEcho = sender === node || sender === undefined && event.chain.node === store.local.name;
    if (isEcho && store.writers.get(event.chain.node)?.have.has(event.chain.tick)) return;
    this.count++;
    if (!presence.hear(from, nowMs)) pace.heard(nowMs);
    for (let link: IncomingChain | null | undefined = event.chain; link; link = link.prev) {
      requests.answered(link.node, link.tick);
      channel.add(link.node, link.tick);
    }
    outbox.seen(store.find(event.keys, event.length), event.chain);
    host.merge([event], from, ([{ outcome }]) => {
      if (outcome === "had" && sender === undefined) resets.had(event, from, nowMs);
    });
  }

  #info(info: Info | undefined, nowMs: number): void {
    const { host, presence, pace } = this.parts;
    if (info === undefined || info.node === host.parts.node) return;
    this.count++;
    const node = info.node ?? "";
    // Without a name it was injected by a client of an original.
    const isForeign = node === "" || presence.hear(node, nowMs);
    if (!isForeign) pace.heard(nowMs);
    this.#clock(info);
    if (info.ticks !== undefined) this.#ticks(node, info.ticks, nowMs);
    if (info.missing !== undefined) this.#missing(node, isForeign, info.missing, nowMs);
    // To an original, a deleted tick is one that nobody needs to send any more, and no more than a hint for us either.
    for (const gone of [info.known, info.deleted]) if (gone !== undefined) this.#gone(node, isForeign, gone, nowMs);
    if (isForeign && info.deleted !== undefined) this.#deleted(info.deleted, nowMs);
    for (const name of info.nodeDrop ?? []) {
      host.parts.report(`${node || "An admin"} forgets the node ${name}; here "internal kill ${name}" does`);
    }
  }

  #clock({ tock, node }: Info): void {
    const { store, turn } = this.parts.host.parts;
    if (tock === undefined || tock <= store.clock) return;
    const reason = tockRefusal(tock, store.clock);
    if (reason === undefined) turn(() => store.hearTock(tock));
    else this.parts.host.refuse(reason, node ?? "");
  }

  #ticks(node: string, ticks: ReadonlyMap<string, number | null>, nowMs: number): void {
    const { host, facts, recoveries } = this.parts;
    const { store, turn } = host.parts;
    const news = new Map<string, number>();
    for (const [name, tick] of ticks) {
      if (tick !== null && name !== "" && tick > (store.writers.get(name)?.tick ?? 0)) news.set(name, tick);
    }
    if (news.size > 0) turn(() => host.hear(news));
    facts.heardTicks(ticks, nowMs);
    recoveries.heard(node, 1);
  }

  #missing(node: string, isForeign: boolean, missing: NodeRanges, nowMs: number): void {
    const { facts, recoveries, requests, answerDelayMs } = this.parts;
    facts.heardMissing(missing, nowMs);
    recoveries.heard(node, 2);
    // Ours ask each other on ROOT/sync.
    if (isForeign && requests.asked(missing)) requests.within(nowMs + answerDelayMs());
  }

  /** Originals drop whatever entry has one of these in its chain; events of ours show them no deletion there. */
  #deleted(deleted: NodeRanges, nowMs: number): void {
    const { host, presence, live, assertions, audit, assertMs } = this.parts;
    audit.noticed(nowMs);
    let left = ticksMax;
    for (const [name, ranges] of deleted) {
      const writer = host.parts.store.writers.get(name);
      for (const [first, last] of writer === undefined ? [] : ranges) {
        writer!.index.forEach((tick) => {
          if (tick > last || left-- <= 0) return true;
          for (const entry of writer!.entries(tick)) {
            const isShown = live.has(name, tick) || !presence.isOurs(entry.writer!.node);
            if (entry.hasValue && isShown) assertions.dropped(entry, nowMs, assertMs);
          }
        }, first);
      }
    }
  }

  #gone(node: string, isForeign: boolean, ticks: NodeRanges, nowMs: number): void {
    const { requests, heard } = this.parts;
    requests.answeredAll(ticks);
    for (const [name, ranges] of ticks) for (const [first, last] of ranges) heard.addRange(name, first, last);
    if (isForeign && node !== "") this.parts.hints.add(node, ticks, nowMs);
  }
}
