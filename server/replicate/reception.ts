/**
 * What messages on `ROOT/sync` do. Nothing is sent from here: that waits until everything is logged.
 *
 * @module
 */

import { KvError } from "../../wire/errors.ts";
import { tockAheadMax } from "../../wire/limits.ts";
import {
  readSync,
  sentBy,
  type SyncClaim,
  type SyncHave,
  type SyncMessage,
  type SyncUpdate,
  type SyncWant,
} from "../../wire/message/sync.ts";
import { wantedMs } from "./announcer.ts";
import { isMemberPath } from "./members.ts";
import type { Peer } from "./peer.ts";
import type { Rooms } from "./rooms.ts";
import { fromMessage } from "./ticks.ts";

/** To be asked again whether trees differ. */
const suspectMs = 1000;

/** See the module. */
export class Reception {
  readonly #isOwn: (payload: Uint8Array) => boolean;

  /** @param told Called when a peer came, left, or said what it has @param clashed When another process bears this name */
  constructor(
    private readonly rooms: Rooms,
    private readonly told: (peer: Peer) => void,
    private readonly clashed: (id: string) => void,
  ) {
    this.#isOwn = sentBy(rooms.outbox.sender);
  }

  /** Takes a message; one that is malformed is counted and does nothing. */
  receive(payload: Uint8Array): void {
    if (this.#isOwn(payload)) return;
    try {
      const message = readSync(payload);
      if (message !== undefined && message.id !== this.rooms.parts.processId) this.#handle(message);
    } catch (error) {
      if (!(error instanceof KvError) && !(error instanceof RangeError)) throw error;
      this.rooms.inbox.refuse(error.message, "somebody on ROOT/sync");
    }
  }

  #handle(message: SyncMessage): void {
    const { peers, members, announcer, haveParts, roll, namesake, answers, comparison, comparisonAnswers } = this.rooms;
    const { networkName, parts } = this.rooms;
    // One that is refused because of its name was never here.
    if (message.t === "ask") return announcer.within(wantedMs);
    const { peer, isNew, isLate } = peers.heard(message);
    const isMine = (name: string | null) => name === parts.node;
    if (isLate && message.t === "bye") return;
    if (message.node === parts.node) {
      if (!isLate) namesake.heard(message);
      if (!isLate) this.clashed(message.id);
    } else if (members.heard(message.node)) roll.notice();
    if (isNew && message.t !== "bye") {
      announcer.within(wantedMs);
      networkName.notice();
    }
    switch (message.t) {
      case "have": {
        const whole = haveParts.add(message);
        return whole && this.#have(peer, whole);
      }
      case "update":
        return this.#update(message);
      case "want":
        return this.#want(message);
      case "claim":
        return isMine(message.for) ? this.#claim(message) : undefined;
      case "heads":
        namesake.heads(message.heads);
        return message.at === parts.processId ? comparisonAnswers.heads(message) : undefined;
      case "gone":
        return isMine(message.for) ? comparison.gone(message) : undefined;
      case "bye":
        peer.hasLeft = true;
        answers.forget(peer.node);
        this.told(peer);
    }
  }

  #wanted(): void {
    this.rooms.parts.syncSoon?.();
    this.rooms.announcer.within(wantedMs);
  }

  #have(peer: Peer, message: SyncHave): void {
    const { peers, announcer, namesake, homecoming, gaps, tombstones, suspicion, comparison, parts } = this.rooms;
    const { store, turn } = parts;
    if (message.isWanted) this.#wanted();
    if (!peers.told(peer, message)) return namesake.lives(message);
    const news = [...peer.have].filter(([name, set]) => set.max > (store.writers.get(name)?.tick ?? 0));
    if (news.length > 0) {
      turn(() => {
        for (const [name, set] of news) store.hear(name, set.max);
        namesake.lives(message);
        namesake.check();
      });
    } else {
      namesake.lives(message);
    }
    homecoming.told(message.forgotten);
    gaps.told(peer);
    tombstones.notice();
    const suspected = suspicion.check(peer);
    if (suspected === "maybe") announcer.within(suspectMs, true);
    if (suspected === "yes") {
      parts.report(
        `The tree of ${peer.node} differs from this one, though both have the same changes: they are compared`,
      );
      comparison.want("digest", peer.node);
    }
    this.told(peer);
  }

  #update(message: SyncUpdate): void {
    const { inbox, namesake, gaps, parts } = this.rooms;
    const { store, turn } = parts;
    for (const reason of message.refused) inbox.refuse(reason, message.node);
    if (message.isWanted) this.#wanted();
    // Who is forgotten is heard all the same: two servers may have forgotten each other.
    const events = this.#isUnreturned(message)
      ? message.events.filter(({ keys, length }) => isMemberPath(keys, length))
      : message.events;
    if (events.length === 0) return;
    turn(() => {
      if (message.tock <= store.clock + tockAheadMax) store.hearTock(message.tock);
      inbox.merge(namesake.incoming(events, message.id), message.node);
      namesake.check();
    });
    gaps.notice();
  }

  /** Whether the sender is forgotten and does not know it yet: what it says may have been purged. */
  #isUnreturned({ node, back }: SyncUpdate): boolean {
    const { members, announcer } = this.rooms;
    if (!members.isForgotten(node) || back >= members.of(node).forgotten.length) return false;
    announcer.within(wantedMs);
    return true;
  }

  #want(message: SyncWant): void {
    const { answers, gaps, parts } = this.rooms;
    const ticks = fromMessage(message.ticks);
    gaps.overheard(ticks);
    if (message.to === null || message.to === parts.node) answers.want(message.node, ticks);
  }

  #claim(message: SyncClaim): void {
    const { claims, members, gaps, namesake, parts } = this.rooms;
    const claim = members.isForgotten(message.node) ? undefined : claims.add(message);
    if (claim === undefined) return;
    parts.turn(() => {
      parts.store.claim(message.node, claim.known, claim.have);
      parts.store.settleClaims();
      namesake.check();
    });
    gaps.notice();
  }
}
