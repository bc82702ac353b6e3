/**
 * What a server can be told about servers of the original in its network.
 *
 * @module
 */

import { ConfigError } from "../config_error.ts";
import { type ActorSettings, deleterSettings, mainSettings, settingsProblem } from "../../wire/actor/settings.ts";

/** The times of an election, in seconds; the same on all servers. */
export interface ElectionOptions {
  /** About how long one server is responsible. */
  cycle?: number;
  /** How long it waits for others after it has said so. */
  gap?: number;
  /** The highest version counts everywhere. */
  version?: number;
}

/** How to live with servers of the original. */
export interface OriginalsOptions {
  /** The election of all servers; default: cycle 10, gap 2, version 0. Also the pace of repair after a split. */
  ping?: ElectionOptions;
  /** The election of those that purge; default: cycle 100, gap 10, version 1. */
  delete?: ElectionOptions;
  /** How much of an entry's history an update tells; default 5. */
  links?: number;
  /** `auto`: they get updates in their form while one may be listening. `always`: also when none is there. */
  updates?: "auto" | "always";
}

/** {@linkcode OriginalsOptions}, checked and complete. */
export interface OriginalsConfig {
  readonly main: ActorSettings;
  readonly deleter: ActorSettings;
  readonly links: number;
  readonly updates: "auto" | "always";
}

/**
 * Checks, and fills in what was not said.
 * @throws {ConfigError}
 */
export function originalsOf(options: OriginalsOptions): OriginalsConfig {
  const links = options.links ?? 5;
  if (!Number.isInteger(links) || links < 1) throw new ConfigError(`Updates tell at least 1 link, not ${links}`);
  return {
    main: settings(options.ping ?? {}, mainSettings, "The election of the servers"),
    deleter: settings(options.delete ?? {}, deleterSettings, "The election of those that purge"),
    links,
    updates: options.updates ?? "auto",
  };
}

function settings({ cycle, gap, version }: ElectionOptions, usual: ActorSettings, what: string): ActorSettings {
  const result = {
    ...usual,
    ...(cycle === undefined ? {} : { cycleMs: cycle * 1000 }),
    ...(gap === undefined ? {} : { gapMs: gap * 1000 }),
    ...(version === undefined ? {} : { version }),
  };
  const problem = settingsProblem(result);
  if (problem !== undefined) throw new ConfigError(`${what} cannot work: ${problem}`);
  return result;
}
