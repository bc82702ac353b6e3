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

import { Change, type Effect } from "../core/effect.ts";
import type { CopiedState } from "./after_join.ts";
import { wantedMs } from "./announcer.ts";
import { Batch, localChanges } from "./batch.ts";
import type { ConflictRecorder } from "./conflict/recorder.ts";
import { countersOf, type ReplicatorCounters } from "./counters.ts";
import { Host } from "./host.ts";
import type { Members } from "./members.ts";
import type { ReplicatorNews } from "./news.ts";
import type { ReplicatorParts } from "./parts.ts";
import type { Peer } from "./peer.ts";
import { Reception } from "./reception.ts";
import { Rooms } from "./rooms.ts";
import type { Compat } from "./seam.ts";
import type { Ticks } from "../core/claims.ts";
import { countOf, haveOf, minus, missingOf } from "./ticks.ts";

export type { Peer, ReplicatorCounters, ReplicatorNews, ReplicatorParts };

/** While the store holds what is not logged, things are put off for so long. */
const retryMs = 1;

/** See the module. */
export class Replicator {
  readonly #rooms: Rooms;
  readonly #batch: Batch;
  readonly #reception: Reception;
  readonly #compat: Compat | undefined;
  readonly #timed: Rooms["timed"];
  readonly #subscriptions = new DisposableStack();
  readonly #listeners = new Set<(news: ReplicatorNews) => void>();
  #isStepping = false;
  #notBeforeMs = -Infinity;
  #asksForHave = false;

  /** @param parts What it is given */
  constructor(private readonly parts: ReplicatorParts) {
    const rooms = new Rooms(parts);
    this.#rooms = rooms;
    this.#timed = rooms.timed;
    this.#batch = new Batch(rooms.outbox, parts.store.values);
    this.#reception = new Reception(
      rooms,
      (peer) => this.#tell({ kind: "peer", peer }),
      (id) => this.#tell({ kind: "clash", id }),
    );
    this.#compat = parts.compat?.(new Host(rooms, () => this.#step(() => {}, Infinity), (news) => this.#tell(news)));
  }

  /** The other servers, by name. Under this server's own name: another process that bears it. */
  get peers(): ReadonlyMap<string, Peer> {
    return this.#rooms.peers.byName;
  }

  /** Who belongs to the network. */
  get members(): Members {
    return this.#rooms.members;
  }

  /** The conflicts that have a record, and those that have none yet. */
  get conflicts(): ConflictRecorder {
    return this.#rooms.recorder;
  }

  /** Whether others may copy from here. */
  get isReady(): boolean {
    return this.#rooms.isReady;
  }

  /** Whether everything is here that any server of ours has who is there. */
  get isInSync(): boolean {
    return this.#rooms.isInSync;
  }

  /** What is missing here; given-up ticks are not. */
  get missing(): Ticks {
    return missingOf(this.parts.store);
  }

  /** How many events a peer lacked that are here, when it spoke last; and how many are missing here that it has. */
  behind(peer: Peer): { readonly there: number; readonly here: number } {
    const have = haveOf(this.parts.store);
    return { there: countOf(minus(have, peer.have)), here: countOf(minus(peer.have, have)) };
  }

  /** What was done so far. */
  get counters(): ReplicatorCounters {
    return countersOf(this.#rooms);
  }

  /** When `time()` has to be called. Look again after every call, and when `parts.wake` was called. */
  get wakeAtMs(): number {
    const { announcer } = this.#rooms;
    let nextMs = announcer.dueMs;
    if (!announcer.isProbing) {
      nextMs = Math.min(nextMs, this.#compat?.wakeAtMs ?? Infinity);
      for (const { dueMs } of this.#timed) if (dueMs < nextMs) nextMs = dueMs;
    }
    return Math.max(nextMs, this.#notBeforeMs);
  }

  /**
   * Subscribes, and says what is here.
   * @param isProbing Only asks who is there, until {@linkcode appear}
   */
  start(isProbing: boolean = false): void {
    const { backend, root } = this.parts;
    const { announcer, homecoming } = this.#rooms;
    this.#subscriptions.use(
      backend.monitor([...root, "sync"], (payload) => this.#step(() => this.#reception.receive(payload))),
    );
    this.#subscriptions.use(backend.watch((event) => {
      if (event.kind === "attached") this.#step(() => this.#attached());
    }));
    homecoming.start();
    announcer.isProbing = isProbing;
    announcer.within(0, true);
    if (!isProbing) this.#compat?.start();
  }

  /** Whether it only asks who is there. */
  get isProbing(): boolean {
    return this.#rooms.announcer.isProbing;
  }

  /** Nobody else bears this name, as far as can be known: says what is here. */
  appear(): void {
    const { announcer } = this.#rooms;
    if (!announcer.isProbing) return;
    announcer.isProbing = false;
    this.#step(() => {
      announcer.within(0, true);
      this.#compat?.start();
    }, Infinity);
  }

  #attached(): void {
    this.#rooms.gaps.attached();
    this.#rooms.announcer.within(0, true);
  }

  /** Says goodbye. */
  stop(): void {
    this.#compat?.stop();
    if (!this.#rooms.announcer.isProbing) this.#rooms.outbox.send("bye");
    this.#subscriptions.dispose();
    this.#notBeforeMs = Infinity;
  }

  /** Calls `listener` with what happens, until disposed. */
  watch(listener: (news: ReplicatorNews) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #tell(news: ReplicatorNews): void {
    for (const listener of this.#listeners) listener(news);
  }

  /** Nobody waits for that server any more; what it alone had is given up. To be called within a turn. */
  forget(name: string): void {
    this.#rooms.members.forget(name);
    this.#rooms.roll.notice();
  }

  /** A first state was copied from a peer. To be called within a turn. */
  joined(state: CopiedState): void {
    this.#step(() => this.#rooms.afterJoin.joined(state));
  }

  /** The others are asked to say soon what they have: with the next changes, or in a few milliseconds. */
  askForHave(): void {
    this.#asksForHave = true;
    this.#step(() => this.#rooms.announcer.within(wantedMs, true));
  }

  /** The driver has logged these effects; their values can be read. */
  committed(effects: readonly Effect[]): void {
    this.#step(() => {
      const { announcer, homecoming, namesake, members, tombstones, comparison, roll, recorder } = this.#rooms;
      const local: Change[] = [];
      for (const effect of effects) if (effect instanceof Change && effect.local) local.push(effect);
      if (members.committed(effects)) {
        homecoming.notice();
        roll.notice();
      }
      namesake.committed(effects);
      tombstones.committed(effects);
      comparison.committed();
      recorder.committed(effects);
      if (local.length > 0 && !homecoming.isHolding) this.#broadcast(local);
      // Of a life id nobody needs to hear at once.
      if (effects.some(({ kind }) => kind !== "life")) announcer.changed(local.length > 0);
      this.#compat?.committed(effects);
    });
  }

  #broadcast(local: readonly Change[]): void {
    const { peers, announcer } = this.#rooms;
    if (announcer.isProbing || peers.present().length === 0) return;
    const wanted = this.#asksForHave ? { wanted: true as const } : {};
    const fields = { ...this.#rooms.batchFields(), ...wanted };
    for (const [change, replaces] of localChanges(local)) this.#batch.addChange(change, replaces, fields);
    this.#batch.flush(fields);
    if (this.#asksForHave) announcer.asked();
    this.#asksForHave = false;
  }

  /** Does what is due. */
  time(): void {
    const { nowMs, store } = this.parts;
    const { announcer, announcer: { isProbing } } = this.#rooms;
    this.#notBeforeMs = -Infinity;
    this.#step(() => {
      for (const room of this.#timed) {
        if (isProbing && room !== announcer || room.dueMs > nowMs()) continue;
        if (store.effects.length > 0) return void (this.#notBeforeMs = nowMs() + retryMs);
        room.time();
      }
      if (!isProbing && this.#compat !== undefined && this.#compat.wakeAtMs <= nowMs()) {
        if (store.effects.length > 0) this.#notBeforeMs = nowMs() + retryMs;
        else this.#compat.time();
      }
    }, Infinity);
  }

  /** Runs a step; wakes the driver if something is due earlier now, unless it will look by itself. */
  #step(body: () => void, before: number = this.wakeAtMs): void {
    if (this.#isStepping) return body();
    this.#isStepping = true;
    try {
      body();
    } finally {
      this.#isStepping = false;
    }
    if (this.wakeAtMs < before) this.parts.wake?.();
  }
}
