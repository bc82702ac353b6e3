/**
 * Who a connection belongs to, once it has logged in.
 *
 * @module
 */

import type { UserRecord } from "./method.ts";

/** A logged-in user. What it may do hangs on {@linkcode Identity.aclName}. */
export interface Identity {
  /** How it logged in: `password`, `token`, … */
  readonly method: string;
  /** The user's name; of a token, the token's. */
  readonly user: string;
  /** The ACL it is bound by; undefined or `*`: none, so it may do everything. */
  readonly aclName: string | undefined;
  /** The group of codecs that its values pass; undefined: none. */
  readonly convGroup: string | undefined;
  /** When this ends, in ms since 1970; undefined: never. */
  readonly untilMs?: number;
  /** The record that the user's secret was compared with; left out: nobody asked for a secret, as there was a certificate. */
  readonly proof?: UserRecord;
}
