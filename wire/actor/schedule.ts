/**
 * When a member pings next, as a multiple of the gap after one cycle: those that have been it for longest come first, so
 * that pings go round; others wait long enough to be heard only if the members of the history are gone.
 *
 * Source: `spec/server-protocol.md` 4.3, table "Next ping time". With two members, pings alternate every 10 + 2·0.875 s.
 *
 * @module
 */

import type { ActorValue } from "./message.ts";
import type { ActorSettings } from "./settings.ts";

/** What the time of the next ping depends on. */
export interface Standing {
  readonly self: string;
  readonly history: readonly string[];
  readonly values: ReadonlyMap<string, ActorValue>;
  readonly settings: ActorSettings;
  /** 0 ≤ random() < 1. */
  readonly random: () => number;
}

/** How many gaps after `cycle` the next ping is due. */
export function pingDelayGaps(standing: Standing): number {
  const { self, history, values, settings, random } = standing;
  if (history.length === 0) return 1.9 - random() / 5;
  if (history[0] === self) return 2;
  const firstReady = history.findIndex((name) => (values.get(name) ?? null) !== null);
  if (firstReady >= history.length / 2 && firstReady > 0) return 2 + random() / 3;
  const place = history.indexOf(self) + 1;
  if (place > 0) return 1 - 2 ** -(history.length - place + 3);
  if (settings.forceIn) return random() / 4;
  return random() < entryChance(history.length, values.size, settings) ? random() / 3 : 1.5 + random() / 2;
}

/** The chance of one who is not in the history to push in. */
function entryChance(length: number, known: number, settings: ActorSettings): number {
  const total = Math.max(known, settings.hosts, 1);
  if (settings.historyMax <= 0) return 1 / total;
  const open = settings.historyMax - length;
  return 1 / ((open > 0 ? open : total) * total);
}
