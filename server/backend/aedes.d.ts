// What of Aedes is used here. Its own types bring Node's, which replace the types of timers and buffers everywhere.

import type { Duplex } from "node:stream";

export interface Broker {
  readonly handle: (stream: Duplex) => void;
  on(event: "clientError" | "connectionError", listener: () => void): void;
  close(done: () => void): void;
}

export const Aedes: {
  createBroker(options: { readonly concurrency: number; readonly heartbeatInterval: number }): Promise<Broker>;
};
