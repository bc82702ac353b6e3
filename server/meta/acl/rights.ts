/**
 * What a client may do whose user has an ACL. Clients without one have no rights object, and may do everything.
 *
 * @module
 */

import type { ElementKey } from "../../../wire/path/keys.ts";
import type { AclLetter } from "./letters.ts";

export type { AclLetter };

/** What the users of one ACL may do. */
export interface Rights {
  /** The ACL's name. */
  readonly name: string;
  /** Changes whenever something may be allowed that was not, or the other way round. */
  readonly version: number;
  /**
   * Refuses what is not allowed at `keys[0 … count)`.
   * @throws {RequestError} With code `acl`, the deciding rule and the letter that it lacks
   */
  check(letter: AclLetter, keys: readonly ElementKey[], count: number): void;
  /** Whether it is allowed. */
  may(letter: AclLetter, keys: readonly ElementKey[], count: number): boolean;
}
