/**
 * Lines over TCP, in both directions: satellites that connect here, and ones that wait to be connected to.
 *
 * @module
 */

import { type ByteConnection, ConnectionLine } from "./connection.ts";
import type { Line, LineSource } from "./line.ts";
import { Retry } from "./retry.ts";

/** The port where satellites connect to. */
export const satellitePort = 27588;

/** Satellites that may be connected at once; one more is turned away. */
const connectionsMax = 1000;

/** Connects to a satellite, again and again. */
export class TcpConnectSource implements LineSource {
  readonly description: string;

  /**
   * Of this address.
   * @param hostname The satellite's
   * @param port Its port
   */
  constructor(readonly hostname: string, readonly port: number) {
    this.description = `tcp:${hostname}:${port}`;
  }

  /** One line after the other. */
  async *lines(signal: AbortSignal, report: (text: string) => void): AsyncIterable<Line> {
    const retry = new Retry();
    let last = "";
    while (!signal.aborted) {
      try {
        const connection = await Deno.connect({ hostname: this.hostname, port: this.port });
        connection.setNoDelay(true);
        const line = new ConnectionLine(this.description, bytesOf(connection));
        retry.reset();
        last = "";
        yield line;
        await line.closed;
      } catch (error) {
        const text = `${this.description}: ${(error as Error).message}`;
        if (text !== last) report(text);
        last = text;
      }
      await retry.wait(signal);
    }
  }
}

/** Takes connections. */
export class TcpListenSource implements LineSource {
  readonly description: string;
  /** The port, once it listens. */
  readonly listening: Promise<number>;
  #listens!: (port: number) => void;

  /**
   * Of this address.
   * @param hostname Where to listen
   * @param port 0: any
   */
  constructor(readonly hostname: string, readonly port: number) {
    this.description = `tcp:${hostname}:${port}, listening`;
    this.listening = new Promise((resolve) => this.#listens = resolve);
  }

  /** Every connection. */
  async *lines(signal: AbortSignal, report: (text: string) => void): AsyncIterable<Line> {
    const listener = await this.#listen(signal, report);
    if (listener === undefined) return;
    const close = () => listener.close();
    signal.addEventListener("abort", close, { once: true });
    this.#listens(listener.addr.port);
    let open = 0;
    try {
      for await (const connection of listener) {
        const { hostname, port } = connection.remoteAddr;
        if (open >= connectionsMax) {
          report(`${this.description}: ${hostname} turned away, ${open} satellites are connected`);
          connection.close();
          continue;
        }
        connection.setNoDelay(true);
        const line = new ConnectionLine(`tcp:${hostname}:${port}`, bytesOf(connection));
        open++;
        void line.closed.then(() => open--);
        yield line;
      }
    } finally {
      signal.removeEventListener("abort", close);
      if (!signal.aborted) listener.close();
    }
  }

  async #listen(signal: AbortSignal, report: (text: string) => void): Promise<Deno.TcpListener | undefined> {
    const retry = new Retry();
    for (let first = true; !signal.aborted; first = false) {
      try {
        return Deno.listen({ hostname: this.hostname, port: this.port });
      } catch (error) {
        if (first) report(`${this.description}: ${(error as Error).message}`);
        await retry.wait(signal);
      }
    }
  }
}

function bytesOf(connection: Deno.Conn): ByteConnection {
  const into = new Uint8Array(4096);
  return {
    read: async () => {
      const count = await connection.read(into);
      return count === null ? null : into.slice(0, count);
    },
    write: async (bytes) => {
      for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
    },
    close: () => connection.close(),
  };
}
