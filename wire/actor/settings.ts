/**
 * What the members of an election agree on. It travels as `vers`; the highest version wins.
 *
 * Source: `spec/server-protocol.md` 4.2.
 *
 * @module
 */

/** The settings of one election. */
export interface ActorSettings {
  /** About how long one member is "it". */
  readonly cycleMs: number;
  /** How long a member waits for a collision after its ping. */
  readonly gapMs: number;
  /** Names kept in the history; 0 or less: no limit. */
  readonly historyMax: number;
  /** Names sent with a ping: as many as sides that a network may fall apart into. */
  readonly splits: number;
  /** A guess at the number of members, for the chance to get into a full history. */
  readonly hosts: number;
  /** Raised with every change. */
  readonly version: number;
  /** Whether a member that is out of the history pushes itself in. */
  readonly forceIn: boolean;
}

/** The election of the servers: who is responsible for housekeeping. */
export const mainSettings: ActorSettings = {
  cycleMs: 10_000,
  gapMs: 2_000,
  historyMax: 5,
  splits: 4,
  hosts: 10,
  version: 0,
  forceIn: false,
};

/** The election of those that may purge deletions in networks of the original. */
export const deleterSettings: ActorSettings = { ...mainSettings, cycleMs: 100_000, gapMs: 10_000, version: 1 };

/** Why these settings cannot work, or undefined. The bounds are those of the original of 2025, which dies otherwise. */
export function settingsProblem(settings: ActorSettings): string | undefined {
  const { cycleMs, gapMs, splits, version } = settings;
  if (!(cycleMs >= 100)) return `the cycle must be at least 0.1 s: ${cycleMs / 1000} s given`;
  if (!(gapMs >= 10)) return `the gap must be at least 0.01 s: ${gapMs / 1000} s given`;
  if (cycleMs < 3 * gapMs) {
    return `the cycle must be at least three gaps: ${cycleMs / 1000} s and ${gapMs / 1000} s given`;
  }
  if (!Number.isInteger(splits) || splits < 1) return `splits must be a positive integer: ${splits} given`;
  if (!Number.isInteger(version) || version < 0) return `the version must be an integer from 0: ${version} given`;
  return undefined;
}
