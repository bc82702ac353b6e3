/**
 * The embedded MQTT broker, so that servers on one machine find each other with nothing to install. It is there only if
 * no broker is configured, and listens at exactly one loopback address: the bind is the lock that decides who offers it.
 *
 * @module
 */

import type { Duplex } from "node:stream";

/** A broker that this process offers. */
export interface Broker extends AsyncDisposable {
  /** Where it listens. */
  readonly port: number;
}

/** What one read from a client takes at most. */
const readBytesMax = 64 * 1024;

/**
 * Offers a broker at `hostname:port` (port 0: any).
 * @returns undefined if the address is taken: somebody else offers one
 * @throws {Error} If it cannot be bound for another reason
 */
export async function offerBroker(hostname: string, port: number): Promise<Broker | undefined> {
  const listener = bind(hostname, port);
  if (listener === undefined) return undefined;
  const [{ Aedes }, stream] = await Promise.all([import("./aedes_module.ts"), import("node:stream")]);
  const aedes = await Aedes.createBroker({ concurrency: 1000, heartbeatInterval: 15_000 });
  // A client's connection that breaks is no affair of the broker's owner.
  aedes.on("clientError", () => {});
  aedes.on("connectionError", () => {});
  const serving = (async () => {
    for await (const conn of listener) {
      conn.setNoDelay(true);
      aedes.handle(duplexOf(conn, stream.Duplex));
    }
  })();
  return {
    port: listener.addr.port,
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
      await new Promise<void>((done) => aedes.close(done));
    },
  };
}

function bind(hostname: string, port: number): Deno.TcpListener | undefined {
  try {
    return Deno.listen({ hostname, port });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return undefined;
    throw error;
  }
}

/**
 * The connection as the stream that Aedes wants. (Deno's `node:net` sockets stall under it: Aedes takes what is there on
 * each `readable`, and a message larger than the socket's buffer never comes whole.)
 */
function duplexOf(conn: Deno.TcpConn, DuplexStream: typeof Duplex): Duplex {
  const buffer = new Uint8Array(readBytesMax);
  const stream: Duplex = new DuplexStream({
    read: () => {
      conn.read(buffer).then(
        (count) => void stream.push(count === null ? null : buffer.slice(0, count)),
        () => void stream.destroy(), // reset by the client: no error worth telling
      );
    },
    write: (chunk: Uint8Array, _encoding, done) => {
      writeAll(conn, chunk).then(() => done(), done);
    },
    final: (done) => {
      conn.closeWrite().then(() => done(), () => done());
    },
    destroy: (_error, done) => {
      close(conn);
      done(null);
    },
  });
  return stream;
}

async function writeAll(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await conn.write(bytes.subarray(done));
}

function close(conn: Deno.TcpConn): void {
  try {
    conn.close();
  } catch {
    // Closed already.
  }
}
