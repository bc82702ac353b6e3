/**
 * The place that a value is checked or converted for.
 *
 * @module
 */

import { type ElementKey, elementOf } from "../../wire/path/keys.ts";
import { Path } from "../../wire/path/path.ts";
import type { Store } from "../core/store.ts";
import type { ProgramContext } from "./sandbox/program.ts";
import type { StoredProgram } from "./stored_program.ts";

/** The place of a value. */
export interface Target {
  readonly store: Store;
  /** The path. */
  readonly keys: readonly ElementKey[];
  /** How many keys there are. */
  readonly count: number;
}

/** What is told to a program: only what it looks at, because telling costs more than a check. */
export function contextOf(
  program: StoredProgram,
  target: Target | undefined,
  records: () => Pick<ProgramContext, "data" | "match" | "conv">,
): ProgramContext | undefined {
  const { wantsEntry, wantsRecords } = program;
  if (!wantsEntry && !wantsRecords) return undefined;
  return { ...(wantsRecords ? records() : {}), ...(wantsEntry && target !== undefined ? entryOf(target) : {}) };
}

/** The path of a target. */
export function pathOf({ keys, count }: Target): Path {
  return Path.of(...keys.slice(0, count).map(elementOf));
}

function entryOf(target: Target): Pick<ProgramContext, "path" | "old"> {
  const { store, keys, count } = target;
  const entry = store.find(keys, count);
  const path = pathOf(target);
  return entry?.hasValue ? { path, old: store.values.read(entry.value) } : { path };
}
