/**
 * What a server can be told about copying from others.
 *
 * @module
 */

import type { Login } from "../../client/login.ts";
import type { TlsOptions } from "../../client/transports/transport.ts";

export type { Login, TlsOptions };

/** How a server that has no state copies it from others. */
export interface PeerOptions {
  /** Nodes to copy from before serving: names, `HOST` or `HOST:PORT`. */
  from?: readonly string[];
  /** The login, if they ask for one. */
  auth?: Login;
  /** Encryption towards them: for addresses that do not say by themselves that they are encrypted. */
  tls?: boolean | TlsOptions;
  /** Where clients of a node connect, by its name, if it does not say: `[host, port]`. */
  hostmap?: Readonly<Record<string, readonly [host: string, port: number]>>;
  /** Added to host names without a dot. */
  domain?: string;
  /** What this server is reached at by servers of the original, in place of what it listens at: `[host, port]`. */
  announce?: readonly [host: string, port: number];
}
