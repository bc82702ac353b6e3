/**
 * A connection as a session sees it, whatever carries it: TCP, TLS, WebSocket, or two ends in memory (tests).
 *
 * @module
 */

import type { MessageReader } from "../../wire/msgpack/chunks.ts";

/** Where a connection comes from. `websocket` may not name files on the server. */
export type DuplexKind = "tcp" | "tls" | "websocket" | "memory";

/** One connection. Neither method is called while the same one is under way. */
export interface Duplex {
  readonly kind: DuplexKind;
  /** The peer's address, for people. */
  readonly peer: string;
  /** The name (CN) in the certificate that the peer showed, if the server asked for one and it is good. */
  readonly certificateName?: string;
  /** Puts the next bytes into `reader`. False: the peer sends no more, or the connection is gone. */
  receive(reader: MessageReader): Promise<boolean>;
  /**
   * Hands `bytes` to the system and resolves to the number of those that it took, at least one; never, if the peer does
   * not read. They must not change meanwhile. Rejects if the connection is gone.
   */
  send(bytes: Uint8Array): Promise<number>;
  /** Ends both directions, at once. Pending calls return or throw. */
  close(): void;
}
