/**
 * TCP and TLS with the sockets of Node, for runtimes without Deno's. Loaded only there.
 *
 * @module
 */

import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { ConnectionError } from "../../wire/errors.ts";
import type { MessageReader } from "../../wire/msgpack/chunks.ts";
import type { Address, TlsOptions, Transport } from "./transport.ts";

/** Opens a line with `node:net` or `node:tls`. */
export async function openNodeSocket(at: Address, label: string, signal: AbortSignal): Promise<Transport> {
  const socket = at.tls ? tlsSocket(at, typeof at.tls === "object" ? at.tls : {}) : connectTcp(at.port, at.host);
  const giveUp = () => socket.destroy(new Error("aborted"));
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    await once(socket, at.tls ? "secureConnect" : "connect");
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    throw new ConnectionError(`Cannot connect to ${label}: ${(error as Error).message}`, { cause: error });
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
  socket.setNoDelay(true);
  return new NodeSocket(socket, label);
}

function tlsSocket(at: Address, options: TlsOptions): Socket {
  const name = options.serverName ?? at.host;
  return connectTls({
    host: at.host,
    port: at.port,
    servername: isIP(name) === 0 ? name : undefined,
    ca: options.caCerts ? [...options.caCerts] : undefined,
  });
}

function once(socket: Socket, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once(event, () => {
      socket.removeListener("error", reject);
      resolve();
    });
  });
}

/** Reads chunks on demand, so that a slow reader slows the sender down. */
class NodeSocket implements Transport {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #closed = false;

  constructor(readonly socket: Socket, readonly address: string) {
    socket.on("error", () => {}); // the pending read or write reports it
    this.#chunks = socket[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  }

  async read(reader: MessageReader): Promise<boolean> {
    try {
      const { done, value } = await this.#chunks.next();
      if (done) return false;
      reader.push(value);
      return true;
    } catch (error) {
      if (this.#closed) return false;
      throw error;
    }
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.write(bytes, (error) => error ? reject(error) : resolve());
    });
  }

  close(): void {
    this.#closed = true;
    this.socket.destroy();
  }
}
