/**
 * TCP and TLS connections as {@linkcode Duplex}, and the ports they come in by.
 *
 * @module
 */

import type { MessageReader } from "../../wire/msgpack/chunks.ts";
import type { Duplex } from "./duplex.ts";

/** One TCP or TLS connection. */
export class TcpDuplex implements Duplex {
  readonly kind: "tcp" | "tls";
  readonly peer: string;
  #isClosed = false;

  constructor(readonly conn: Deno.Conn, kind: "tcp" | "tls") {
    this.kind = kind;
    this.peer = addressText(conn.remoteAddr);
  }

  /** Reads once. */
  async receive(reader: MessageReader): Promise<boolean> {
    let count: number | null;
    try {
      count = await this.conn.read(reader.writable());
    } catch {
      return false; // reset, or closed by ourselves: the session need not know which
    }
    if (count === null) return false;
    reader.advance(count);
    return true;
  }

  /** Writes once. */
  send(bytes: Uint8Array): Promise<number> {
    return this.conn.write(bytes);
  }

  /** Closes the socket. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      this.conn.close();
    } catch {
      // The runtime closed it already.
    }
  }
}

/** `127.0.0.1:27586`, or `[::1]:27586`. */
export function addressText(address: Deno.Addr): string {
  if (!("hostname" in address)) return address.transport;
  const host = address.hostname.includes(":") ? `[${address.hostname}]` : address.hostname;
  return `${host}:${address.port}`;
}
