/**
 * Compares a configuration with the defaults: wrong kinds of values are errors, unknown keys are worth a word.
 *
 * @module
 */

import { Path } from "../../wire/path/path.ts";
import { Float, type Value } from "../../wire/value.ts";
import { configDefaults } from "./config_defaults.ts";
import { entriesOf, isMapping } from "./mapping.ts";
import { nearest } from "./suggest.ts";

/** Something that is wrong. */
export interface ConfigProblem {
  readonly place: readonly string[];
  readonly text: string;
  /** Whether the program cannot go on. */
  readonly fatal: boolean;
}

/** Keys that have no default. */
const more = ["connect", "ca", "cert", "key", "url", "data", "fsync", "web", "user", "password", "embedded"];

/** Sections whose keys are anybody's. */
const open = new Set(["logging", "kv.hostmap", "kv.server", "kv.server.bind"]);

/** What is wrong with `value`, the configuration or what was read of it. */
export function checkConfig(value: Value): ConfigProblem[] {
  return [...problems(configDefaults(), value, [])];
}

function* problems(model: Value, value: Value, place: readonly string[]): Generator<ConfigProblem> {
  const expected = mismatch(model, value);
  if (expected !== undefined) {
    yield { place, text: `${place.join(".")} should be ${expected}`, fatal: true };
  } else if (isMapping(model) && isMapping(value)) {
    const known = new Map(entriesOf(model) as [string, Value][]);
    if (known.has("conn")) known.set("connect", known.get("conn")!);
    for (const [key, item] of entriesOf(value)) {
      if (typeof key !== "string") continue;
      const inner = [...place, key];
      const part = known.get(key);
      if (part !== undefined) yield* problems(part, item, inner);
      else yield* unknownKey(key, [...known.keys()], inner);
    }
  }
}

/** Only below `kv`, and only if it looks like a mistake: other programs have their own sections. */
function* unknownKey(key: string, known: readonly string[], place: readonly string[]): Generator<ConfigProblem> {
  const section = place.slice(0, -1).join(".");
  const meant = place[0] === "kv" && !more.includes(key) && !open.has(section) ? nearest(key, known) : undefined;
  if (meant !== undefined) {
    yield { place, text: `${place.join(".")} is unknown. Did you mean '${meant}'?`, fatal: false };
  }
}

/** What `value` should be, going by the default; `undefined` if it is. */
function mismatch(model: Value, value: Value): string | undefined {
  if (value === null || model === null) return undefined;
  if (isMapping(model)) return isMapping(value) ? undefined : "a mapping";
  if (Array.isArray(model)) return Array.isArray(value) ? undefined : "a list";
  switch (typeof model) {
    case "number":
      return isNumeric(value) ? undefined : "a number";
    case "boolean":
      return typeof value === "boolean" || isMapping(value) ? undefined : "true or false";
    case "string":
      return typeof value === "string" ? undefined : "a text";
  }
  return value instanceof Path || typeof value === "string" ? undefined : "a path";
}

function isNumeric(value: Value): boolean {
  return typeof value === "number" || value instanceof Float ||
    typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value));
}
