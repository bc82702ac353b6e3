/**
 * A TLS port that asks clients for a certificate: whoever shows a good one with a user's name (CN) has logged in by it. The
 * platform's own TLS cannot ask, so this is Node's; it is slower, and used only where it is wanted.
 *
 * @module
 */

import type { Server, TLSSocket } from "node:tls";
import type { MessageReader } from "../../wire/msgpack/chunks.ts";
import type { Duplex } from "./duplex.ts";
import { type Door, Listener, type ListenerOptions, portError } from "./listener.ts";

/** A client that has not shown who it is by then goes. */
const handshakeMs = 10_000;

/** See the module. */
export class CertificateListener implements Door {
  readonly url: string;
  readonly #server: Server;
  readonly #sockets = new Set<TLSSocket>();
  #take: (duplex: Duplex) => void = (duplex) => duplex.close();
  #closed: () => void = () => {};

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
    server.on("secureConnection", (socket) => this.#connect(socket));
    // A peer that speaks no TLS, or that is not trusted, hears so from TLS.
    server.on("tlsClientError", (_error, socket) => socket.destroy());
  }

  /** Opens the port. @throws {PortError} If it cannot be had */
  static async open(options: ListenerOptions): Promise<CertificateListener> {
    const { host, tls } = options;
    const url = new URL(freeUrl(options));
    const port = Number(url.port);
    const { createServer } = await import("node:tls");
    const server = createServer({
      cert: tls!.cert,
      key: tls!.key,
      ca: tls!.clientCa,
      requestCert: true,
      rejectUnauthorized: tls!.clientRequired ?? false,
      handshakeTimeout: handshakeMs,
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error) => reject(portError(host, port, error)));
      server.listen(port, host, resolve);
    });
    return new CertificateListener(server, url.href.replace(/\/$/, ""));
  }

  /** Hands each connection to `take`. Resolves when the port is closed. */
  run(take: (duplex: Duplex) => void): Promise<void> {
    this.#take = take;
    return new Promise((resolve) => this.#closed = resolve);
  }

  #connect(socket: TLSSocket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    socket.setNoDelay(true);
    socket.setKeepAlive(true);
    this.#take(new CertificateDuplex(socket));
  }

  /** Accepts no more. */
  close(): void {
    this.#server.close();
    this.#closed();
  }
}

/** The address with a port that is free. The platform's listener looks for it, with its errors and its way of counting up. */
function freeUrl(options: ListenerOptions): string {
  using listener = Listener.open(options);
  return listener.url;
}

/** One connection. The socket rests while what it brought was not taken. */
class CertificateDuplex implements Duplex {
  readonly kind = "tls";
  readonly peer: string;
  readonly certificateName: string | undefined;
  readonly #socket: TLSSocket;
  readonly #chunks: Uint8Array[] = [];
  #isOver = false;
  #wake: () => void = () => {};

  constructor(socket: TLSSocket) {
    this.#socket = socket;
    const { remoteAddress = "", remotePort = 0 } = socket;
    this.peer = `${remoteAddress.includes(":") ? `[${remoteAddress}]` : remoteAddress}:${remotePort}`;
    const name: unknown = socket.authorized ? socket.getPeerCertificate()?.subject?.CN : undefined;
    this.certificateName = typeof name === "string" ? name : undefined;
    socket.on("data", (chunk: Uint8Array) => {
      socket.pause();
      this.#chunks.push(chunk);
      this.#wake();
    });
    for (const event of ["end", "close", "error"]) socket.on(event, () => this.#end());
  }

  #end(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** Takes what is there, or waits for it. */
  async receive(reader: MessageReader): Promise<boolean> {
    while (this.#chunks.length === 0 && !this.#isOver) await new Promise<void>((wake) => this.#wake = wake);
    if (this.#chunks.length === 0) return false;
    for (const chunk of this.#chunks.splice(0)) reader.push(chunk);
    this.#socket.resume();
    return true;
  }

  /** Writes all of it. */
  send(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => error ? reject(error) : resolve(bytes.length));
    });
  }

  /** Closes the socket, after what was written. */
  close(): void {
    this.#end();
    this.#socket.end();
    this.#socket.destroySoon();
  }
}
