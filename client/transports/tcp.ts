/**
 * TCP and TLS, with the sockets of Deno where there are any, else with those of Node (which Bun has too).
 *
 * @module
 */

import { ConnectionError } from "../../wire/errors.ts";
import type { MessageReader } from "../../wire/msgpack/chunks.ts";
import type { Address, Connect, TlsOptions, Transport } from "./transport.ts";

const runtime = (globalThis as { Deno?: typeof Deno }).Deno;

/** Room that is offered to each read. */
const readBytes = 64 * 1024;

/** How to open a TCP or TLS line to this address. */
export function tcp(address: Address): Connect {
  const scheme = address.tls ? "tls" : "tcp";
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  const label = `${scheme}://${host}:${address.port}`;
  return async (signal) => {
    // Deno cannot show a certificate on a line that it encrypts later, and only so the server's name may be another one.
    const hasCertificate = typeof address.tls === "object" && address.tls.cert !== undefined;
    if (runtime && !hasCertificate) return await openSocket(runtime, address, label, signal);
    const { openNodeSocket } = await import("./tcp_node.ts");
    return await openNodeSocket(address, label, signal);
  };
}

async function openSocket(deno: typeof Deno, at: Address, label: string, signal: AbortSignal): Promise<Transport> {
  signal.throwIfAborted();
  let conn: Deno.TcpConn | Deno.TlsConn;
  try {
    conn = at.tls ? await openTls(deno, at, signal) : await openTcp(deno, at, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw new ConnectionError(`Cannot connect to ${label}: ${(error as Error).message}`, { cause: error });
  }
  return new DenoSocket(conn, label);
}

async function openTcp(deno: typeof Deno, at: Address, signal: AbortSignal): Promise<Deno.TcpConn> {
  const conn = await deno.connect({ hostname: at.host, port: at.port, signal });
  conn.setNoDelay(true);
  return conn;
}

/** Encrypts a TCP line: that way round, the certificate may have another name than the host. */
async function openTls(deno: typeof Deno, at: Address, signal: AbortSignal): Promise<Deno.TlsConn> {
  const options: TlsOptions = typeof at.tls === "object" ? at.tls : {};
  let conn: Deno.Conn = await openTcp(deno, at, signal);
  const giveUp = () => closeQuietly(conn);
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    const encrypted = await deno.startTls(conn as Deno.TcpConn, {
      hostname: options.serverName ?? at.host,
      caCerts: options.caCerts ? [...options.caCerts] : undefined,
    });
    conn = encrypted;
    await beforeAbort(encrypted.handshake(), signal);
    return encrypted;
  } catch (error) {
    giveUp();
    throw error;
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

/** `promise`, or the signal's reason if that comes first: closing does not end a handshake. */
function beforeAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    if (signal.aborted) reject(signal.reason);
    promise.then(resolve, reject);
  });
}

class DenoSocket implements Transport {
  #closed = false;

  constructor(readonly conn: Deno.Conn, readonly address: string) {}

  async read(reader: MessageReader): Promise<boolean> {
    const count = await this.conn.read(reader.writable(readBytes)).catch((error) => this.#ended(error));
    if (count === null) return false;
    reader.advance(count);
    return true;
  }

  #ended(error: unknown): null {
    if (this.#closed) return null;
    throw error;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.conn.write(at === 0 ? bytes : bytes.subarray(at));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeQuietly(this.conn);
  }
}

function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // Already closed.
  }
}
