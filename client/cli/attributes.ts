/**
 * The options `-v PATH TEXT`, `-e PATH EXPR` and `-p PATH PATH`, which change parts of a value. PATH is a place within
 * the value; `:` is the value itself.
 *
 * Source: `spec/cli.md` 1.5. First all `-v` apply, then all `-e`, then all `-p`.
 *
 * @module
 */

import type { Path } from "../../wire/path/path.ts";
import { parsePath } from "../../wire/path/parse.ts";
import type { Value } from "../../wire/value.ts";
import { evaluate } from "./expression.ts";
import { changeAt, combine } from "./mapping.ts";
import type { Pair } from "./option_kinds.ts";
import type { MoatCommand } from "./options.ts";

/** The options as they were given. */
export interface AttributeOptions {
  readonly var?: readonly Pair[];
  readonly eval?: readonly Pair[];
  readonly path?: readonly Pair[];
}

/** What one option does at its place. */
export type Change =
  | { readonly place: Path; readonly kind: "set"; readonly value: Value }
  /** `-e PATH -`: nothing is there any more. */
  | { readonly place: Path; readonly kind: "remove" }
  /** `-e PATH /`: the variable is no longer listed; only where there is a list. */
  | { readonly place: Path; readonly kind: "forget" };

/** Adds the three options to a command. */
export function attributeOptions(command: MoatCommand): MoatCommand {
  return command
    .pairs("-v, --var <path> <text>", "set a part of the value to a text; ':' is the whole value")
    .pairs("-e, --eval <path> <expr>", "set a part to a Python literal such as 42, True, [1,2]; '-' removes it")
    .pairs("-p, --path <path> <path>", "set a part to a path");
}

/** Reads the options, in the order in which they apply. */
export function attributeChanges(options: AttributeOptions): Change[] {
  return [
    ...(options.var ?? []).map(([place, value]): Change => ({ place: parsePath(place), kind: "set", value })),
    ...(options.eval ?? []).map(([place, text]) => evalChange(parsePath(place), text)),
    ...(options.path ?? []).map(([place, text]): Change => ({
      place: parsePath(place),
      kind: "set",
      value: parsePath(text),
    })),
  ];
}

/** What the changes need and how they go together. */
export interface AttributePlan {
  readonly changes: readonly Change[];
  /** The whole value is replaced, so nobody needs to read the present one. */
  readonly whole: boolean;
}

/**
 * Checks that the changes go together.
 * @throws {UsageError} If the whole value is set and something else too, or a `/` is given
 */
export function planAttributes(options: AttributeOptions, command: MoatCommand): AttributePlan {
  const changes = attributeChanges(options);
  const whole = changes.filter((change) => change.place.length === 0).length;
  if (whole > 1 || whole === 1 && changes.length > 1) command.refuse("Setting a single value conflicts.");
  if (changes.some((change) => change.kind === "forget")) command.refuse("A slash value doesn't work here.");
  return { changes, whole: whole === 1 };
}

/**
 * `value` with the changes; `undefined` if nothing is left of it. A value that has no keys makes way for a mapping.
 * @throws {MappingError} If a place leads through something that has no keys
 */
export function applyChanges(value: Value | undefined, changes: readonly Change[]): Value | undefined {
  let left = value;
  for (const change of changes) {
    const whole = change.place.length === 0;
    left = changeAt(left, change.place.elements, (old) => {
      if (change.kind !== "set") return undefined;
      return whole ? change.value : combine(old, change.value);
    });
    if (left === undefined && !whole) left = {};
  }
  return left;
}

function evalChange(place: Path, text: string): Change {
  if (text === "-") return { place, kind: "remove" };
  if (text === "/") return { place, kind: "forget" };
  return { place, kind: "set", value: evaluate(text) };
}
