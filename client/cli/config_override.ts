/**
 * Options that override the configuration: `-C path=value`, and at the top `-v`, `-e`, `-p`.
 *
 * @module
 */

import { parsePath } from "../../wire/path/parse.ts";
import { Path } from "../../wire/path/path.ts";
import type { Value } from "../../wire/value.ts";
import { attributeChanges, type AttributeOptions } from "./attributes.ts";
import { configDefaults } from "./config_defaults.ts";
import { evaluate, ExpressionError } from "./expression.ts";
import { CommandError } from "./errors.ts";
import { isMapping } from "./mapping.ts";

/** One place of the configuration and its value; `undefined` removes it. */
export interface Override {
  readonly path: Path;
  readonly value: Value | undefined;
}

/**
 * Reads `-C path=value`: the value is a Python literal if it can be read as one, else a text; without `=` the place is
 * removed.
 * @param belowKv Whether the option stands behind `kv`: then paths are relative to `kv`
 */
export function confOverride(text: string, belowKv: boolean): Override {
  const at = text.indexOf("=");
  const path = fullPath(parsePath(at < 0 ? text : text.slice(0, at)), belowKv);
  return { path, value: at < 0 ? undefined : literalOrText(text.slice(at + 1)) };
}

/** Reads `-v PATH TEXT`, `-e PATH EXPR` and `-p PATH PATH`, which stand before `kv`. */
export function attributeOverrides(options: AttributeOptions): Override[] {
  return attributeChanges(options).map((change) => {
    if (change.kind === "forget") throw new CommandError("Error: A slash value doesn't work here.", 2);
    return { path: fullPath(change.place, false), value: change.kind === "set" ? change.value : undefined };
  });
}

/**
 * The path from the root of the configuration: `kv.conn.host`, also given as `conn.host` (behind `kv` any path that
 * does not begin with `kv`; before it what names a section of `kv`). `connect` is the old name of `conn`.
 */
function fullPath(path: Path, belowKv: boolean): Path {
  const { kv, ...others } = configDefaults();
  const first = path.at(0);
  const isSection = typeof first === "string" && !Object.hasOwn(others, first) &&
    (first === "connect" || isMapping(kv) && Object.hasOwn(kv, first));
  const full = first !== "kv" && (belowKv || isSection) ? Path.of("kv").concat(path) : path;
  return full.at(1) === "connect" ? Path.of("kv", "conn").concat(full.slice(2)) : full;
}

function literalOrText(text: string): Value {
  try {
    return evaluate(text);
  } catch (error) {
    if (error instanceof ExpressionError) return text;
    throw error;
  }
}
