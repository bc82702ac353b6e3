/**
 * The options `--for TIME` and `--until DATE`: when something ends.
 *
 * @module
 */

import type { MoatCommand } from "../options.ts";

/** The options as they were given. */
export interface UntilOptions {
  readonly for?: string;
  readonly until?: string;
}

const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86400, w: 604800, y: 31557600 };

/**
 * The end, in seconds since 1970; undefined: neither option was given.
 * @throws {UsageError} If they make no sense
 */
export function untilOf(
  { for: duration, until }: UntilOptions,
  nowMs: number,
  command: MoatCommand,
): number | undefined {
  if (duration !== undefined && until !== undefined) command.refuse("'--for' and '--until' are mutually exclusive.");
  if (until !== undefined) {
    const ms = Date.parse(until);
    if (Number.isNaN(ms)) command.refuse(`'${until}' is no date such as 2027-12-31.`);
    return Math.floor(ms / 1000);
  }
  if (duration === undefined) return undefined;
  const [, count, unit] = /^(\d+)([smhdwy])$/.exec(duration) ?? command.refuse(`'${duration}' is no time such as 30d.`);
  return Math.floor(nowMs / 1000) + Number(count) * secondsOf[unit];
}
