/**
 * TCP and TLS with the sockets of Node, for runtimes without Deno's, and for certificates of the client. Loaded only
 * there.
 *
 * @module
 */

import type { Socket } from "node:net";
import { ConnectionError } from "../../wire/errors.ts";
import type { MessageReader } from "../../wire/msgpack/chunks.ts";
import type { Address, TlsOptions, Transport } from "./transport.ts";

/** Opens a line with `node:net` or `node:tls`. */
export async function openNodeSocket(at: Address, label: string, signal: AbortSignal): Promise<Transport> {
  signal.throwIfAborted();
  const socket = at.tls ? await tlsSocket(at, typeof at.tls === "object" ? at.tls : {}) : await tcpSocket(at);
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

// Loaded when they are used, so that a bundle for browsers does not ask for them.

async function tcpSocket(at: Address): Promise<Socket> {
  const { connect } = await import("node:net");
  return connect(at.port, at.host);
}

async function tlsSocket(at: Address, options: TlsOptions): Promise<Socket> {
  const [{ isIP }, { connect }] = await Promise.all([import("node:net"), import("node:tls")]);
  const name = options.serverName ?? at.host;
  return connect({
    host: at.host,
    port: at.port,
    servername: isIP(name) === 0 ? name : undefined,
    ca: options.caCerts ? [...options.caCerts] : undefined,
    cert: options.cert,
    key: options.key,
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

/** Takes chunks as they come; the socket is paused while some wait, so a slow reader slows the sender down. */
class NodeSocket implements Transport {
  #chunks: Uint8Array[] = [];
  #end: Error | true | undefined;
  #wake: (() => void) | undefined;

  constructor(readonly socket: Socket, readonly address: string) {
    socket.on("data", (chunk: Uint8Array) => {
      socket.pause();
      this.#chunks.push(chunk);
      this.#wake?.();
    });
    socket.on("error", (error) => this.#finish(error));
    socket.on("end", () => this.#finish(true));
    socket.on("close", () => this.#finish(true));
  }

  #finish(end: Error | true): void {
    this.#end ??= end;
    this.#wake?.();
  }

  async read(reader: MessageReader): Promise<boolean> {
    if (this.#chunks.length === 0 && !this.#end) await new Promise<void>((resolve) => this.#wake = resolve);
    this.#wake = undefined;
    if (this.#chunks.length === 0) return this.#ended();
    for (const chunk of this.#chunks.splice(0)) reader.push(chunk);
    this.socket.resume();
    return true;
  }

  #ended(): false {
    if (this.#end instanceof Error) throw this.#end;
    return false;
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.write(bytes, (error) => error ? reject(error) : resolve());
    });
  }

  close(): void {
    this.#finish(true);
    this.socket.destroy();
  }
}
