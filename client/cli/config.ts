/**
 * The configuration: defaults, then files, then options.
 *
 * Source: `spec/cli.md` 2.1 and 1.1.
 *
 * @module
 */

import { Path } from "../../wire/path/path.ts";
import { parsePath } from "../../wire/path/parse.ts";
import { Float, type Value } from "../../wire/value.ts";
import { checkConfig } from "./config_check.ts";
import { configDefaults } from "./config_defaults.ts";
import { type ConfigSource, readConfigFiles } from "./config_file.ts";
import type { Override } from "./config_override.ts";
import type { Config, ConfigMap } from "./context.ts";
import { CommandError } from "./errors.ts";
import { changeAt, combine, getAt } from "./mapping.ts";

/** A configuration that is complete. */
export class MergedConfig implements Config {
  readonly root: ConfigMap;
  readonly files: readonly string[];
  readonly #given: Value;

  /** @param given What files and options say @param files Their names */
  constructor(given: ConfigMap, files: readonly string[] = [], removed: readonly Path[] = []) {
    this.#given = given;
    this.files = files;
    const merged = combine(configDefaults(), given);
    this.root = removed.reduce(
      (root, path) => changeAt(root, path.elements, () => undefined) ?? {},
      merged,
    ) as ConfigMap;
  }

  get(path: string | Path): Value | undefined {
    return getAt(this.root, typeof path === "string" ? parsePath(path) : path);
  }

  isGiven(path: string | Path): boolean {
    return getAt(this.#given, typeof path === "string" ? parsePath(path) : path) !== undefined;
  }

  text(path: string, fallback?: string): string | undefined {
    const value = this.get(path) ?? fallback;
    if (value === undefined || typeof value === "string") return value;
    throw new CommandError(`Error: ${path} should be a text`, 2);
  }

  number(path: string, fallback?: number): number | undefined {
    const value = this.get(path) ?? fallback;
    const number = typeof value === "string" && value !== "" || value instanceof Float ? Number(value) : value;
    if (number === undefined || typeof number === "number" && Number.isFinite(number)) return number;
    throw new CommandError(`Error: ${path} should be a number`, 2);
  }

  path(path: string, fallback?: Path): Path | undefined {
    const value = this.get(path) ?? fallback;
    if (typeof value === "string") return parsePath(value);
    if (value === undefined || value instanceof Path) return value;
    throw new CommandError(`Error: ${path} should be a path`, 2);
  }
}

/**
 * Reads the files and applies the options.
 * @param named `-c`; without any the usual places are searched
 * @throws {UsageError} If a named file is not there
 * @throws {CommandError} If something is wrong with a file or an option
 */
export async function loadConfig(
  named: readonly string[],
  overrides: readonly Override[],
  source: ConfigSource,
): Promise<MergedConfig> {
  const files = await readConfigFiles(named, source);
  let given: Value = {};
  for (const file of files) given = combine(given, file.content);
  const removed: Path[] = [];
  for (const { path, value } of overrides) {
    if (value === undefined) removed.push(path);
    given = changeAt(given, path.elements, () => value) ?? {};
  }
  const problem = checkConfig(given).find((problem) => problem.fatal);
  if (problem) throw new CommandError(`Error: ${problem.text}`, 2);
  return new MergedConfig(given as ConfigMap, files.map((file) => file.name), removed);
}
