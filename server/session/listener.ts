/**
 * The ports by which clients come in. A default port that is taken becomes the next free one; a port that was asked for
 * and is taken is an error that names the way out.
 *
 * @module
 */

import { KvError } from "../../wire/errors.ts";
import type { Duplex } from "./duplex.ts";
import { addressText, TcpDuplex } from "./tcp.ts";

/** Ports tried after a default one. */
const portsTried = 100;

/** One port for clients. */
export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  /** Another port will do. */
  readonly portIsDefault: boolean;
  readonly tls?: {
    readonly cert: string;
    readonly key: string;
    /** Whoever shows a certificate of this authority (PEM) has logged in as the user of that name (CN). */
    readonly clientCa?: string;
    /** Nobody comes in without one. */
    readonly clientRequired?: boolean;
  };
}

/** A port that accepts clients until it is closed. */
export interface Door {
  /** `tcp://127.0.0.1:27586` */
  readonly url: string;
  /** Hands each connection to `take`. Returns when the port is closed. */
  run(take: (duplex: Duplex) => void): Promise<void>;
  /** Accepts no more. */
  close(): void;
}

/** The usual port: TCP, or the platform's TLS. */
export class Listener implements Door, Disposable {
  /** `tcp://127.0.0.1:27586` */
  readonly url: string;
  readonly #listener: Deno.Listener;
  readonly #kind: "tcp" | "tls";
  #isClosed = false;

  private constructor(listener: Deno.Listener, kind: "tcp" | "tls") {
    this.#listener = listener;
    this.#kind = kind;
    this.url = `${kind}://${addressText(listener.addr)}`;
  }

  /** Opens the port. @throws {PortError} If it cannot be had */
  static open(options: ListenerOptions): Listener {
    const { host: hostname, tls } = options;
    return openPort(options, (port) => {
      if (tls === undefined) return new Listener(Deno.listen({ hostname, port }), "tcp");
      return new Listener(Deno.listenTls({ hostname, port, cert: tls.cert, key: tls.key }), "tls");
    });
  }

  /** Hands each connection to `take`. Returns when the port is closed. */
  async run(take: (duplex: Duplex) => void): Promise<void> {
    while (!this.#isClosed) {
      let conn: Deno.Conn;
      try {
        conn = await this.#listener.accept();
      } catch (error) {
        if (this.#isClosed) return;
        if (error instanceof Deno.errors.BadResource) return;
        // A peer that vanished, or no file descriptors left: the next ones may fare better.
        await new Promise((done) => setTimeout(done, 20));
        continue;
      }
      prepare(conn);
      take(new TcpDuplex(conn, this.#kind));
    }
  }

  /** Accepts no more. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener.close();
  }

  /** As {@linkcode Listener.close}. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** A port cannot be had. */
export class PortError extends KvError {
  /** The name of the class, also in minified programs. */
  override name = "PortError";
}

/**
 * Calls `open` with the port asked for and, if that is a default one and taken, with the ones after it.
 * @throws {PortError}
 */
export function openPort<T>(
  options: { readonly host: string; readonly port: number; readonly portIsDefault: boolean },
  open: (port: number) => T,
): T {
  const last = options.port + (options.portIsDefault && options.port !== 0 ? portsTried : 0);
  for (let port = options.port;; port++) {
    try {
      return open(port);
    } catch (error) {
      if (error instanceof Deno.errors.AddrInUse && port < last) continue;
      throw portError(options.host, port, error);
    }
  }
}

/** Why a port cannot be had, and what would do. */
export function portError(host: string, port: number, cause: unknown): PortError {
  const place = `${host}:${port}`;
  if (cause instanceof Deno.errors.AddrInUse || (cause as { code?: string }).code === "EADDRINUSE") {
    return new PortError(
      `${place} is taken by another program: stop that one, or name another port (0: any free one)`,
      {
        cause,
      },
    );
  }
  if (cause instanceof Deno.errors.AddrNotAvailable) {
    return new PortError(`${host} is no address of this machine: name one that is, or 0.0.0.0 for all`, { cause });
  }
  if (cause instanceof Deno.errors.PermissionDenied || cause instanceof Deno.errors.NotCapable) {
    return new PortError(`${place} may not be used by this user: name a port from 1024`, { cause });
  }
  return new PortError(`Cannot listen on ${place}: ${cause instanceof Error ? cause.message : cause}`, { cause });
}

function prepare(conn: Deno.Conn): void {
  try {
    const tcp = conn as Partial<Deno.TcpConn>;
    tcp.setNoDelay?.(true);
    tcp.setKeepAlive?.(true);
  } catch {
    // It is gone already; the first read will tell.
  }
}
