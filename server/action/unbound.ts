/**
 * What only those may do who are bound by no ACL, where that depends on the request, or may have changed while it waited. For
 * whole actions the table says it.
 *
 * @module
 */

import { AclError } from "../../wire/errors.ts";
import type { Call } from "./call.ts";

/** Refuses whoever is bound by an ACL. @throws {AclError} */
export function requireUnbound(call: Call): void {
  if (call.client.rights !== undefined) throw forUnboundOnly(call.request.action);
}

/** The refusal. */
export function forUnboundOnly(action: string): AclError {
  return new AclError(`'${action}' is for users without an ACL`);
}
