/**
 * Asks for what is missing.
 *
 * | after | |
 * | --- | --- |
 * | 200 ms | a gap is asked for: it may be on its way, or come by itself |
 * | 300 ms, 600 ms, … 10 s | it is asked for again, of another peer if there is one |
| a peer's `have` | what it has is asked for again, at most once a second |
 *
 * One peer at a time is asked for a gap. A gap that nobody is known to have waits for somebody's `have`.
 *
 * @module
 */

import { ticksField } from "../../wire/message/sync.ts";
import type { Ticks } from "../core/claims.ts";
import type { Outbox } from "./outbox.ts";
import type { ReplicatorParts } from "./parts.ts";
import type { Peer } from "./peer.ts";
import type { Peers } from "./peers.ts";
import { addTo, both, countOf, minus, missingOf, type MutableTicks } from "./ticks.ts";

/** How old a gap has to be. */
export const gapMs = 200;
const againMinMs = 300;
const againMaxMs = 10_000;
/** When a peer speaks, what was asked for so long ago is asked for again. */
const toldMs = 1000;
/** The first requests of several servers are so far apart at most. */
const jitterMs = 100;
/** Gaps that are asked for apart from each other; beyond, the oldest ones become one. */
const asksMax = 32;

/** Ticks that became due together. */
interface Ask {
  ticks: MutableTicks;
  /** How many they were when they were asked for last. */
  count: number;
  tries: number;
  nextMs: number;
  askedMs: number;
  /** Whether it waited for the answer to somebody else's request. */
  isPutOff: boolean;
  /** How often each peer was asked. */
  readonly asked: Map<string, number>;
}

function newAsk(ticks: MutableTicks, nextMs: number): Ask {
  return { ticks, count: 0, tries: 0, nextMs, askedMs: -Infinity, isPutOff: false, asked: new Map() };
}

/** See the module. */
export class Gaps {
  /** When to look again. */
  dueMs = Infinity;
  /** What was asked for, in ticks; for `status`. */
  wanted = 0;
  #asks: Ask[] = [];
  #seen: Ticks = new Map();
  #seenMs = -Infinity;

  constructor(
    private readonly parts: ReplicatorParts,
    private readonly peers: Peers,
    private readonly outbox: Outbox,
    /** Whether nobody waits for a server: what it claims is not believed. */
    private readonly isForgotten: (node: string) => boolean,
  ) {}

  /** What is missing, without what was given up. */
  get missing(): Ticks {
    return missingOf(this.parts.store);
  }

  /** What is missing, and of what was given up that which a peer has after all: no claim is believed as long as it is not here. */
  #wanted(): Ticks {
    const wanted = missingOf(this.parts.store);
    for (const { name, givenUp } of this.parts.store.writers.values()) {
      if (givenUp.isEmpty) continue;
      for (const peer of this.peers.present()) addTo(wanted, both(new Map([[name, givenUp]]), peer.have));
    }
    return wanted;
  }

  /** Something may be missing that was not before. */
  notice(): void {
    this.dueMs = Math.min(this.dueMs, this.parts.nowMs() + gapMs);
  }

  /** A peer said what it has: it is here and listens, so what it has is asked for now, unless that was asked for just before. */
  told(peer: Peer): void {
    const nowMs = this.parts.nowMs();
    for (const ask of this.#asks) {
      if (both(ask.ticks, peer.have).size === 0) continue;
      ask.nextMs = Math.min(ask.nextMs, Math.max(nowMs, ask.askedMs + toldMs));
    }
    this.dueMs = Math.min(this.dueMs, this.#asks.length > 0 ? this.#nextMs() : nowMs + gapMs);
  }

  /** The connection is back: everything is asked for anew. */
  attached(): void {
    const nowMs = this.parts.nowMs();
    for (const ask of this.#asks) [ask.tries, ask.nextMs, ask.askedMs] = [0, nowMs + gapMs, -Infinity];
    this.notice();
  }

  /** Somebody else asks for these; the events reach everybody. Puts an own request off, once. */
  overheard(ticks: Ticks): void {
    const laterMs = this.parts.nowMs() + againMinMs;
    for (const ask of this.#asks) {
      if (ask.isPutOff || ask.nextMs >= laterMs || countOf(minus(ask.ticks, ticks)) > 0) continue;
      ask.isPutOff = true;
      ask.nextMs = laterMs;
    }
  }

  /** Asks for what is due. */
  time(): void {
    const nowMs = this.parts.nowMs();
    if (this.parts.isJoining?.()) return void (this.dueMs = nowMs + gapMs);
    const missing = this.#wanted();
    for (const ask of this.#asks) ask.ticks = both(ask.ticks, missing);
    this.#asks = this.#asks.filter((ask) => ask.ticks.size > 0);
    this.#look(missing, nowMs);
    for (const ask of this.#asks) if (ask.nextMs <= nowMs) this.#send(ask, nowMs);
    this.dueMs = this.#nextMs();
  }

  /** Finds what has been missing for long enough and is not asked for. */
  #look(missing: Ticks, nowMs: number): void {
    let fresh = missing;
    for (const ask of this.#asks) fresh = minus(fresh, ask.ticks);
    if (nowMs - this.#seenMs >= gapMs) {
      const due = both(fresh, this.#seen);
      if (due.size > 0) this.#asks.push(newAsk(due, nowMs + this.#jitterMs()));
      this.#seen = due.size > 0 ? minus(fresh, due) : fresh;
      this.#seenMs = nowMs;
    }
    while (this.#asks.length > asksMax) addTo(this.#asks[1].ticks, this.#asks.shift()!.ticks);
  }

  /** If several miss the same, the first to ask may spare the others their requests. */
  #jitterMs(): number {
    return this.peers.present().length > 1 ? jitterMs * this.parts.random() : 0;
  }

  #nextMs(): number {
    let next = this.#seen.size > 0 ? this.#seenMs + gapMs : Infinity;
    for (const ask of this.#asks) next = Math.min(next, ask.nextMs);
    return next;
  }

  #send(ask: Ask, nowMs: number): void {
    const count = countOf(ask.ticks);
    if (ask.tries > 0 && count < ask.count) {
      // Some of it came: the rest may be on its way.
      ask.count = count;
      ask.tries = 1;
      ask.nextMs = nowMs + againMinMs;
      return;
    }
    ask.count = count;
    const chosen = this.#choose(ask);
    if (chosen === undefined) {
      ask.nextMs = nowMs + againMaxMs;
      return;
    }
    const { node } = chosen.peer;
    if (this.outbox.send("want", { to: node, ticks: ticksField(chosen.ticks) })) this.wanted += countOf(chosen.ticks);
    ask.askedMs = nowMs;
    ask.asked.set(node, (ask.asked.get(node) ?? 0) + 1);
    const waitMs = Math.min(againMaxMs, againMinMs * 2 ** ask.tries++);
    ask.nextMs = nowMs + waitMs * (1 + 0.2 * this.parts.random());
  }

  /** Whom to ask for what: who is not forgotten, who is ready, then who was asked least, then who has most of it. */
  #choose(ask: Ask): { peer: Peer; ticks: Ticks } | undefined {
    let best: { peer: Peer; ticks: Ticks; asked: number; count: number } | undefined;
    for (const peer of this.peers.present()) {
      const ticks = both(ask.ticks, peer.have);
      if (ticks.size === 0) continue;
      const burden = (peer.isReady ? 0 : 1000) + (this.isForgotten(peer.node) ? 2000 : 0);
      const [asked, count] = [(ask.asked.get(peer.node) ?? 0) + burden, countOf(ticks)];
      const isBetter = best === undefined || asked < best.asked || (asked === best.asked && count > best.count);
      if (isBetter) best = { peer, ticks, asked, count };
    }
    return best;
  }
}
