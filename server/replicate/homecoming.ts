/**
 * A server that was forgotten while it was away, or whose state is a backup, does not share what it has before it was compared
 * with a peer's: else what was purged meanwhile would come back.
 *
 * @module
 */

import type { Announcer } from "./announcer.ts";
import type { Comparison, Reason } from "./comparison.ts";
import type { Members } from "./members.ts";
import type { Namesake } from "./namesake.ts";
import type { ReplicatorParts } from "./parts.ts";

/** After the start nothing is purged on this server's word: whom it was serving has to be heard first (two heartbeats). */
export const silentMs = 20_000;

/** A server that has compared and is still told that it is forgotten compares again after this. */
const toldAgainMs = 10_000;

/** After what could not be logged. */
const retryMs = 1000;

/** See the module. */
export class Homecoming {
  /** When something is due. */
  dueMs = Infinity;
  #startMs = -Infinity;
  /** A peer says that this server is forgotten. */
  #isTold = false;
  #finishedMs = -Infinity;
  /** It has compared since it was forgotten. */
  #isBack = false;

  constructor(
    private readonly parts: ReplicatorParts,
    private readonly members: Members,
    private readonly comparison: Comparison,
    private readonly namesake: Namesake,
    private readonly announcer: Announcer,
  ) {}

  /** The server starts. */
  start(): void {
    this.#startMs = this.parts.nowMs();
    if (this.parts.isFromElsewhere) this.comparison.want("resync");
    this.notice();
  }

  /** Whether nothing of what is here may be shared. */
  get isHolding(): boolean {
    return this.comparison.wanted === "resync" || this.#isTold;
  }

  /** Whether nothing may be purged on this server's word. */
  get isSilent(): boolean {
    return this.isHolding || this.parts.nowMs() - this.#startMs < silentMs;
  }

  /** Under how many names it was forgotten and is back. */
  get back(): number {
    const { forgotten, isBack } = this.members.of(this.parts.node);
    return isBack ? forgotten.length : 0;
  }

  /** Entries of members may have changed. */
  notice(): void {
    if (!this.#isForgotten) return;
    const { store, node, nowMs } = this.parts;
    // It has compared on a peer's word, and only now hears in which names it was forgotten.
    const isKnown = this.#isBack && !this.members.of(node).forgotten.includes(store.local.name);
    if (isKnown) this.dueMs = nowMs();
    else this.#return();
  }

  /** A peer says who is forgotten. */
  told(forgotten: readonly string[]): void {
    const { node } = this.parts;
    if (!forgotten.includes(node) || this.members.of(node).forgotten.length > 0) return;
    // The entry that says so may be held back by the one who wrote it.
    if (this.parts.nowMs() - this.#finishedMs > toldAgainMs) this.#return();
  }

  #return(): void {
    if (this.isHolding) return;
    this.#isTold = true;
    this.dueMs = this.parts.nowMs();
  }

  /** Takes a new writer name, and compares; says that it is back. What cannot be logged is tried again after a while. */
  time(): void {
    const { turn, report, nowMs } = this.parts;
    this.dueMs = Infinity;
    if (this.#isTold) {
      this.#isTold = false;
      this.#isBack = false;
      this.comparison.want("resync");
      report("This server was forgotten: it compares what it has with another server");
      turn(() => this.#renew());
    } else if (this.#isBack && this.#isForgotten) {
      this.dueMs = nowMs() + retryMs;
      turn(() => {
        this.#renew();
        this.members.back(this.parts.node);
      });
    }
  }

  get #isForgotten(): boolean {
    return this.members.isForgotten(this.parts.node);
  }

  /** Takes a new writer name, unless it has one that nobody has forgotten. */
  #renew(): void {
    const { store, node } = this.parts;
    const { forgotten } = this.members.of(node);
    if (forgotten.length === 0 || forgotten.includes(store.local.name)) this.namesake.renew();
  }

  /** A comparison is finished: everything may be shared. */
  finished(why: Reason): void {
    const { report, nowMs } = this.parts;
    this.announcer.within(0);
    this.#finishedMs = nowMs();
    report("The comparison with another server is finished");
    if (why !== "resync") return;
    this.#isBack = true;
    this.dueMs = nowMs();
  }
}
