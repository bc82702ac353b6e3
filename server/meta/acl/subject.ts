/**
 * Entries that show what was at another place: the records of conflicts, `:.moat.kv.conflict.WRITER.TICK`. Whoever reads one
 * has to have the right to read its subject, too.
 *
 * @module
 */

import { KvError } from "../../../wire/errors.ts";
import { field, isMap } from "../../../wire/message/decoded_map.ts";
import { decode } from "../../../wire/msgpack/decoder.ts";
import { type ElementKey, keysOf } from "../../../wire/path/keys.ts";
import { Path } from "../../../wire/path/path.ts";
import { isConflictPath } from "../../core/conflicts.ts";
import { NO_VALUE, type ValueArena } from "../../core/values.ts";
import type { RuleBook } from "./rule_book.ts";

/**
 * Whether the value at `keys[0 … count)` shows what may not be read. A record that does not say what it is about shows
 * anything.
 */
export function isBetrayal(
  book: RuleBook,
  keys: readonly ElementKey[],
  count: number,
  values: ValueArena,
  value: number,
): boolean {
  // Nearly all entries are elsewhere.
  if (keys[0] !== ".moat" || value === NO_VALUE || count <= 3 || !isConflictPath(keys, count)) return false;
  const subject = subjectOf(values.read(value));
  return subject === undefined || book.denial("r", subject, subject.length) !== undefined;
}

function subjectOf(bytes: Uint8Array): ElementKey[] | undefined {
  try {
    const record = decode(bytes);
    const path = isMap(record) ? field(record, "path") : undefined;
    return path instanceof Path ? keysOf(path) : undefined;
  } catch (error) {
    if (error instanceof KvError) return undefined;
    throw error;
  }
}
