/**
 * The names of request fields, found by their bytes.
 *
 * @module
 */

/** The fields that have a slot of their own; at most 31, because a bit mask says which are there. */
const names = [
  "seq",
  "action",
  "path",
  "value",
  "chain",
  "prev",
  "nchain",
  "idem",
  "state",
  "ack",
  "wseq",
  "qlen",
  "task",
  "fetch",
  "min_depth",
  "max_depth",
  "empty",
  "node",
  "tick",
  "tock",
  "typ",
  "ident",
  "kind",
  "data",
  "topic",
  "raw",
  "tokens",
  "token",
  "full",
  "with_data",
  "error",
] as const;

/** A field with a slot. */
export type FieldName = typeof names[number];

/** The number of slots. */
export const fieldCount: number = names.length;

/** The slot of each field. */
export const slots: Readonly<Record<FieldName, number>> = Object.fromEntries(
  names.map((name, slot) => [name, slot]),
) as Record<FieldName, number>;

const byName: ReadonlyMap<string, number> = new Map(names.map((name, slot) => [name, slot]));

/** The slot of a field, −1 if it has none. */
export function fieldSlot(name: string): number {
  return byName.get(name) ?? -1;
}

/** The slot of the field whose name is these bytes, −1 if it has none. */
export function matchField(bytes: Uint8Array, start: number, end: number): number {
  for (let slot = 0; slot < fieldCount; slot++) if (isName(names[slot], bytes, start, end)) return slot;
  return -1;
}

function isName(name: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}
