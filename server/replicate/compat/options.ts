/**
 * What the speaker to the original's servers is given beside the replicator's parts.
 *
 * @module
 */

import { type ActorSettings, deleterSettings, mainSettings } from "../../../wire/actor/settings.ts";
import type { Ticks } from "../../core/claims.ts";
import type { Incoming } from "../../core/incoming.ts";

/** What a server of the original says of its ticks (`get_state`), all at one instant. */
export interface OriginalState {
  /** Ticks in the chains of entries there. */
  readonly present: Ticks;
  /** Ticks that are in no chain any more. */
  readonly known: Ticks;
  /** Ticks in the chains of deletions that are not forgotten yet. */
  readonly deleted: Ticks;
}

/** Asks servers of the original as a client of theirs. `done` hears undefined if one cannot be asked. */
export interface OriginalAsker {
  /** Its ticks. */
  state(node: string, done: (state: OriginalState | undefined) => void): void;
  /** Everything it shows, internal entries included. */
  tree(node: string, done: (events: readonly Incoming[] | undefined) => void): void;
}

/** What can be chosen. */
export interface CompatOptions {
  /** The election of the servers. Cycle and gap also pace recovery, so they should be the network's. */
  readonly main?: ActorSettings;
  /** The election of those that purge. */
  readonly deleter?: ActorSettings;
  /** Links of a live update. */
  readonly links?: number;
  /** Cuts messages over 450 bytes into pieces: for Serf. */
  readonly cutsMessages?: boolean;
  /** `auto`: updates in the original's form are sent while it may be listening. `always`: also when it is not. */
  readonly updates?: "auto" | "always";
  /** Without one, what originals claim to be superseded is never believed. */
  readonly ask?: OriginalAsker;
}

/** The options, completed. */
export interface CompatChoices extends CompatOptions {
  readonly main: ActorSettings;
  readonly deleter: ActorSettings;
  readonly links: number;
  readonly updates: "auto" | "always";
}

/** Completes options with what is usual. */
export function choicesOf(options: CompatOptions): CompatChoices {
  return { main: mainSettings, deleter: deleterSettings, links: 5, updates: "auto", ...options };
}
