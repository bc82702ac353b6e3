/**
 * What a client may do whose user has an ACL. Clients without one have no rights object, and may do everything.
 *
 * @module
 */

import { AclError } from "../../../wire/errors.ts";
import type { ElementKey } from "../../../wire/path/keys.ts";
import type { AclLetter } from "./letters.ts";
import type { Rule } from "./rule.ts";
import type { Denial, RuleBook, WritePlace } from "./rule_book.ts";

export type { AclLetter, RuleBook, WritePlace };

/** Hears that the rules are others now. `changed` are those that came, went or are different. */
export type RightsListener = (before: RuleBook, changed: readonly (readonly ElementKey[])[]) => void;

/** What the users of one ACL may do. */
export interface Rights {
  /** The ACL's name. */
  readonly name: string;
  /** Changes whenever something may be allowed that was not, or the other way round. */
  readonly version: number;
  /** The rules as they are now. */
  readonly book: RuleBook;
  /**
   * Refuses what is not allowed at `keys[0 … count)`.
   * @throws {AclError} With the deciding rule and the letter that it lacks
   */
  check(letter: AclLetter, keys: readonly ElementKey[], count: number): void;
  /** Whether it is allowed. */
  may(letter: AclLetter, keys: readonly ElementKey[], count: number): boolean;
  /**
   * Refuses to set, or to take away, a value where that is not allowed: `w` where there is one, else `c`, and on the way `x`
   * through what is there and `n` for what has to be made.
   * @throws {AclError} As above
   */
  checkWrite(keys: readonly ElementKey[], count: number, place: WritePlace): void;
  /** From now on `listener` hears of changes, until the returned function is called. */
  onChange(listener: RightsListener): () => void;
}

/** The refusal, in the original's words: `(<AclEntry:[None, 'acl', 'joe', 'wom', '#'] ='xc'>, 'w')`. */
export function refusalOf({ rule, letter }: { rule: Rule | undefined; letter: AclLetter }): AclError {
  return new AclError(`(${rule ?? "None"}, '${letter}')`);
}

/** Throws it, if there is one. */
export function refuse(denial: Denial | undefined): void {
  if (denial !== undefined) throw refusalOf(denial);
}
