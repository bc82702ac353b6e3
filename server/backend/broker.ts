/**
 * The embedded MQTT broker, so that servers on one machine find each other with nothing to install. It is there only if
 * no broker is configured, and listens at exactly one loopback address: the bind is the lock that decides who offers it.
 *
 * @module
 */

import type { Server } from "node:net";

/** A broker that this process offers. */
export interface Broker extends AsyncDisposable {
  /** Where it listens. */
  readonly port: number;
}

/**
 * Offers a broker at `hostname:port` (port 0: any).
 * @returns undefined if the address is taken: somebody else offers one
 * @throws {Error} If it cannot be bound for another reason
 */
export async function offerBroker(hostname: string, port: number): Promise<Broker | undefined> {
  const { Aedes } = await import("./aedes_module.ts");
  const { createServer } = await import("node:net");
  const aedes = await Aedes.createBroker({ concurrency: 1000, heartbeatInterval: 15_000 });
  const server = createServer(aedes.handle);
  if (!await bind(server, hostname, port)) {
    await new Promise<void>((done) => aedes.close(done));
    return undefined;
  }
  // A client's connection that breaks is no affair of the broker's owner.
  aedes.on("clientError", () => {});
  aedes.on("connectionError", () => {});
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      await new Promise<void>((done) => aedes.close(done));
      await closed;
    },
  };
}

function bind(server: Server, hostname: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: Error & { code?: string }) => {
      if (error.code === "EADDRINUSE") resolve(false);
      else reject(error);
    });
    server.listen({ host: hostname, port, exclusive: true }, () => resolve(true));
  });
}
