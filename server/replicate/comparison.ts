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

import { encodeHead, type SyncHead } from "../../wire/message/sync_heads.ts";
import { type SyncGone, type SyncHeads, ticksField } from "../../wire/message/sync.ts";
import { Encoder } from "../../wire/msgpack/encoder.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import { Link } from "../core/chain.ts";
import type { Ticks } from "../core/claims.ts";
import { type Walk, walk } from "../core/walk.ts";
import type { Outbox } from "./outbox.ts";
import type { ReplicatorParts } from "./parts.ts";
import type { Peer } from "./peer.ts";
import type { Peers } from "./peers.ts";
import { addTo, covers, fromMessage, haveOf, type MutableTicks } from "./ticks.ts";

/** Why trees are compared. */
export type Reason = SyncHeads["why"];

/** Bytes and entries of one slice. */
const sliceBytes = 48 * 1024;
const sliceEntries = 1000;
/** An answer that takes longer was lost: the slice is sent again; then, and when a peer is gone, another peer is asked. */
const answerMs = 1000;
const triesMax = 3;
const pauseMs = 3000;
/** What a peer had and nobody delivers: it is gone, and another one is compared with. */
const deliverMs = 15_000;
/** After so long without anybody who is ready, the first by name goes on. */
const stuckMs = 5000;
/** Entries changed in one turn. */
const turnMax = 500;

/** A comparison under way. */
interface Run {
  readonly why: Reason;
  readonly peer: Peer;
  readonly walk: Walk;
  nr: number;
  tries: number;
  /** The slice that waits for its answer, and what was had when it was made; both encoded. */
  heads: Uint8Array;
  have: Uint8Array;
  /** All that the peer had when it answered. */
  readonly needed: MutableTicks;
  isLast: boolean;
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
  /** Who did not answer last. */
  #silent: string | undefined;
  #nr = 0;

  constructor(
    private readonly parts: ReplicatorParts,
    private readonly peers: Peers,
    private readonly outbox: Outbox,
    /** Whether nobody waits for a server: what it shows may be purged, so nobody compares with it. */
    private readonly isForgotten: (node: string) => boolean,
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
    this.#silent = peer.node;
    this.#pause();
  }

  #pause(): void {
    this.#run = this.#needed = undefined;
    this.#found = [];
    this.dueMs = this.parts.nowMs() + pauseMs;
  }

  #start(why: Reason): void {
    const ready = this.peers.present().filter((peer) => this.#isFit(why, peer));
    if (ready.length === 0) return this.#isStuck(why) ? this.#end(why) : this.#pause();
    const answering = ready.filter((peer) => peer.node !== this.#silent);
    const asked = answering.length > 0 ? answering : ready;
    const peer = asked[Math.floor(this.parts.random() * asked.length)];
    // Tombstones go at different times: they make no difference.
    const all = walk(this.parts.store.root, { empty: why === "resync", meta: true });
    this.#found = [];
    this.#needed = undefined;
    const none = new Uint8Array(0);
    this.#run = {
      why,
      peer,
      walk: all,
      nr: 0,
      tries: 0,
      heads: none,
      have: none,
      needed: new Map(),
      isLast: false,
      isAnswered: true,
    };
    this.#next(this.#run);
  }

  /** Whether one may compare with a peer. With the same ticks, or fewer, it shows what differs, and not what is on its way. */
  #isFit(why: Reason, peer: Peer): boolean {
    const { node, store } = this.parts;
    if (!peer.isReady || peer.node === node || this.isForgotten(peer.node)) return false;
    if (this.#with !== undefined && peer.node !== this.#with) return false;
    return why === "resync" || covers(haveOf(store), peer.have);
  }

  #next(run: Run): void {
    const out = new Encoder(sliceBytes + 4096);
    let count = 0;
    for (let i = 0; out.length < sliceBytes && i < sliceEntries; i++) {
      const entry = run.walk.next();
      if (entry === undefined) {
        run.isLast = true;
        break;
      }
      if (entry.writer === null) continue;
      const keys: ElementKey[] = [];
      keys.length = entry.readKeys(keys);
      encodeHead(out, keys, entry.tock, new Link(entry.writer, entry.tick, entry.older));
      count++;
    }
    const whole = new Encoder(out.length + 5);
    whole.arrayHeader(count);
    whole.raw(out.bytes, 0, out.length);
    run.heads = whole.take();
    out.reset();
    ticksField(haveOf(this.parts.store))(out);
    run.have = out.take();
    run.nr = ++this.#nr;
    run.tries = 0;
    run.isAnswered = false;
    this.#send(run, this.parts.nowMs());
  }

  /** The same bytes each time: what was shown, and all that was had at that moment. */
  #send({ nr, why, peer, heads, have, isLast, tries }: Run, nowMs: number): void {
    this.outbox.send("heads", {
      to: peer.node,
      nr,
      why,
      last: isLast || undefined,
      have: (out) => out.raw(have),
      heads: (out) => out.raw(heads),
    });
    this.dueMs = nowMs + answerMs * 2 ** tries;
  }

  /** A peer has answered. */
  gone(message: SyncGone): void {
    const run = this.#run;
    if (run === undefined || message.nr !== run.nr || message.node !== run.peer.node) return;
    const have = fromMessage(message.have);
    for (const head of message.gone) {
      const [writer, tick] = head.links[0];
      this.#found.push({ head, asConflict: !have.get(writer)?.has(tick) });
    }
    run.isAnswered = true;
    addTo(run.needed, have);
    if (run.isLast) {
      this.#run = undefined;
      this.#needed = run.needed;
      this.#neededByMs = this.parts.nowMs() + deliverMs;
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
    const part = this.#found.splice(0, turnMax);
    turn(() => part.forEach((finding) => this.#act(why, finding)));
    if (this.#found.length > 0) {
      this.dueMs = nowMs() + 1;
      return;
    }
    this.#end(why);
  }

  #end(why: Reason): void {
    this.wanted = this.#run = this.#needed = undefined;
    this.dueMs = Infinity;
    this.finished(why);
  }

  /** Whether everybody who is there waits for somebody to compare with: then the first of them goes on alone. */
  #isStuck(why: Reason): boolean {
    const others = this.peers.present().filter((peer) => peer.node !== this.parts.node);
    if (why !== "resync" || others.length === 0) return false;
    const ageMs = this.parts.nowMs() - Math.max(...others.map((peer) => peer.sinceMs));
    return ageMs >= (others.every((peer) => this.parts.node < peer.node) ? stuckMs : 3 * stuckMs);
  }

  #act(why: Reason, { head, asConflict }: Finding): void {
    const { store } = this.parts;
    const entry = store.find(head.keys, head.keys.length);
    const [writer, tick] = head.links[0];
    if (entry === undefined || entry.writer?.name !== writer || entry.tick !== tick) return;
    if (why === "digest") store.writeAgain(entry);
    else if (!asConflict) store.retire(entry, false);
    else if (!this.#isElsewhere(writer, tick)) store.retire(entry, true);
  }

  /** Whether another peer has that event. */
  #isElsewhere(writer: string, tick: number): boolean {
    return this.peers.present().some((peer) => peer.isReady && peer.have.get(writer)?.has(tick));
  }
}
