/** What a server that follows the original's rules is given. */

import type { Backend, Channel } from "../../server/backend/backend.ts";
import type { ActorSettings } from "../../wire/actor/settings.ts";

/** What it is given. */
export interface RuleOptions {
  readonly name: string;
  readonly backend: Backend;
  readonly root: Channel;
  readonly nowMs: () => number;
  readonly random: () => number;
  readonly settings?: ActorSettings;
  /** How long it takes for each message. */
  readonly readMs?: number;
  /** Whether it has a state from the start (`--init`). */
  readonly isReady?: boolean;
}
