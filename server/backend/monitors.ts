/**
 * Who wants which messages of one connection. Knows nothing of how they arrive.
 *
 * @module
 */

import { type BackendEvent, type Channel, matchesChannel, type Receiver } from "./backend.ts";

/** The receivers of one connection, by filter. */
export class Monitors {
  readonly #byFilter = new Map<string, { filter: Channel; receivers: Set<Receiver> }>();
  /** Who wants the messages of a channel; those of one connection come on few channels, again and again. */
  #byChannel = new WeakMap<Channel, readonly Receiver[]>();

  /** The filters that somebody wants. */
  get filters(): Channel[] {
    return [...this.#byFilter.values()].map((each) => each.filter);
  }

  /**
   * Adds a receiver. Disposing takes it away again.
   * @param onFirst Called if nobody wanted this filter before
   * @param onLast Called when nobody wants it any more
   */
  add(filter: Channel, receive: Receiver, onFirst: () => void, onLast: () => void): Disposable {
    const key = filter.join("/");
    const known = this.#byFilter.get(key);
    const receivers = known?.receivers ?? new Set();
    // Two monitors may share one function; each is its own.
    const own: Receiver = (payload, channel) => receive(payload, channel);
    receivers.add(own);
    this.#byChannel = new WeakMap();
    if (known === undefined) {
      this.#byFilter.set(key, { filter, receivers });
      onFirst();
    }
    return {
      [Symbol.dispose]: () => {
        if (!receivers.delete(own)) return;
        this.#byChannel = new WeakMap();
        if (receivers.size > 0) return;
        this.#byFilter.delete(key);
        onLast();
      },
    };
  }

  /** Hands a message to everybody who wants it. */
  deliver(channel: Channel, payload: Uint8Array): void {
    let receivers = this.#byChannel.get(channel);
    if (receivers === undefined) this.#byChannel.set(channel, receivers = [...this.#receivers(channel)]);
    for (const receive of receivers) receive(payload, channel);
  }

  *#receivers(channel: Channel): Iterable<Receiver> {
    for (const { filter, receivers } of this.#byFilter.values()) if (matchesChannel(filter, channel)) yield* receivers;
  }
}

/** Those who want to hear of a connection's coming and going. */
export class Listeners {
  readonly #listeners = new Set<(event: BackendEvent) => void>();

  /** Adds one. Disposing takes it away again. */
  add(listener: (event: BackendEvent) => void): Disposable {
    const own = (event: BackendEvent) => listener(event);
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  /** Tells all. */
  tell(event: BackendEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}
