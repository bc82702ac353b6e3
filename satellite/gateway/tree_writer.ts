/**
 * Writes what satellites say into the tree, by way of a client.
 *
 * @module
 */

import type { Client } from "../../client/client.ts";
import { ConnectionError, KvError } from "../../wire/errors.ts";
import { sameValue } from "../../wire/msgpack/same_value.ts";
import type { Path } from "../../wire/path/path.ts";
import type { Value } from "../../wire/value.ts";
import type { TreePort } from "./tree_port.ts";

/** One entry is written at most once in this time. */
const betweenMs = 200;

/** After a lost connection. */
const retryMs = 1000;

/** Requests under way. More wait, newest value per entry. */
const underWayMax = 64;

/** Entries that may wait; more are dropped and counted. */
const waitingMax = 10_000;

/** Messages that may wait. */
const messagesMax = 1000;

/** An entry that is written by this gateway. */
interface Place {
  readonly path: Path;
  /** What is to be there; undefined: nothing. */
  wanted: Value | undefined;
  /** What was written last; `"unknown"`: nobody knows. */
  written: { readonly value: Value | undefined } | "unknown";
  notBeforeMs: number;
  isWaiting: boolean;
  isUnderWay: boolean;
}

/** The tree. */
export class TreeWriter implements TreePort {
  /** Writes that were given up: too many waited, or the server refused them. */
  dropped = 0;
  /** Writes that were replaced by a newer one before they went. */
  coalesced = 0;
  readonly #client: Client;
  readonly #report: (text: string) => void;
  readonly #places = new Map<string, Place>();
  #waiting: Place[] = [];
  #underWay = 0;
  #messages = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #idle: (() => void)[] = [];
  #isClosed = false;

  constructor(client: Client, report: (text: string) => void) {
    this.#client = client;
    this.#report = report;
  }

  /** Writes a value. */
  set(path: Path, value: Value): void {
    this.#want(path, value);
  }

  /** Deletes a value. */
  delete(path: Path): void {
    this.#want(path, undefined);
  }

  /** Sends a message. */
  tell(topic: Path, data: Value): void {
    if (this.#isClosed || this.#messages >= messagesMax) return void this.dropped++;
    this.#messages++;
    this.#client.msgSend(topic, { data }).catch(() => void this.dropped++).finally(() => this.#messages--);
  }

  /** What the tree has: if somebody else wrote it, the next value is written even if it is the same as our last. */
  observed(path: Path, value: Value | undefined): void {
    const place = this.#places.get(path.toString());
    if (place === undefined || place.isUnderWay || place.written === "unknown") return;
    const { value: ours } = place.written;
    const isOurs = ours === undefined || value === undefined ? ours === value : sameValue(ours, value);
    if (!isOurs) place.written = "unknown";
  }

  /** Waits until everything is written. */
  async drained(): Promise<void> {
    while (this.#underWay > 0 || this.#waiting.length > 0) {
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
  }

  /** Writes no more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#waiting = [];
    this.#tellIdle();
  }

  #want(path: Path, value: Value | undefined): void {
    if (this.#isClosed) return;
    const place = this.#place(path);
    if (place.isWaiting) this.coalesced++;
    place.wanted = value;
    if (place.isWaiting || place.isUnderWay || isWritten(place)) return;
    if (this.#waiting.length >= waitingMax) return void this.dropped++;
    place.isWaiting = true;
    this.#waiting.push(place);
    this.#go();
  }

  #place(path: Path): Place {
    const key = path.toString();
    let place = this.#places.get(key);
    if (place === undefined) {
      place = { path, wanted: undefined, written: "unknown", notBeforeMs: 0, isWaiting: false, isUnderWay: false };
      this.#places.set(key, place);
    }
    return place;
  }

  /** Starts what may go, and sets the clock for the rest. */
  #go(): void {
    const nowMs = performance.now();
    const later: Place[] = [];
    for (const place of this.#waiting) {
      if (place.notBeforeMs > nowMs || this.#underWay >= underWayMax) later.push(place);
      else void this.#write(place, nowMs);
    }
    this.#waiting = later;
    clearTimeout(this.#timer);
    if (later.length === 0 || this.#underWay >= underWayMax) return this.#tellIdle();
    const nextMs = Math.min(...later.map((place) => place.notBeforeMs));
    this.#timer = setTimeout(() => this.#go(), Math.max(0, nextMs - nowMs));
  }

  async #write(place: Place, nowMs: number): Promise<void> {
    const value = place.wanted;
    place.isWaiting = false;
    place.isUnderWay = true;
    place.notBeforeMs = nowMs + betweenMs;
    this.#underWay++;
    try {
      if (value === undefined) await this.#client.delete(place.path);
      else await this.#client.set(place.path, value);
      place.written = { value };
    } catch (error) {
      if (this.#failed(place, error)) place.notBeforeMs = performance.now() + retryMs;
      else place.written = { value }; // refused: not tried again before there is another value
    }
    this.#underWay--;
    place.isUnderWay = false;
    if (!isWritten(place)) this.#want(place.path, place.wanted);
    if (this.#waiting.length > 0) this.#go();
    else this.#tellIdle();
  }

  /** Whether it is worth another try: the connection is lost, and comes back. */
  #failed(place: Place, error: unknown): boolean {
    if (!(error instanceof KvError)) throw error;
    place.written = "unknown";
    if (error instanceof ConnectionError) return true;
    this.dropped++;
    this.#report(`Cannot write ${place.path}: ${error.message}`);
    return false;
  }

  #tellIdle(): void {
    if (this.#underWay > 0 || this.#waiting.length > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

function isWritten({ wanted, written }: Place): boolean {
  if (written === "unknown") return false;
  if (wanted === undefined || written.value === undefined) return wanted === written.value;
  return sameValue(wanted, written.value);
}
