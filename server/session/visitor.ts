/**
 * Who a connection belongs to, and what follows from that.
 *
 * @module
 */

import type { Services } from "../action/services.ts";
import type { Identity } from "../auth/identity.ts";
import type { Rights } from "../meta/acl/rights.ts";
import type { Conversion } from "../meta/conversion.ts";

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
