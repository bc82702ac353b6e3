/**
 * What carries bytes between a client and a server. One file per kind; everything above sees this interface alone.
 *
 * @module
 */

import type { MessageReader } from "../../wire/msgpack/chunks.ts";

/** An open duplex of bytes. */
export interface Transport {
  /** Where it leads, for messages: `tcp://localhost:27586`. */
  readonly address: string;
  /**
   * Waits for bytes and hands them to `reader`; false once the other side has ended.
   * @throws {Error} If the line broke
   */
  read(reader: MessageReader): Promise<boolean>;
  /** Writes all of `bytes`, which hold whole messages and may be reused once the promise is fulfilled. */
  write(bytes: Uint8Array): Promise<void>;
  /** Closes both directions at once; a read under way ends. May be called again. */
  close(): void;
}

/**
 * Opens a transport.
 * @throws {ConnectionError} If nobody answers there; `signal` ends the attempt
 */
export type Connect = (signal: AbortSignal) => Promise<Transport>;

/** TLS towards the server: `true` trusts what the runtime trusts. */
export interface TlsOptions {
  /** Certificates (PEM) of the authorities to trust instead. */
  readonly caCerts?: readonly string[];
  /** The name that the server's certificate must have, if it is not the host's. Not in every runtime. */
  readonly serverName?: string;
  /** A certificate (PEM, with its chain) by which this client shows who it is, if the server asks. Not in browsers. */
  readonly cert?: string;
  /** Its key (PEM). */
  readonly key?: string;
}

/** Where a server listens. */
export interface Address {
  /** Host name or IP address. */
  readonly host: string;
  /** TCP port. */
  readonly port: number;
  /** Whether the line is encrypted. */
  readonly tls?: boolean | TlsOptions;
}
