/**
 * What a server says first.
 *
 * @module
 */

import { ProtocolError } from "../wire/errors.ts";
import type { Value } from "../wire/value.ts";
import { numberOf, type Reply, textOf } from "./reply.ts";

/** A server's greeting. */
export interface Greeting {
  /** The server's node name. */
  readonly node: string;
  /** Its version, for information. */
  readonly version: readonly number[];
  /** Its change counter. */
  readonly tick: number;
  /** The network's counter. */
  readonly tock: number;
  /** Messages of a stream that may be under way without an answer; 0: no flow control. */
  readonly qlen: number;
  /** The login method that is asked for, if any. */
  readonly authMethod: string | undefined;
  /** All methods that the server knows users of, and the one that it asks for. */
  readonly authMethods: readonly string[];
  /** The whole message. */
  readonly message: Reply;
}

/**
 * Reads a greeting.
 * @throws {ProtocolError} If it is none
 */
export function greetingOf(message: Reply): Greeting {
  const node = textOf(message.node);
  if (node === undefined) throw new ProtocolError("The first message is not a server's greeting", 0);
  const auth: readonly Value[] = Array.isArray(message.auth) ? message.auth : [];
  return {
    node,
    version: Array.isArray(message.version) ? message.version.map(Number) : [],
    tick: numberOf(message.tick),
    tock: numberOf(message.tock),
    qlen: numberOf(message.qlen),
    authMethod: textOf(auth[0]),
    authMethods: auth.filter((method) => typeof method === "string"),
    message,
  };
}
