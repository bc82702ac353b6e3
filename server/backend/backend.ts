/**
 * How servers reach each other: channels on which everybody hears everything, the sender included. Nothing is promised
 * about delivery: messages may be lost, repeated and reordered; whoever needs more repairs from what the messages say.
 *
 * | implementation | channel `["moat", "kv", "update"]` is |
 * | --- | --- |
 * | `bus` (in one process) | that list |
 * | `mqtt` (also with the embedded broker) | the topic `moat/kv/update`, QoS 0, not retained |
 * | `serf` | the user event `moat.kv.update` |
 *
 * @module
 */

/** A channel's name, one word per level. As a filter, `+` stands for one level and a final `#` for any number. */
export type Channel = readonly string[];

/** Gets the messages of a channel. Must not throw. The payload is the receiver's to keep. */
export type Receiver = (payload: Uint8Array, channel: Channel) => void;

/** What a backend counts, for `status`. */
export interface BackendCounters {
  sent: number;
  received: number;
  /** Not sent, because there was no connection or too much waited already. */
  dropped: number;
  /** Connections made. */
  connects: number;
}

/**
 * What happens to the connection. `attached`: messages flow from now on; what was sent before may have been missed.
 * `detached`: they do not flow any more, or the first attempt to connect failed; later ones that fail are not told.
 */
export type BackendEvent =
  | { readonly kind: "attached" }
  | { readonly kind: "detached"; readonly reason: string };

/** A connection to everybody. */
export interface Backend extends AsyncDisposable {
  /** For people: what it is and where. */
  readonly description: string;
  /** Whether messages can get through at present. */
  readonly isAttached: boolean;
  readonly counters: Readonly<BackendCounters>;
  /** Sends a message to everybody. Never waits: `false` if it was dropped. The payload is free afterwards. */
  publish(channel: Channel, payload: Uint8Array): boolean;
  /** Calls `receive` for every message whose channel matches, until disposed. */
  monitor(filter: Channel, receive: Receiver): Disposable;
  /** Calls `listener` when the connection comes and goes, until disposed. */
  watch(listener: (event: BackendEvent) => void): Disposable;
}

/** Whether a channel matches a filter. MQTT's rules: `a/#` matches `a` too. */
export function matchesChannel(filter: Channel, channel: Channel): boolean {
  for (let i = 0; i < filter.length; i++) {
    if (filter[i] === "#") return i === filter.length - 1;
    if (i >= channel.length || (filter[i] !== "+" && filter[i] !== channel[i])) return false;
  }
  return filter.length === channel.length;
}
