/**
 * The requests of one connection that are not answered yet: those that take their time, and writes that wait for the check of
 * their value. Who may come behind whom is decided here.
 *
 * @module
 */

import type { RequestView } from "../../wire/message/request.ts";
import type { Call } from "../action/call.ts";
import type { Services } from "../action/services.ts";
import { actions, type Handler } from "../action/table.ts";
import type { WaitingWrite } from "../action/waiting_write.ts";
import { PendingCalls, type PendingOwner } from "./pending.ts";
import { WaitingWrites } from "./waiting_writes.ts";

/** Requests that take their time; then nothing more is read from the client. */
const pendingMax = 1024;

/** What is not answered yet. */
export class Backlog {
  readonly #pending: PendingCalls;
  readonly #writes: WaitingWrites;

  /** @param onProgress Called when something is done that others may wait for */
  constructor(services: Services, owner: PendingOwner, onProgress: () => void) {
    this.#pending = new PendingCalls(services, owner, onProgress);
    this.#writes = new WaitingWrites(services, owner, onProgress);
  }

  /** Whether nothing more should be read from the client. */
  get isFull(): boolean {
    return this.#pending.isHeld || this.#pending.size >= pendingMax || this.#writes.isFull;
  }

  /** Whether writes wait. */
  get hasWaiting(): boolean {
    return this.#writes.size > 0;
  }

  /** Whether a request has to wait for the writes before it: only writes may join them, and not if they are exclusive. */
  mustFollow(view: RequestView): boolean {
    if (this.#writes.size === 0 || view.action === "") return false;
    return this.#writes.isExclusive || !actions.get(view.action)?.needs.mayJoin || view.has("nodes");
  }

  /** Starts a request that takes its time; `handler` gets a copy of it. */
  run(handler: Handler, view: RequestView): void {
    this.#pending.run(handler, view);
  }

  /** Puts a write behind those that wait. The call is copied. */
  add(call: Call, write: WaitingWrite): void {
    this.#writes.add(call, write);
  }

  /** Gives a request up. Returns whether there is one of that number. */
  stop(key: number | string): boolean {
    return this.#pending.stop(key);
  }

  /** Gives all up: what waits is not written. */
  clear(): void {
    this.#pending.stopAll();
    this.#writes.clear();
  }

  /** The client was cut off: what waits is not written, what is under way goes on. */
  cut(): void {
    this.#writes.clear();
  }
}
