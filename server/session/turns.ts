/**
 * The commit cycle as a session sees it. Everything that a turn's requests changed is logged at the turn's end; only then
 * do replies leave.
 *
 * @module
 */

import type { RequestError } from "../../wire/errors.ts";
import type { Turn } from "../action/services.ts";

/** A connection with replies in the open turn. */
export interface TurnMember {
  /** The turn's changes could not be logged and are taken back: its replies become errors. */
  fail(error: RequestError): void;
  /** The turn is over: sends what there is. */
  flush(): void;
}

/** The commit cycle. */
export interface Turns extends Turn {
  /** Whether there are changes or replies that wait for the end of the turn. */
  readonly isOpen: boolean;
  /** Takes a member into the turn, which begins if none is open. */
  touch(member: TurnMember): void;
}
