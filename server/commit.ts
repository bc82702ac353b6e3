/**
 * The commit cycle. Requests change the store at once; at the end of their turn everything is logged in one write, and only
 * then watchers hear of it and replies leave. If it cannot be logged, the store takes it all back, the turn's requests are
 * refused, and from then on nothing can be changed.
 *
 * ```text
 * request, request, …            change the store, append replies to outputs
 * ─ end of the turn ─
 * log.append, log.commit         failed: store.rollback, replies become errors
 * deliver(effects)               watchers, while the values of the turn are still readable
 * store.commit
 * streams, then every output is handed over
 * ```
 *
 * A turn ends with the microtask behind the reads that were ready at once. If replies wait for the disk, it ends when all
 * sockets that are ready have been read, so that many clients share one sync.
 *
 * @module
 */

import { RequestError } from "../wire/errors.ts";
import type { AckLevel } from "./action/services.ts";
import type { Effect } from "./core/effect.ts";
import type { Store } from "./core/store.ts";
import type { Slicer } from "./session/slicer.ts";
import type { TurnMember, Turns } from "./session/turns.ts";

/** Where changes are kept. */
export interface Log {
  /** Encodes what happened. */
  append(effects: readonly Effect[]): void;
  /** Writes it; returns the level that was reached. @throws If nothing of it is kept */
  commit(level: "memory" | "disk"): "memory" | "disk";
}

/** Runs turns. */
export class CommitCycle implements Turns {
  readonly #store: Store;
  readonly #log: Log | undefined;
  /** Whether every turn waits for the disk. */
  readonly #isAlways: boolean;
  readonly #deliver: (effects: readonly Effect[]) => void;
  readonly #members: TurnMember[] = [];
  #waiters: { resolve: () => void; reject: (error: RequestError) => void }[] = [];
  #isOpen = false;
  #needsDisk = false;
  #isGathered = false;
  #isDelivering = false;
  #refusal: string | undefined;
  /** Gives streams their steps; set once, because it asks this cycle whether it may. */
  slicer: Slicer | undefined;

  /**
   * @param log Undefined: memory only
   * @param isAlways Whether every reply waits for the disk
   * @param deliver Called with what is logged, before it is final
   */
  constructor(
    store: Store,
    log: Log | undefined,
    isAlways: boolean,
    deliver: (effects: readonly Effect[]) => void,
  ) {
    this.#store = store;
    this.#log = log;
    this.#isAlways = isAlways;
    this.#deliver = deliver;
  }

  /** Whether a turn is under way. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Why nothing can be changed any more. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  /** From now on nothing can be changed. */
  refuse(reason: string): void {
    this.#refusal ??= `The server cannot write its log and refuses changes: ${reason}`;
  }

  /** Changes are taken again: a full disk has room. */
  accept(): void {
    this.#refusal = undefined;
  }

  /** Takes a member into the turn. */
  touch(member: TurnMember): void {
    this.#members.push(member);
    this.#open();
  }

  /**
   * Runs a change of the store that comes from elsewhere than a session: within the turn under way, or one of its own. Not
   * while a turn is being delivered: what is changed then is not in the log, so it waits for the next turn.
   */
  run(change: () => void): void {
    if (this.#isDelivering) return queueMicrotask(() => this.run(change));
    try {
      change();
    } finally {
      this.#open();
    }
  }

  #open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#isGathered = this.#isAlways;
    if (this.#isAlways) setImmediate(this.#end);
    else queueMicrotask(this.#end);
  }

  /** Asks for a level; returns what replies may claim. */
  require(level: "memory" | "disk"): AckLevel {
    if (this.#log === undefined) return "none";
    if (level === "disk") this.#needsDisk = true;
    return this.#isAlways || level === "disk" ? "disk" : "memory";
  }

  /** Settles at the end of the turn. */
  committed(): Promise<void> {
    if (!this.#isOpen && this.#store.effects.length === 0) return Promise.resolve();
    this.#open();
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  readonly #end = (): void => {
    if (this.#needsDisk && !this.#isGathered) {
      this.#isGathered = true;
      setImmediate(this.#end);
      return;
    }
    const failure = this.#commit();
    const members = this.#members;
    if (failure !== undefined) { for (const member of members) member.fail(failure); }
    this.slicer?.run();
    // Those who joined last are watchers; an event is more urgent than the reply to who caused it.
    for (let member = members.pop(); member !== undefined; member = members.pop()) member.flush();
    this.#isOpen = this.#needsDisk = false;
    this.slicer?.schedule();
    if (this.#waiters.length > 0) this.#settle(failure);
  };

  /** Logs and delivers what the turn has changed. */
  #commit(): RequestError | undefined {
    const { effects } = this.#store;
    // Somebody may want to be sure of what was written before.
    if (effects.length > 0 || this.#needsDisk) {
      try {
        this.#write(effects);
      } catch (error) {
        this.#store.rollback();
        return new RequestError("read_only", this.#refusal ?? (error instanceof Error ? error.message : String(error)));
      }
      this.#isDelivering = true;
      this.#deliver(effects);
      this.#isDelivering = false;
    }
    this.#store.commit();
    return undefined;
  }

  #write(effects: readonly Effect[]): void {
    if (this.#refusal !== undefined) throw new RequestError("read_only", this.#refusal);
    if (this.#log === undefined) return;
    try {
      this.#log.append(effects);
      this.#log.commit(this.#needsDisk ? "disk" : "memory");
    } catch (error) {
      this.refuse(error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  #settle(failure: RequestError | undefined): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { resolve, reject } of waiters) {
      if (failure === undefined) resolve();
      else reject(failure);
    }
  }
}
