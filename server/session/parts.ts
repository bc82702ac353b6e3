/**
 * What all sessions of a server share.
 *
 * @module
 */

import type { Services } from "../action/services.ts";
import type { Fanout } from "./fanout.ts";
import type { Slicer } from "./slicer.ts";
import type { TokenIssuer } from "./token.ts";
import type { Turns } from "./turns.ts";

/** What all sessions of a server share. */
export interface SessionParts {
  readonly services: Services;
  readonly turns: Turns;
  readonly slicer: Slicer;
  readonly fanout: Fanout;
  readonly tokens: TokenIssuer;
  /** Messages of a stream that may be sent without being acknowledged; the client may ask for fewer. */
  readonly window: number;
  /** The program's version, as the greeting tells it. */
  readonly version: readonly number[];
  /** Hears of errors that are the server's own fault. */
  defect(error: unknown): void;
}
