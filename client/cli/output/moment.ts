/**
 * ISO text → timestamp.
 *
 * @module
 */

import { Timestamp } from "../../../wire/value.ts";

const form = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?\s*(Z|[-+]\d\d(?::?\d\d)?)?$/;

/**
 * Reads `2026-01-02T03:04:05.5Z`. Without a zone it is UTC.
 * @throws {SyntaxError} If it is no time
 */
export function momentOf(text: string): Timestamp {
  const match = form.exec(text.trim());
  const [, day, time, fraction = "", zone = "Z"] = match ?? [];
  const ms = match ? Date.parse(`${day}T${time}${zone.length === 3 ? `${zone}:00` : zone}`) : NaN;
  if (Number.isNaN(ms)) throw new SyntaxError(`${text} is no time such as 2026-01-02T03:04:05Z`);
  return new Timestamp(BigInt(ms / 1000), Number(fraction.padEnd(9, "0")));
}
