/**
 * Replication among servers of this kind: a step machine without clock, timers or network of its own.
 *
 * ```text
 * driver: committed(effects) ─▶ local changes ─▶ update       (one turn, one batch)
 *                            └▶ something is had that was not ─▶ have, soon
 * ROOT/sync: update ─▶ store.merge, in a turn        have ─▶ peers; what they have and we miss ─▶ want
 *            want ─▶ update (again), claim            claim ─▶ store.claim: believed by the pair rule
 * driver: time() at wakeAtMs
 * ```
 *
 * Nothing is promised about delivery. What got lost shows in what peers say they have, and is asked for until it is here.
 *
 * Everything is sent from `committed()` or `time()`, never while the store holds what is not logged yet.
 *
 * @module
 */

import { KvError } from "../../wire/errors.ts";
import { readSync, type SyncClaim, type SyncHave, type SyncMessage, type SyncUpdate } from "../../wire/message/sync.ts";
import { tockAheadMax } from "../../wire/limits.ts";
import { Change, type Effect } from "../core/effect.ts";
import { Announcer, otherChangeMs, ownChangeMs, wantedMs } from "./announcer.ts";
import { Batch, localChanges } from "./batch.ts";
import { Inbox } from "./inbox.ts";
import { Outbox, type OutboxCounters } from "./outbox.ts";
import type { ReplicatorParts } from "./parts.ts";
import type { Peer } from "./peer.ts";
import { Peers } from "./peers.ts";

export type { ReplicatorParts };
export type { Peer } from "./peer.ts";

/** While the store holds what is not logged, things are put off for so long. */
const retryMs = 2;

/** What listeners hear. */
export type ReplicatorNews =
  /** A peer said what it has, came or left. */
  | { readonly kind: "peer"; readonly peer: Peer }
  /** Another live process bears this server's name. */
  | { readonly kind: "clash"; readonly id: string };

/** See the module. */
export class Replicator {
  readonly #parts: ReplicatorParts;
  readonly #peers: Peers;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  readonly #announcer: Announcer;
  readonly #batch: Batch;
  readonly #subscriptions = new DisposableStack();
  readonly #listeners = new Set<(news: ReplicatorNews) => void>();
  #isStepping = false;

  /** @param parts What it is given */
  constructor(parts: ReplicatorParts) {
    this.#parts = parts;
    this.#peers = new Peers(parts.nowMs);
    this.#outbox = new Outbox(parts.backend, [...parts.root, "sync"], { node: parts.node, id: parts.processId });
    this.#inbox = new Inbox(parts);
    this.#batch = new Batch(this.#outbox, parts.store.values);
    this.#announcer = new Announcer(parts, this.#outbox, () => ({
      members: [parts.node],
      forgotten: [],
      isReady: parts.isReady?.() ?? true,
      isBack: false,
      onDisk: parts.onDisk(),
    }));
  }

  /** The other servers, by name. */
  get peers(): ReadonlyMap<string, Peer> {
    return this.#peers.byName;
  }

  /** What was sent. */
  get sent(): Readonly<OutboxCounters> {
    return this.#outbox.counters;
  }

  /** When `time()` has to be called. Look again after every call, and when `parts.wake` was called. */
  get wakeAtMs(): number {
    return this.#announcer.dueMs;
  }

  /** Subscribes, and says what is here. */
  start(): void {
    const { backend, root } = this.#parts;
    this.#subscriptions.use(backend.monitor([...root, "sync"], (payload) => this.#step(() => this.#receive(payload))));
    this.#subscriptions.use(backend.watch((event) => {
      if (event.kind === "attached") this.#step(() => this.#announcer.within(0, true));
    }));
    this.#announcer.within(0, true);
  }

  /** Says goodbye. */
  stop(): void {
    this.#outbox.send("bye");
    this.#subscriptions.dispose();
    this.#announcer.dueMs = Infinity;
  }

  /** Calls `listener` with what happens, until disposed. */
  watch(listener: (news: ReplicatorNews) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #tell(news: ReplicatorNews): void {
    for (const listener of this.#listeners) listener(news);
  }

  /** The driver has logged these effects; their values can be read. */
  committed(effects: readonly Effect[]): void {
    this.#step(() => {
      const local: Change[] = [];
      for (const effect of effects) if (effect instanceof Change && effect.local) local.push(effect);
      if (local.length > 0) this.#broadcast(local);
      if (effects.length > 0) this.#announcer.within(local.length > 0 ? ownChangeMs : otherChangeMs);
    });
  }

  #broadcast(local: readonly Change[]): void {
    if (this.#peers.present().length === 0) return;
    const fields = { tock: this.#parts.store.clock };
    for (const [change, replaces] of localChanges(local)) this.#batch.addChange(change, replaces, fields);
    this.#batch.flush(fields);
  }

  /** Does what is due. */
  time(): void {
    const { nowMs, store } = this.#parts;
    if (store.effects.length > 0) {
      this.#announcer.dueMs = Math.max(this.#announcer.dueMs, nowMs() + retryMs);
      return;
    }
    if (nowMs() >= this.#announcer.dueMs) this.#announcer.send();
  }

  /** Runs a step that came from outside; wakes the driver if something is due earlier now. */
  #step(body: () => void): void {
    if (this.#isStepping) return body();
    const before = this.wakeAtMs;
    this.#isStepping = true;
    try {
      body();
    } finally {
      this.#isStepping = false;
    }
    if (this.wakeAtMs < before) this.#parts.wake?.();
  }

  #receive(payload: Uint8Array): void {
    try {
      const message = readSync(payload);
      if (message !== undefined && message.id !== this.#parts.processId) this.#handle(message);
    } catch (error) {
      if (!(error instanceof KvError)) throw error;
      this.#inbox.refuse(error.message, "somebody on ROOT/sync");
    }
  }

  #handle(message: SyncMessage): void {
    const { peer, isNew } = this.#peers.heard(message);
    if (isNew && message.t !== "bye") this.#announcer.within(wantedMs);
    if (message.t === "have") this.#heardHave(peer, message);
    else if (message.t === "update") this.#heardUpdate(message);
    else if (message.t === "bye") {
      peer.hasLeft = true;
      this.#tell({ kind: "peer", peer });
    }
  }

  #heardHave(peer: Peer, message: SyncHave): void {
    this.#peers.told(peer, message);
    if (message.isWanted) this.#announcer.within(wantedMs);
    const { store, turn } = this.#parts;
    const news = [...peer.have].filter(([name, set]) => set.max > (store.writers.get(name)?.tick ?? 0));
    if (news.length > 0) turn(() => news.forEach(([name, set]) => store.hear(name, set.max)));
    this.#tell({ kind: "peer", peer });
  }

  #heardUpdate(message: SyncUpdate): void {
    const { store, turn } = this.#parts;
    for (const reason of message.refused) this.#inbox.refuse(reason, message.node);
    if (message.isWanted) this.#announcer.within(wantedMs);
    turn(() => {
      if (message.tock <= store.clock + tockAheadMax) store.hearTock(message.tock);
      this.#inbox.merge(message.events, message.node);
    });
  }

  #heardClaim(_message: SyncClaim): void {
  }
}
