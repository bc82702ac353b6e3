/**
 * Compares this server's whole tree with a peer's, slice by slice: it sends what it shows (`heads`), the peer answers with
 * what of that it does not show (`gone`), though it has it. Two reasons:
 *
 * | | what is gone there | both show something else, though each has the other's |
 * | --- | --- | --- |
 * | `resync`: this server was forgotten, or its state is a backup | goes here, too, once all that the peer has is here | left to repair |
 * | `digest`: same ticks, other trees | is written again: rather too much than too little | the higher rank is written again |
 *
 * What only this server has, on top of what is gone there, goes to the conflicts (`resync`).
 *
 * @module
 */

import type { SyncHead } from "../../wire/message/sync_heads.ts";
import type { SyncGone, SyncHeads } from "../../wire/message/sync.ts";
import type { Ticks } from "../core/claims.ts";
import type { Entry } from "../core/entry.ts";
import { type Walk, walk } from "../core/walk.ts";
import type { Outbox } from "./outbox.ts";
import type { Partners } from "./partners.ts";
import type { ReplicatorParts } from "./parts.ts";
import type { Peer } from "./peer.ts";
import { nextSlice, noSlice, type Slice } from "./slice.ts";
import { addTo, covers, fromMessage, haveOf, type MutableTicks } from "./ticks.ts";

/** Why trees are compared. */
export type Reason = SyncHeads["why"];

/** An answer that takes longer was lost: the slice is sent again; then, and when a peer is gone, another peer is asked. */
const answerMs = 1000;
const triesMax = 3;
const pauseMs = 3000;
/** What a peer had and nobody delivers: it is gone, and another one is compared with. */
const deliverMs = 15_000;
/** Entries changed in one turn. */
const turnMax = 500;

/** A comparison under way. */
interface Run {
  readonly why: Reason;
  readonly peer: Peer;
  /** The peer's process: two may bear one name. */
  readonly id: string;
  readonly walk: Walk;
  nr: number;
  tries: number;
  /** What waits for its answer. */
  slice: Slice;
  /** All that the peer had when it answered. */
  readonly needed: MutableTicks;
  /** Whether the next slice may go. */
  isAnswered: boolean;
}

/** What follows from a finished comparison. */
interface Finding {
  readonly head: SyncHead;
  readonly asConflict: boolean;
}

/** See the module. */
export class Comparison {
  /** When something is due. */
  dueMs = Infinity;
  /** What is waiting to be compared. */
  wanted: Reason | undefined;
  #with: string | undefined;
  #run: Run | undefined;
  #found: Finding[] = [];
  /** What has to be here before anything that was found counts, and until when it is waited for. */
  #needed: Ticks | undefined;
  #neededByMs = Infinity;
  /** Whether nothing was done yet about what was found. */
  #isFirst = true;
  #nr = 0;

  constructor(
    private readonly parts: ReplicatorParts,
    private readonly partners: Partners,
    private readonly outbox: Outbox,
    private readonly finished: (why: Reason) => void,
  ) {}

  /** Compares with a peer, as soon as there is one. @param node Which; absent: any that is ready */
  want(why: Reason, node?: string): void {
    if (this.wanted === "resync") return;
    this.wanted = why;
    this.#with = node;
    this.#run = this.#needed = undefined;
    this.#found = [];
    this.dueMs = this.parts.nowMs();
  }

  /** Does what is due. */
  time(): void {
    const nowMs = this.parts.nowMs();
    this.dueMs = Infinity;
    if (this.wanted === undefined) return;
    if (this.#needed !== undefined) return this.#conclude(this.#needed);
    if (this.#run === undefined) this.#start(this.wanted);
    else if (this.#run.isAnswered) this.#next(this.#run);
    else if (++this.#run.tries > triesMax || !this.#run.peer.isPresent(nowMs)) this.#giveUp(this.#run);
    else this.#send(this.#run, nowMs);
  }

  /** Another peer may answer. */
  #giveUp({ peer }: Run): void {
    this.partners.silent = peer.node;
    this.#pause();
  }

  #pause(): void {
    this.#run = this.#needed = undefined;
    this.#found = [];
    this.dueMs = this.parts.nowMs() + pauseMs;
  }

  #start(why: Reason): void {
    const peer = this.partners.pick(why, this.#with);
    if (peer === undefined) return this.partners.isStuck(why) ? this.#end(why) : this.#pause();
    // Tombstones go at different times: they make no difference.
    const all = walk(this.parts.store.root, { empty: why === "resync", meta: true });
    this.#found = [];
    this.#needed = undefined;
    this.#run = {
      why,
      peer,
      id: peer.id,
      walk: all,
      nr: 0,
      tries: 0,
      slice: noSlice,
      needed: new Map(),
      isAnswered: true,
    };
    this.#next(this.#run);
  }

  #next(run: Run): void {
    run.slice = nextSlice(this.parts.store, run.walk);
    run.nr = ++this.#nr;
    run.tries = 0;
    run.isAnswered = false;
    this.#send(run, this.parts.nowMs());
  }

  /** The same bytes each time: what was shown, and all that was had at that moment. */
  #send({ nr, why, peer, id, slice: { heads, lives, have, isLast }, tries }: Run, nowMs: number): void {
    this.outbox.send("heads", {
      to: peer.node,
      at: id,
      nr,
      why,
      last: isLast || undefined,
      lives,
      have: (out) => out.raw(have),
      heads: (out) => out.raw(heads),
    });
    this.dueMs = nowMs + answerMs * 2 ** tries;
  }

  /** A peer has answered. */
  gone(message: SyncGone): void {
    const run = this.#run;
    if (run === undefined || message.nr !== run.nr || message.id !== run.id) return;
    const have = fromMessage(message.have);
    for (const head of message.gone) {
      const [writer, tick] = head.links[0];
      this.#found.push({ head, asConflict: !have.get(writer)?.has(tick) });
    }
    run.isAnswered = true;
    addTo(run.needed, have);
    if (run.slice.isLast) {
      this.#run = undefined;
      this.#needed = run.needed;
      this.#neededByMs = this.parts.nowMs() + deliverMs;
      this.#isFirst = true;
    }
    this.dueMs = this.parts.nowMs();
  }

  /** Something was committed: what a finished comparison waits for may be here. */
  committed(): void {
    if (this.#needed !== undefined) this.dueMs = Math.min(this.dueMs, this.parts.nowMs() + 1);
  }

  /** Acts on what was found, once everything is here that the peer had. */
  #conclude(needed: Ticks): void {
    const { store, turn, nowMs } = this.parts;
    if (!covers(haveOf(store), needed)) {
      if (nowMs() >= this.#neededByMs) return this.#pause();
      this.dueMs = nowMs() + answerMs;
      return;
    }
    const why = this.wanted!;
    const before = this.#found.length;
    this.#found = this.#found.filter((finding) => this.#isOpen(why, finding));
    if (this.#found.length === 0) return this.#end(why);
    const part = this.#found.slice(0, turnMax);
    // What is done is seen at the next look: what could not be logged is done again after a while.
    this.dueMs = nowMs() + (this.#found.length < before || this.#isFirst ? 1 : answerMs);
    this.#isFirst = false;
    turn(() => part.forEach((finding) => this.#act(why, finding)));
  }

  #end(why: Reason): void {
    this.wanted = this.#run = this.#needed = undefined;
    this.dueMs = Infinity;
    this.finished(why);
  }

  /** Whether it is to be acted on. */
  #isOpen(why: Reason, { head, asConflict }: Finding): boolean {
    const entry = this.#entry(head);
    const [writer, tick] = head.links[0];
    if (entry?.writer?.name !== writer || entry.tick !== tick) return false;
    return why === "digest" ? entry.hasValue : !asConflict || !this.partners.isElsewhere(writer, tick);
  }

  #entry({ keys }: SyncHead): Entry | undefined {
    return this.parts.store.find(keys, keys.length);
  }

  #act(why: Reason, { head, asConflict }: Finding): void {
    const entry = this.#entry(head)!;
    if (why === "digest") this.parts.store.writeAgain(entry);
    else this.parts.store.retire(entry, asConflict);
  }
}
