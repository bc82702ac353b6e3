/**
 * Durations for people: `22 hr 50 min 6.0 sec`.
 *
 * @module
 */

const units: readonly (readonly [seconds: number, name: string])[] = [
  [365 * 86_400, "yr"],
  [30 * 86_400, "mo"],
  [7 * 86_400, "wk"],
  [86_400, "dy"],
  [3600, "hr"],
  [60, "min"],
];

/**
 * Prints a duration; less than a tenth of a second is `now`.
 * @param seconds May be negative
 * @param partsMax How many units are printed at most, the largest first
 */
export function humanDelta(seconds: number, partsMax = Infinity): string {
  const parts: string[] = [];
  let rest = Math.abs(seconds);
  for (const [size, name] of units) {
    if (rest < size) continue;
    parts.push(`${Math.floor(rest / size)} ${name}`);
    rest %= size;
  }
  if (rest >= 0.1) parts.push(`${rest.toFixed(1)} sec`);
  if (parts.length === 0) return "now";
  return (seconds < 0 ? "-" : "") + parts.slice(0, partsMax).join(" ");
}
