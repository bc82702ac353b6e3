/**
 * A backend without a network: members of one bus in one process. The simulator hands in a `carry` that loses, delays,
 * repeats and splits; without one, every message reaches everybody at once.
 *
 * @module
 */

import type { Backend, BackendCounters, BackendEvent, Channel, Receiver } from "./backend.ts";
import { Listeners, Monitors } from "./monitors.ts";

/** Takes a message from one member to another: calls `deliver` now, later, more than once, or never. */
export type Carry = (
  from: InProcessBackend,
  to: InProcessBackend,
  channel: Channel,
  payload: Uint8Array,
  deliver: () => void,
) => void;

/** Where members meet. */
export class Bus {
  readonly members: Set<InProcessBackend> = new Set();

  /** @param carry How messages travel; default: at once and surely */
  constructor(readonly carry: Carry = (_from, _to, _channel, _payload, deliver) => deliver()) {}

  /** A new member. */
  join(name: string): InProcessBackend {
    return new InProcessBackend(this, name);
  }
}

/** One member of a bus. */
export class InProcessBackend implements Backend {
  readonly counters: BackendCounters = { sent: 0, received: 0, dropped: 0, connects: 0 };
  readonly #bus: Bus;
  readonly #monitors = new Monitors();
  readonly #listeners = new Listeners();

  /** @param bus Where it belongs @param name What the others' `carry` may go by */
  constructor(bus: Bus, readonly name: string) {
    this.#bus = bus;
    this.attach();
  }

  /** For people. */
  get description(): string {
    return `in-process bus, ${this.#bus.members.size} members`;
  }

  /** Whether it is on the bus. */
  get isAttached(): boolean {
    return this.#bus.members.has(this);
  }

  /** Comes (back) onto the bus. */
  attach(): void {
    this.#bus.members.add(this);
    this.counters.connects++;
    this.#listeners.tell({ kind: "attached" });
  }

  /** Leaves the bus, as if the broker were gone. */
  detach(reason: string): void {
    if (this.#bus.members.delete(this)) this.#listeners.tell({ kind: "detached", reason });
  }

  /** Sends to every member, this one included. */
  publish(channel: Channel, payload: Uint8Array): boolean {
    if (!this.isAttached) {
      this.counters.dropped++;
      return false;
    }
    this.counters.sent++;
    const bytes = payload.slice();
    for (const member of [...this.#bus.members]) {
      this.#bus.carry(this, member, channel, bytes, () => member.#receive(channel, bytes));
    }
    return true;
  }

  #receive(channel: Channel, payload: Uint8Array): void {
    if (!this.isAttached) return;
    this.counters.received++;
    this.#monitors.deliver(channel, payload.slice());
  }

  /** Hears a channel. */
  monitor(filter: Channel, receive: Receiver): Disposable {
    return this.#monitors.add(filter, receive, () => {}, () => {});
  }

  /** Hears of coming and going. */
  watch(listener: (event: BackendEvent) => void): Disposable {
    return this.#listeners.add(listener);
  }

  /** Leaves for good. */
  [Symbol.asyncDispose](): Promise<void> {
    this.detach("closed");
    return Promise.resolve();
  }
}
