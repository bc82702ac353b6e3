/**
 * Tables for people.
 *
 * @module
 */

/** A line for each row; columns stand below each other, two spaces apart. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((text, i) => widths[i] = Math.max(widths[i] ?? 0, text.length));
  return rows.map((row) => row.map((text, i) => text.padEnd(widths[i])).join("  ").trimEnd());
}
