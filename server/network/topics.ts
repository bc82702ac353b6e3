/**
 * Messages that are not kept, among the clients of all servers: through the backend while it is there, else among the clients
 * of this one.
 *
 * @module
 */

import type { TopicListener, Topics } from "../action/topics.ts";
import type { Backend } from "../backend/backend.ts";

/** See the module. */
export class NetworkTopics implements Topics {
  /** @param local Carries messages in this process @param backend The connection to the others, if there is to be one */
  constructor(private readonly local: Topics, private readonly backend: () => Backend | undefined) {}

  /** Sends a message. */
  publish(levels: readonly string[], payload: Uint8Array): void {
    const backend = this.backend();
    // Everybody hears it from the broker then, this server included.
    if (backend?.isAttached && backend.publish(levels, payload)) return;
    this.local.publish(levels, payload);
  }

  /** Calls `listener` with each message that fits, until the returned function is called. */
  monitor(pattern: readonly string[], listener: TopicListener): () => void {
    const stop = this.local.monitor(pattern, listener);
    const remote = this.backend()?.monitor(pattern, (payload, levels) => listener(levels, payload));
    return () => {
      stop();
      remote?.[Symbol.dispose]();
    };
  }
}
