// What of Aedes is used here. Its own types bring Node's, which replace the types of timers and buffers everywhere.

import type { Socket } from "node:net";

export interface Broker {
  readonly handle: (socket: Socket) => void;
  on(event: "clientError" | "connectionError", listener: () => void): void;
  close(done: () => void): void;
}

export const Aedes: {
  createBroker(options: { readonly concurrency: number; readonly heartbeatInterval: number }): Promise<Broker>;
};
