/**
 * What a server can be told, what it assumes when it is told nothing, and the checks in between. Seconds and
 * megabytes end here: everything behind this file has its unit in its name.
 *
 * @module
 */

import type { Value } from "../wire/value.ts";
import { ConfigError } from "./config_error.ts";
import { type BrokerOptions, type NetworkConfig, networkOf, type SerfOptions } from "./network/network_config.ts";
import {
  type ElectionOptions,
  type OriginalsConfig,
  originalsOf,
  type OriginalsOptions,
} from "./network/originals_options.ts";
import type { FsyncPolicy } from "./persist/surroundings.ts";
import type { PeerOptions } from "./replicate/peer_options.ts";

export { ConfigError };
export type { BrokerOptions, ElectionOptions, FsyncPolicy, NetworkConfig, OriginalsOptions, PeerOptions, SerfOptions };

/** Where clients connect by TCP. */
export interface ListenOptions {
  /** Address to bind; default `127.0.0.1`. */
  host?: string;
  /** Default 27586; a default port that is taken becomes the next free one. 0: any free one. */
  port?: number;
  /** Makes it a TLS port. */
  tls?: ListenTls;
}

/** Certificates of a TLS port, in PEM form (the text, not a file name). */
export interface ListenTls {
  /** The certificate chain. */
  cert: string;
  /** Its key. */
  key: string;
  /**
   * The authority of client certificates: whoever shows one with the name (CN) of a user of the login method in use has
   * logged in as that user.
   */
  clientCa?: string;
  /** Whether nobody comes in without one. Default false: the others log in as usual. */
  clientRequired?: boolean;
}

/** Where HTTP and WebSocket are served. */
export interface WebOptions {
  /** Address to bind; default `127.0.0.1`. */
  host?: string;
  /** Default 27590; a default port that is taken becomes the next free one. 0: any free one. */
  port?: number;
  /** Certificate chain and key in PEM form: makes it HTTPS. */
  tls?: { cert: string; key: string };
  /** Origins besides the server's own whose pages may open a WebSocket, such as `https://home.example`. */
  origins?: readonly string[];
}

/** What {@linkcode startServer} takes. Everything has a default. */
export interface ServerOptions {
  /** Node name; default: the host's name. */
  name?: string;
  /** Ports for clients; default: one on 127.0.0.1:27586. */
  listen?: readonly ListenOptions[];
  /** HTTP and WebSocket port; `false`: none. */
  web?: WebOptions | false;
  /** State directory; `false`: memory only. Default: `$XDG_STATE_HOME/moat/kv/NAME`. */
  data?: string | false;
  /** Default `everysec`. */
  fsync?: FsyncPolicy;
  /** State files to load before serving, in this order. */
  load?: readonly string[];
  /** What is loaded is complete: changes that it lacks are taken as superseded, not as missing. */
  authoritative?: boolean;
  /** Value of the root entry; starts a new network. A node that already has state keeps it. */
  init?: Value;
  /** Have nothing to do with other servers: no broker is looked for, none is offered. */
  alone?: boolean;
  /** Never start a new network: wait for another server, and fail if no broker answers. A node with state just starts. */
  join?: boolean;
  /** From now on nobody has to log in, on all servers: for those who have lost their last password. */
  unlock?: boolean;
  /** How servers reach each other; `false`: they do not, as with `alone`. */
  broker?: BrokerOptions | false;
  /** A Serf agent, in place of a broker. */
  serf?: SerfOptions;
  /** How to copy from other servers. */
  peers?: PeerOptions;
  /** How to live with servers of the original (Python) in the same network. */
  originals?: OriginalsOptions;
  /** First topic levels of the servers' own messages; default `moat.kv`. */
  root?: string;
  /** Messages of one stream that may be sent without being acknowledged; default 10. */
  window?: number;
  /** Receives one line of text for the person who started it; default: nobody. */
  report?: (line: string) => void;
  /** Called now and then while state is read: bytes so far, of how many if that is known. */
  progress?: (bytes: number, bytesTotal?: number) => void;
  /** Stops waiting (for a first peer, for instance). */
  signal?: AbortSignal;
}

/** {@linkcode ServerOptions}, checked and complete. */
export interface ServerConfig {
  readonly name: string;
  readonly listen: readonly ListenerConfig[];
  readonly web: WebConfig | undefined;
  readonly data: string | undefined;
  readonly fsync: FsyncPolicy;
  readonly load: readonly string[];
  readonly init: Value | undefined;
  readonly authoritative: boolean;
  readonly alone: boolean;
  readonly join: boolean;
  readonly unlock: boolean;
  readonly network: NetworkConfig;
  readonly peers: PeerOptions;
  readonly originals: OriginalsConfig;
  readonly root: string;
  readonly window: number;
  readonly report: (line: string) => void;
  readonly progress: (bytes: number, bytesTotal?: number) => void;
  readonly signal: AbortSignal | undefined;
}

/** One TCP or TLS port. */
export interface ListenerConfig {
  readonly host: string;
  readonly port: number;
  /** The port was not asked for, so another one will do. */
  readonly portIsDefault: boolean;
  readonly tls: Readonly<ListenTls> | undefined;
}

/** The HTTP port. */
export interface WebConfig {
  readonly host: string;
  readonly port: number;
  /** The port was not asked for, so another one will do. */
  readonly portIsDefault: boolean;
  readonly origins: readonly string[];
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
}

/** Port for clients. */
export const clientPort = 27586;

/** Port for HTTP and WebSocket. */
export const webPort = 27590;

/** Where a node of this name keeps its state if it is not told. */
export function defaultDataDirectory(name: string): string {
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE") ?? ".";
  const state = Deno.env.get("XDG_STATE_HOME") || `${home}/.local/state`;
  return `${state}/moat/kv/${name}`;
}

/**
 * Checks what was asked for and fills in the rest.
 * @throws {ConfigError} That names the option and what would do
 */
export function readConfig(options: ServerOptions): ServerConfig {
  const name = options.name ?? Deno.hostname();
  checkName(name);
  const window = options.window ?? 10;
  // With 1…3 the original's clients wait for acknowledgements that are never due.
  if (!Number.isInteger(window) || window < 4) throw new ConfigError(`window must be an integer from 4, not ${window}`);
  const fsync = options.fsync ?? "everysec";
  if (fsync !== "always" && fsync !== "everysec" && fsync !== "no") {
    throw new ConfigError(`fsync must be always, everysec or no, not ${fsync}`);
  }
  return {
    name,
    listen: (options.listen ?? [{}]).map(listener),
    web: options.web === false ? undefined : web(options.web ?? {}),
    data: options.data === false ? undefined : options.data ?? defaultDataDirectory(name),
    fsync,
    load: options.load ?? [],
    init: options.init,
    authoritative: options.authoritative ?? false,
    alone: options.alone ?? false,
    join: options.join ?? false,
    unlock: options.unlock ?? false,
    network: networkOf(options, port),
    peers: options.peers ?? {},
    originals: originalsOf(options.originals ?? {}),
    root: options.root ?? "moat.kv",
    window,
    report: options.report ?? (() => {}),
    progress: options.progress ?? (() => {}),
    signal: options.signal,
  };
}

function checkName(name: string): void {
  // It becomes a directory, and `~` starts the random part of a writer name.
  if (name === "" || name === "." || name === ".." || /[/\\\0~]/.test(name)) {
    throw new ConfigError(`A node name must not be empty or contain / \\ ~, but is ${JSON.stringify(name)}`);
  }
}

function listener(options: ListenOptions): ListenerConfig {
  return {
    host: options.host ?? "127.0.0.1",
    port: port(options.port ?? clientPort),
    portIsDefault: options.port === undefined,
    tls: options.tls,
  };
}

function web(options: WebOptions): WebConfig {
  return {
    host: options.host ?? "127.0.0.1",
    port: port(options.port ?? webPort),
    portIsDefault: options.port === undefined,
    origins: options.origins ?? [],
    tls: options.tls,
  };
}

function port(value: number): number {
  if (!Number.isInteger(value) || value < 0 || value > 65535) {
    throw new ConfigError(`A port is an integer from 0 to 65535, not ${value}`);
  }
  return value;
}
