/**
 * Sends messages on `ROOT/sync`, and counts. What cannot be sent is dropped.
 *
 * @module
 */

import { encodeSync, type SyncField, type SyncMessage, type SyncSender } from "../../wire/message/sync.ts";
import { Encoder } from "../../wire/msgpack/encoder.ts";
import type { Backend, Channel } from "../backend/backend.ts";

/** What was sent. */
export interface OutboxCounters {
  messages: number;
  bytes: number;
  /** Messages that the backend did not take. */
  dropped: number;
}

/** See the module. */
export class Outbox {
  readonly counters: OutboxCounters = { messages: 0, bytes: 0, dropped: 0 };
  #seq = 0;
  readonly #encoder = new Encoder(64 * 1024);

  constructor(
    private readonly backend: Backend,
    private readonly channel: Channel,
    readonly sender: SyncSender,
  ) {}

  /** Sends a message; false if it was dropped. */
  send(t: SyncMessage["t"], fields: { readonly [key: string]: SyncField } = {}): boolean {
    const { counters } = this;
    const out = this.#encoder;
    out.reset();
    encodeSync(out, t, this.sender, { seq: ++this.#seq, ...fields });
    if (!this.backend.isAttached || !this.backend.publish(this.channel, out.view())) {
      counters.dropped++;
      return false;
    }
    counters.messages++;
    counters.bytes += out.length;
    return true;
  }
}
