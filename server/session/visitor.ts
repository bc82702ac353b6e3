/**
 * Who a connection belongs to, and what follows from that.
 *
 * @module
 */

import { ProtocolError } from "../../wire/errors.ts";
import type { Services } from "../action/services.ts";
import type { Identity } from "../auth/identity.ts";
import type { Rights } from "../meta/acl/rights.ts";
import type { Conversion } from "../meta/conversion.ts";

/** Bytes of a message of somebody who has to log in first; a login is short. */
const strangerBytesMax = 64 * 1024;

/** See the module. */
export class Visitor {
  /** Who it is; undefined: nobody has logged in. */
  identity: Identity | undefined;
  /** What it may do; undefined: everything. */
  rights: Rights | undefined;
  /** How the values that it sees differ from what is stored; undefined: not at all. */
  conversion: Conversion | undefined;
  /** Whether it has to log in before anything else. */
  needsLogin = false;
  /** The key that it shares with the server, once they exchanged one. */
  sharedKey: Uint8Array | undefined;

  /** @param services What rights and conversions come from */
  constructor(protected readonly services: Services) {}

  /** Looks at the length of a message that has not arrived in full. @throws {ProtocolError} If a stranger's is too long */
  checkLength(bytes: number): void {
    if (!this.needsLogin || bytes <= strangerBytesMax) return;
    throw new ProtocolError("A message before the login is too long", strangerBytesMax);
  }

  /** It has logged in. */
  become(identity: Identity): void {
    const { meta, auth } = this.services;
    this.identity = identity;
    this.rights = meta.rights(identity.aclName);
    this.conversion = meta.conversion(identity.convGroup);
    this.needsLogin = false;
    auth.connections.watchClock();
  }
}
