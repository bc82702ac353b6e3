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

/** Names by a hash of their length, first and last byte: slot + 1, or 0; taken places move on to the next. */
const table = new Uint8Array(256);
const nameBytes: readonly Uint8Array[] = names.map((name) => Uint8Array.from(name, (char) => char.charCodeAt(0)));
for (let slot = 0; slot < fieldCount; slot++) {
  const name = nameBytes[slot];
  let place = hash(name[0], name[name.length - 1], name.length);
  while (table[place] !== 0) place = (place + 1) & 255;
  table[place] = slot + 1;
}

function hash(first: number, last: number, length: number): number {
  return (first * 37 + last * 5 + length * 11) & 255;
}

/** The slot of the field whose name is these bytes (at least one), −1 if it has none. */
export function matchField(bytes: Uint8Array, start: number, end: number): number {
  let place = hash(bytes[start], bytes[end - 1], end - start);
  for (; table[place] !== 0; place = (place + 1) & 255) {
    const slot = table[place] - 1;
    if (isName(nameBytes[slot], bytes, start, end)) return slot;
  }
  return -1;
}

function isName(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[start + i]) return false;
  return true;
}
