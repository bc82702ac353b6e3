/**
 * What a client is opened with.
 *
 * @module
 */

import type { Backoff } from "./backoff.ts";
import type { ConfigSections } from "./config.ts";
import type { Login } from "./login.ts";
import { tcp } from "./transports/tcp.ts";
import type { Connect, TlsOptions } from "./transports/transport.ts";
import { webSocket } from "./transports/websocket.ts";

/** The port on which servers listen for clients. */
export const defaultPort = 27586;

/** How a client that lost its connection gets another. */
export interface ReconnectOptions extends Backoff {
  /** Whether to keep trying also if the very first attempt fails. Default false: then `openClient` fails. */
  readonly initially?: boolean;
}

/** Where and how to connect. Without any, the server on this machine. */
export interface ClientOptions {
  /** Host name or address. Default `localhost`. */
  readonly host?: string;
  /** TCP port. Default 27586. */
  readonly port?: number;
  /** Whether to encrypt, and whom to trust. Default false. */
  readonly tls?: boolean | TlsOptions;
  /** Instead of host and port: `ws://host:27590/`, `wss://…`, `tcp://host:port` or `tls://host:port`. */
  readonly url?: string | URL;
  /** Instead of all of these: opens the line. */
  readonly transport?: Connect;
  /** This client's name, for people who read logs. Default: nine random letters. */
  readonly name?: string;
  /** The login, if the server asks for one. */
  readonly auth?: Login;
  /** Ends the client: while it opens, and later. */
  readonly signal?: AbortSignal;
  /** Whether to connect anew when the connection is lost; `true` for the default delays. Default false. */
  readonly reconnect?: boolean | ReconnectOptions;
  /** Time for connecting, greeting and login together. Default 5,000. */
  readonly initTimeoutMs?: number;
  /**
   * A connection on which nothing came for this long is asked for a sign of life, and given up after as long again.
   * 0: never. Default: 20,000 when `reconnect` is on, else 0.
   */
  readonly keepAliveMs?: number;
  /** Messages per stream that the server may send ahead of what was taken. Default 256. */
  readonly messagesAheadMax?: number;
  /** Static configuration, which entries below `:.moat.kv.config` override. Over the built-in defaults. */
  readonly config?: ConfigSections;
  /** Whether to read those entries. Default true. */
  readonly dynamicConfig?: boolean;
}

/** Options with all defaults filled in. */
export interface Settings {
  readonly connect: Connect;
  readonly name: string;
  readonly auth: Login | undefined;
  readonly signal: AbortSignal | undefined;
  readonly reconnect: ReconnectOptions | undefined;
  readonly initTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly messagesAheadMax: number;
}

/** Fills in the defaults. @throws {TypeError} If an option makes no sense */
export function settingsOf(options: ClientOptions): Settings {
  const reconnect = options.reconnect === true ? {} : options.reconnect || undefined;
  return {
    connect: options.transport ?? connectOf(options),
    name: options.name ?? randomName(),
    auth: options.auth,
    signal: options.signal,
    reconnect,
    initTimeoutMs: options.initTimeoutMs ?? 5000,
    keepAliveMs: options.keepAliveMs ?? (reconnect ? 20_000 : 0),
    messagesAheadMax: options.messagesAheadMax ?? 256,
  };
}

function connectOf(options: ClientOptions): Connect {
  if (options.url === undefined) {
    return tcp({ host: options.host ?? "localhost", port: checkPort(options.port), tls: options.tls });
  }
  if (options.host !== undefined || options.port !== undefined) {
    throw new TypeError("Give either a url, or host and port");
  }
  return connectTo(new URL(options.url), options.tls);
}

function connectTo(url: URL, tls: boolean | TlsOptions | undefined): Connect {
  const isTls = url.protocol === "tls:";
  if (url.protocol === "ws:" || url.protocol === "wss:") return webSocket(url.href, tls);
  if (url.protocol !== "tcp:" && !isTls) {
    throw new TypeError(`A url begins with ws, wss, tcp or tls, unlike ${url.href}`);
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return tcp({ host, port: url.port === "" ? defaultPort : Number(url.port), tls: isTls ? tls || true : tls });
}

function checkPort(port: number = defaultPort): number {
  if (Number.isInteger(port) && port > 0 && port < 65536) return port;
  throw new TypeError(`A port is a number from 1 to 65535, unlike ${port}`);
}

const nameLetters = "abcdefghjkmnopqrstuvwxyz23456789";

function randomName(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(9)), (byte) => nameLetters[byte % 32]).join("");
}
