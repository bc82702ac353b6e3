/**
 * A way to log in. Each has a file of its own in this folder; all have this interface.
 *
 * @module
 */

import type { Value } from "../../wire/value.ts";

/** What is stored of a user. */
export type UserRecord = { readonly [field: string]: Value };

/** What a client shows, to log in or to store. */
export interface Shown {
  /** The user's name. */
  readonly ident: string;
  /** A field of the request. */
  field(name: string): Value | undefined;
  /** Opens a field that was sent encrypted. @throws {RequestError} If there is no key yet, or it is another one */
  boxed(name: string): Promise<Uint8Array>;
}

/** A way to log in. */
export interface Method {
  /** Its name, on the wire and in the tree. */
  readonly name: string;
  /**
   * Checks what is shown. Takes as long, and says the same, if there is no such user.
   * @returns A better record to store in place of this one, if there is one
   * @throws {RequestError} If it does not prove the user
   */
  verify(record: UserRecord | undefined, shown: Shown): Promise<UserRecord | undefined>;
  /**
   * Makes the record of a user.
   * @param old What is there
   * @throws {RequestError} If what is shown will not do
   */
  record(old: UserRecord | undefined, shown: Shown): Promise<UserRecord>;
  /** What of a record everybody may see who may see users at all. */
  publicFields(record: UserRecord): UserRecord;
  /** When a login with that record ends, in ms since 1970; undefined: never. */
  untilMs?(record: UserRecord): number | undefined;
  /**
   * Whether two records of a user are of the same secret: a login lasts as long as they are. Left out: there is no secret.
   * @throws {RequestError} If that cannot be told
   */
  isSameSecret?(before: UserRecord, now: UserRecord): boolean | Promise<boolean>;
}
