/**
 * What the replicator consists of, made in one place.
 *
 * @module
 */

import { AfterJoin } from "./after_join.ts";
import { Announcer } from "./announcer.ts";
import { Answers } from "./answers.ts";
import type { BatchFields } from "./batch.ts";
import { ClaimParts } from "./claim_parts.ts";
import { ConflictRecorder } from "./conflict/recorder.ts";
import { Comparison } from "./comparison.ts";
import { ComparisonAnswers } from "./comparison_answers.ts";
import { Gaps } from "./gaps.ts";
import { HaveParts } from "./have_parts.ts";
import { Homecoming } from "./homecoming.ts";
import { Inbox } from "./inbox.ts";
import { Members } from "./members.ts";
import { Namesake } from "./namesake.ts";
import { NetworkName } from "./network_id.ts";
import { Outbox } from "./outbox.ts";
import type { ReplicatorParts } from "./parts.ts";
import { Partners } from "./partners.ts";
import { Peers } from "./peers.ts";
import { Roll } from "./roll.ts";
import { Suspicion } from "./suspicion.ts";
import { covers, haveOf, missingOf } from "./ticks.ts";
import { Tombstones } from "./tombstones.ts";

/** See the module. */
export class Rooms {
  readonly peers: Peers;
  readonly members: Members;
  readonly outbox: Outbox;
  readonly inbox: Inbox;
  readonly announcer: Announcer;
  readonly gaps: Gaps;
  readonly answers: Answers;
  readonly claims: ClaimParts;
  readonly haveParts: HaveParts = new HaveParts();
  readonly namesake: Namesake;
  readonly comparison: Comparison;
  readonly comparisonAnswers: ComparisonAnswers;
  readonly homecoming: Homecoming;
  readonly afterJoin: AfterJoin;
  readonly tombstones: Tombstones;
  readonly roll: Roll;
  readonly suspicion: Suspicion;
  readonly recorder: ConflictRecorder;
  readonly networkName: NetworkName;
  /** What can be due, in the order of its turns: first what sends, because what changes the store ends the sending. */
  readonly timed: readonly { readonly dueMs: number; time(): void }[];

  constructor(readonly parts: ReplicatorParts) {
    const { node, processId, backend, root, store } = parts;
    this.peers = new Peers(parts.nowMs);
    this.members = new Members(store);
    this.outbox = new Outbox(backend, [...root, "sync"], { node, id: processId });
    this.inbox = new Inbox(parts);
    this.announcer = new Announcer(parts, this.outbox, () => ({
      members: [...this.members.names()],
      forgotten: this.members.forgotten(),
      isReady: this.isReady,
      back: this.homecoming.back,
      was: this.namesake.was,
      isSilent: this.homecoming.isSilent,
    }));
    this.gaps = new Gaps(parts, this.peers, this.outbox, (name) => this.members.isForgotten(name));
    this.answers = new Answers(parts, this.outbox, () => this.batchFields(), () => !this.homecoming.isHolding);
    this.claims = new ClaimParts(store);
    this.namesake = new Namesake(parts, (isDone) => this.#renamed(isDone));
    this.comparison = new Comparison(
      parts,
      new Partners(parts, this.peers, (name) => this.members.isForgotten(name)),
      this.outbox,
      (why) => this.homecoming.finished(why),
    );
    this.comparisonAnswers = new ComparisonAnswers(parts, this.outbox);
    this.homecoming = new Homecoming(parts, this.members, this.comparison, this.namesake, this.announcer);
    this.afterJoin = new AfterJoin(parts);
    this.tombstones = new Tombstones(parts, this.peers, this.members, () => !this.homecoming.isSilent);
    this.roll = new Roll(parts, this.peers, this.members, () => this.isInSync);
    this.suspicion = new Suspicion(parts);
    this.networkName = new NetworkName(parts, this.peers, () => this.isInSync && !this.homecoming.isHolding);
    this.recorder = new ConflictRecorder({
      ...parts,
      present: () => this.peers.present().map((peer) => peer.node),
      isQuiet: () => this.isInSync && !this.homecoming.isHolding,
    });
    this.timed = [
      this.announcer,
      this.answers,
      this.gaps,
      this.comparisonAnswers,
      this.comparison,
      this.namesake,
      this.homecoming,
      this.afterJoin,
      this.roll,
      this.tombstones,
      this.recorder,
      this.networkName,
    ];
  }

  #renamed(isDone: boolean): void {
    this.announcer.within(0);
    if (isDone) this.comparison.want("digest");
  }

  /** Whether others may copy from here. */
  get isReady(): boolean {
    return (this.parts.isReady?.() ?? true) && !this.homecoming.isHolding;
  }

  /** Whether everything is here that was heard of, and that those of ours who are there have. */
  get isInSync(): boolean {
    const have = haveOf(this.parts.store);
    return missingOf(this.parts.store).size === 0 && this.peers.present().every((peer) => covers(have, peer.have));
  }

  /** What every message of events says. */
  batchFields(): BatchFields {
    const { back } = this.homecoming;
    return back > 0 ? { tock: this.parts.store.clock, back } : { tock: this.parts.store.clock };
  }
}
